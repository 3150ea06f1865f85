//! The options of a pack, as typed.

use std::path::PathBuf;
use std::str::FromStr;

use bytesize::ByteSize;
use clap::Args;
use worker_pack::options::{
    Budget, Coding, CommentPattern, Compat, Csp, CspAttributes, CspDirective, DeployConfig,
    Dictionaries, Dotfiles, EarlyHints, Effort, Fidelity, Fingerprints, HeadersOnSsr, HtmlHandling,
    IdentityBodies, Integrity, Keep, MinifiedLanguage, NotFoundHandling, PathRule, PictureQuality,
    Pictures, ServerCode, SiteData, SourceMaps, SpillTo, encoding,
};

#[derive(Debug, Args)]
#[command(next_help_heading = "Files and representations")]
pub(crate) struct PackArguments {
    /// Languages to minify: a list of html, css, js, json, svg and xml, or `off` [default: all].
    /// Code in pages is minified if html is listed too.
    #[arg(long, value_name = "LANGUAGES", value_parser = parse_list::<MinifiedLanguage>)]
    pub(crate) minify: Option<List<MinifiedLanguage>>,
    /// Browsers to compile style sheets for, as a Browserslist query; can be repeated.
    #[arg(long, value_name = "QUERY")]
    pub(crate) css_targets: Vec<String>,
    /// Text of comments that stay, in addition to those that programs are known to read; `*` stands
    /// for any text; can be repeated.
    #[arg(long, value_name = "TEXT")]
    pub(crate) keep_comments: Vec<CommentPattern>,
    /// Content codings to encode with: a list of br and gzip, or `off` [default: br].
    #[arg(long, value_name = "CODINGS", value_parser = parse_encodings)]
    pub(crate) encodings: Option<List<Coding>>,
    /// Effort of compression: fast, balanced or max [default: max].
    #[arg(long, value_name = "EFFORT")]
    pub(crate) effort: Option<Effort>,
    /// Treatment of pictures with `--effort max`: lossless, which makes PNG files smaller and adds WebP
    /// with the same pixels, lossy, which makes photographs smaller with other pixels too, as JPEG, WebP
    /// and AVIF, or off [default: lossless].
    #[arg(long, value_name = "TREATMENT")]
    pub(crate) pictures: Option<Pictures>,
    /// Quality of pictures with `--pictures lossy`: the least score of SSIMULACRA2, from 30 to 95
    /// [default: 75].
    #[arg(long, value_name = "SCORE")]
    pub(crate) picture_quality: Option<PictureQuality>,
    /// Source of bodies for clients that accept no content coding: auto, stored or decoded
    /// [default: auto, which is decoded with `--target worker` and stored otherwise].
    #[arg(long, value_name = "SOURCE")]
    pub(crate) identity: Option<IdentityBodies>,
    /// Treatment of source maps: leave-out, write, which writes those of minified scripts into the folder
    /// `source-maps` of the output and adds debug ids, or publish [default: leave-out].
    #[arg(long, value_name = "ACTION")]
    pub(crate) source_maps: Option<SourceMaps>,
    /// Treatment of hidden files outside `.well-known`: leave-out or publish [default: leave-out].
    #[arg(long, value_name = "ACTION")]
    pub(crate) dotfiles: Option<Dotfiles>,
    /// Settings of some files, such as `/examples/** minify=off` or `/fonts/* cache=immutable`: one or
    /// more of minify, encodings (a list or off), publish (true or false), cache (immutable,
    /// revalidate, no-store or directives) and content-type. Can be repeated; for each setting the
    /// last match counts.
    #[arg(long, value_name = "PATHS SETTING=VALUE")]
    pub(crate) rule: Vec<PathRule>,
    /// Limit of what the site, its pages or some files may cost, such as `170 kB page=/blog/*`; can be
    /// repeated. After the limit: page=, type=, file=, coding=, name=.
    #[arg(long, value_name = "BUDGET")]
    pub(crate) budgets: Vec<Budget>,
    /// Keep the hashed files of earlier builds public, so that open pages still find their scripts after a
    /// deployment: on, off, a number of builds, or some of builds=20, max-age=7d, max-bytes=20MB and
    /// store=FOLDER [default: off].
    #[arg(long, value_name = "KEEP")]
    pub(crate) keep: Option<Keep>,
    /// Files that get a second URL with the hash of their bytes, which never expires: public (pictures, fonts,
    /// media, style sheets and scripts that pages load), all (also those that the build has named by other bytes) or
    /// off [default: off].
    #[arg(long, value_name = "FINGERPRINTS")]
    pub(crate) fingerprints: Option<Fingerprints>,
    /// `integrity` attributes of scripts and style sheets in pages, by which browsers check what they load: add
    /// (for files whose URLs never get other bytes), modules (also those that modules import, by import maps) or off
    /// [default: off].
    #[arg(long, value_name = "INTEGRITY")]
    pub(crate) integrity: Option<Integrity>,
    #[command(flatten)]
    pub(crate) responses: ResponseArguments,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "URLs and responses")]
