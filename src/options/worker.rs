//! The options of a Worker for JavaScript hosts.

use bytesize::ByteSize;
use serde::Deserialize;

use crate::named::named;

/// The options of a Worker for JavaScript hosts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct WorkerOptions {
    /// Application of the site's header rules to the server's responses. Default: off, as on
    /// Cloudflare.
    pub headers_on_ssr: HeadersOnSsr,
    /// The form in which the server's modules ship. Default: minified.
    pub server_code: ServerCode,
    /// The minimum size of files that move out of the Worker. Default: none.
    pub spill_above: Option<ByteSize>,
    /// The maximum size of all bodies in the Worker. Others move out of it. Default: the room that the
    /// size limit leaves.
    pub budget: Option<ByteSize>,
    /// The place of files that move out of the Worker. Default: Workers Static Assets.
    pub spill_to: SpillTo,
    /// The configuration that wrangler finds without `--config`. Default: kept, so that of the unpacked
    /// build if the adapter wrote one.
    pub deploy_config: DeployConfig,
    /// The place of the table and of the bodies of a Worker in Rust. Default: its program.
    pub site_data: SiteData,
    /// The limits of the platform.
    pub limits: Limits,
}

named! {
    /// Application of the site's header rules to the server's responses.
    #[derive(Default)]
    pub enum HeadersOnSsr {
        /// The server's responses are unchanged.
        #[default]
        Off = "off",
        /// The rules apply to them as to assets.
        On = "on",
        /// The rules apply, and a response without `Cache-Control` gets the policy of the rules by path.
        WithPolicies = "with-policies",
    }
}

named! {
    /// The form in which the server's modules ship.
    #[derive(Default)]
    pub enum ServerCode {
        /// Minified, but with the names of functions and classes, which a running program can
        /// read.
        #[default]
        Minified = "minified",
        /// Minified, with these names too.
        MinifiedNames = "minified-names",
        /// As Astro wrote them, but without comments that point to source maps, without paths of the machine
        /// that built them, and with the fingerprints of public files.
        Original = "original",
    }
}

named! {
    /// The place of files that move out of the Worker.
    #[derive(Default)]
    pub enum SpillTo {
        /// Workers Static Assets, which wrangler uploads when it deploys the Worker.
        #[default]
        StaticAssets = "static-assets",
        /// An R2 bucket, into which the user uploads them before.
        R2 = "r2",
        /// Workers Static Assets up to [`Limits::static_asset`], R2 above it.
        Both = "both",
    }
}

named! {
    /// The configuration that wrangler finds without `--config`, by `.wrangler/deploy/config.json`.
    #[derive(Default)]
    pub enum DeployConfig {
        /// As it is: that of the unpacked build, if the adapter wrote one.
        #[default]
        Kept = "kept",
        /// That of the packed Worker.
        Packed = "packed",
    }
}

named! {
    /// The place of the table and of the bodies of a Worker in Rust.
    #[derive(Default)]
    pub enum SiteData {
        /// The program, into which they are compiled.
        #[default]
        Compiled = "compiled",
        /// Modules beside the program, which gets the table when it starts. So a changed page does not
        /// change the program.
        Modules = "modules",
    }
}

/// The limits of the platform. A Worker that exceeds a limit fails the pack. One that exceeds a
/// mark causes a warning.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Limits {
    /// Maximum size of all modules. Default: 64 MiB, Cloudflare's limit on all plans.
    pub size: ByteSize,
    /// Marks for the size of all modules under gzip. Default: 3 MB and 10 MB, the former limits of
    /// the free and the paid plan, which still apply to some accounts.
    pub gzip_marks: Vec<ByteSize>,
    /// Maximum memory of an isolate. Default: 128 MB.
    pub memory: ByteSize,
    /// Mark for the estimated start-up time, in milliseconds. Default: 500, half of what Cloudflare
    /// allows.
    pub startup_mark: u32,
    /// Maximum size of a file in Workers Static Assets. Default: 25 MiB.
    pub static_asset: ByteSize,
    /// Maximum number of files in Workers Static Assets. Default: 20,000, as on the free plan.
    pub static_assets: usize,
    /// Maximum size of a file that wrangler uploads to R2. Default: 300 MiB.
    pub r2_upload: ByteSize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            size: ByteSize::mib(64),
            gzip_marks: vec![ByteSize::mb(3), ByteSize::mb(10)],
            memory: ByteSize::mb(128),
            startup_mark: 500,
            static_asset: ByteSize::mib(25),
            static_assets: 20_000,
            r2_upload: ByteSize::mib(300),
        }
    }
}
