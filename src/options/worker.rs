//! The options of a Worker for JavaScript hosts.

use bytesize::ByteSize;
use serde::Deserialize;

use crate::named::named;

/// The options of a Worker for JavaScript hosts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct WorkerOptions {
    /// Whether the header rules of the site are for the server's answers too. Default: they are not,
    /// as on Cloudflare.
    pub headers_on_ssr: HeadersOnSsr,
    /// The form in which the server's modules ship. Default: minified.
    pub server_code: ServerCode,
    /// Files of at least this size go to Workers Static Assets. Default: none does for its size.
    pub spill_above: Option<ByteSize>,
    /// How many bytes of bodies the Worker may hold; what is beyond goes to Workers Static Assets.
    /// Default: what the limit of its size leaves.
    pub budget: Option<ByteSize>,
    /// What the platform takes.
    pub limits: Limits,
}

named! {
    /// Whether the header rules of the site are for the server's answers too.
    #[derive(Default)]
    pub enum HeadersOnSsr {
        /// The server's answers stay as they are.
        #[default]
        Off = "off",
        /// They are changed by the rules as those of assets are.
        On = "on",
    }
}

named! {
    /// The form in which the server's modules ship.
    #[derive(Default)]
    pub enum ServerCode {
        /// Minified.
        #[default]
        Minified = "minified",
        /// As Astro wrote them, but without comments that point to source maps.
        Original = "original",
    }
}

/// What a Worker is weighed against. What is above a limit fails the pack; what is above a mark is
/// warned of.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Limits {
    /// The size of all modules. Default: 64 MiB, Cloudflare's limit on all plans.
    pub size: ByteSize,
    /// The size of all modules under gzip from which on there is a warning. Default: 3 MB and 10 MB,
    /// which used to be the limits of the free and the paid plan and still are for some accounts.
    pub gzip_marks: Vec<ByteSize>,
    /// The memory of an isolate. Default: 128 MB.
    pub memory: ByteSize,
    /// The estimated time to start, in milliseconds, from which on there is a warning. Default: half
    /// of the second that Cloudflare allows.
    pub startup_mark: u32,
    /// The size of a single file of Workers Static Assets. Default: 25 MiB.
    pub static_asset: ByteSize,
    /// How many files of Workers Static Assets there may be. Default: 20,000, as on the free plan.
    pub static_assets: usize,
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
        }
    }
}