pub(crate) struct ResponseArguments {
    /// Send `Link` headers for preloads, which Cloudflare turns into Early Hints: on or off
    /// [default: off].
    #[arg(long, value_name = "SWITCH")]
    pub(crate) early_hints: Option<EarlyHints>,
    /// Dictionaries with which browsers fetch only what is new: pages (another page of the site), deltas (earlier
    /// versions of files), on (both) or off [default: off].
    #[arg(long, value_name = "DICTIONARIES")]
    pub(crate) dictionaries: Option<Dictionaries>,
    /// Content security policies for pages: hashes (of the inline code that each page ships, and the sources of
    /// what it loads), strict-dynamic (also the hashes of scripts, in place of their hosts) or off [default: off].
    #[arg(long, value_name = "CSP")]
    pub(crate) csp: Option<Csp>,
    /// `style` attributes and event handlers in pages with such a policy: block, or hash, which allows those
    /// that a page ships [default: block].
    #[arg(long, value_name = "ATTRIBUTES")]
    pub(crate) csp_attributes: Option<CspAttributes>,
    /// Directive to add to such policies, such as `script-src https://example.com`; may be repeated.
    #[arg(long, value_name = "DIRECTIVE")]
    pub(crate) csp_add: Vec<CspDirective>,
    /// Asset server to match: workers (Workers Static Assets) or pages [default: pages for a project
    /// of Pages, else workers].
    #[arg(long, value_name = "SERVER")]
    pub(crate) compat: Option<Compat>,
    /// URLs of pages: auto-trailing-slash, force-trailing-slash, drop-trailing-slash or none
    /// [default: as in wrangler.jsonc, else auto-trailing-slash].
    #[arg(long, value_name = "HANDLING")]
    pub(crate) html_handling: Option<HtmlHandling>,
    /// Response when no file matches: 404-page, which is a plain 404 if the site has no such page,
    /// single-page-application or none [default: as in wrangler.jsonc, else 404-page].
    #[arg(long, value_name = "HANDLING")]
    pub(crate) not_found_handling: Option<NotFoundHandling>,
    /// Fidelity to Cloudflare: improved, which is closer to the RFCs, or strict, which matches
    /// Cloudflare exactly [default: improved].
    #[arg(long, value_name = "FIDELITY")]
    pub(crate) fidelity: Option<Fidelity>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Options of --target worker and rust-worker")]
pub(crate) struct WorkerArguments {
    /// Engine, a WebAssembly module [default: the embedded one].
    #[arg(long, value_name = "FILE", env = "WORKER_PACK_ENGINE", hide_env_values = true)]
    pub(crate) engine: Option<PathBuf>,
    /// Apply the rules of `_headers` to the server's responses too: off, on or with-policies [default: off].
    #[arg(long, value_name = "SWITCH")]
    pub(crate) headers_on_ssr: Option<HeadersOnSsr>,
    /// Form of the server's modules: minified, minified-names or original [default: minified].
    #[arg(long, value_name = "FORM")]
    pub(crate) server_code: Option<ServerCode>,
    /// Minimum size of files that move out of the Worker, such as `1 MB` [default: none].
    #[arg(long, value_name = "SIZE")]
    pub(crate) spill_above: Option<ByteSize>,
    /// Maximum size of all files in the Worker; others move out of it [default: what the size limit
    /// leaves].
    #[arg(long, value_name = "SIZE")]
    pub(crate) budget: Option<ByteSize>,
    /// Place of files that move out of the Worker: static-assets, which are Workers Static Assets, r2,
    /// or both, which is R2 for files that are too large for the former [default: static-assets].
    #[arg(long, value_name = "PLACE")]
    pub(crate) spill_to: Option<SpillTo>,
    /// Configuration that wrangler finds without `--config`: kept, which is that of the unpacked build,
    /// or packed [default: kept].
    #[arg(long, value_name = "CONFIGURATION")]
    pub(crate) deploy_config: Option<DeployConfig>,
    /// Place of the site in a Worker in Rust: compiled into the program, or modules beside it, for which
    /// a changed page does not compile the program again [default: compiled].
    #[arg(long, value_name = "PLACE")]
    pub(crate) site_data: Option<SiteData>,
    #[command(
        flatten,
        next_help_heading = "Limits of the platform, with --target worker or rust-worker"
    )]
    pub(crate) limits: LimitArguments,
}

#[derive(Debug, Args)]
#[expect(clippy::struct_field_names, reason = "the prefix is part of the flags")]
pub(crate) struct LimitArguments {
    /// Maximum size of all modules [default: 64 MiB].
    #[arg(long, value_name = "SIZE")]
    pub(crate) limit_size: Option<ByteSize>,
    /// Sizes of all modules under gzip above which to warn, or `off` [default: 3 MB,10 MB].
    #[arg(long, value_name = "SIZES", value_parser = parse_list::<ByteSize>)]
    pub(crate) limit_gzip_marks: Option<List<ByteSize>>,
    /// Maximum memory of an isolate [default: 128 MB].
    #[arg(long, value_name = "SIZE")]
    pub(crate) limit_memory: Option<ByteSize>,
    /// Estimated start-up time above which to warn, in milliseconds [default: 500].
    #[arg(long, value_name = "MILLISECONDS")]
    pub(crate) limit_startup_mark: Option<u32>,
    /// Maximum size of a file in Workers Static Assets [default: 25 MiB].
    #[arg(long, value_name = "SIZE")]
    pub(crate) limit_static_asset: Option<ByteSize>,
    /// Maximum number of files in Workers Static Assets [default: 20000].
    #[arg(long, value_name = "COUNT")]
    pub(crate) limit_static_assets: Option<usize>,
    /// Maximum size of a file that wrangler uploads to R2 [default: 300 MiB].
    #[arg(long, value_name = "SIZE")]
    pub(crate) limit_r2_upload: Option<ByteSize>,
}

/// A list, separated by commas. The texts `off` and `none` are the empty one.
#[derive(Clone, Debug)]
pub(crate) struct List<T>(pub(crate) Vec<T>);

fn parse_list<T: FromStr<Err = String>>(text: &str) -> Result<List<T>, String> {
    parse_list_with(text, str::parse)
}

fn parse_encodings(text: &str) -> Result<List<Coding>, String> {
    parse_list_with(text, encoding)
}

fn parse_list_with<T>(
    text: &str,
    parse: impl Fn(&str) -> Result<T, String>,
) -> Result<List<T>, String> {
    match text {
        "off" | "none" => Ok(List(Vec::new())),
        list => list.split(',').map(parse).collect::<Result<_, _>>().map(List),
    }
}
