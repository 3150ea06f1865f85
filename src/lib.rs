//! Packs what `astro build` wrote into a Rust module table that a Cloudflare Worker serves by
//! itself: minified, Brotli-compressed, with the right headers and cache policy.
//!
//! [`Pack`] is the front door. The modules behind it are the stages of the pipeline, each a
//! function from one noun to the next:
//!
//! | stage | from | to |
//! | --- | --- | --- |
//! | `ingest` | a folder | `Site`: every file, public or left out with a reason |
//! | `transform` | `Site` | `Transformed`: minified where that is safe |
//! | `compress` | `Transformed` | `CompressedFile`s: hashed, with the encodings worth having |
//! | `tabulate` | `CompressedFile`s | [`AssetTable`]: sorted routes with their headers |
//! | `bundle` | [`AssetTable`] | a Worker for JavaScript hosts, in memory |
//! | `emit` | [`AssetTable`] | `assets.rs`, its bodies and `manifest.json` in a folder |
//!
//! The library prints nothing of its own. What there is to say is in the [`Report`], or in a
//! [`PackError`].

mod bundle;
mod cache_policy;
mod compress;
mod diagnostic;
mod digest;
mod emit;
mod error;
mod image;
mod ingest;
mod media_type;
mod options;
mod pack;
mod parallel;
mod path;
mod progress;
mod report;
mod rules;
mod tabulate;
mod transform;
mod wrangler_config;

pub use bundle::{
    Engine, HeadersOnSsr, Limits, Part, ServerCode, ServerSummary, Weight, WorkerOptions,
    WorkerReport,
};
pub use cache_policy::{CachePolicy, CacheRule, PathPattern};
pub use diagnostic::{Diagnostic, Excerpt, Severity, Stage};
pub use digest::{Blob, ContentHash};
pub use emit::Emitted;
pub use error::PackError;
pub use image::TableImage;
pub use ingest::{Layout, LeftOut, LeftOutReason, find_dist};
pub use media_type::MediaType;
pub use options::{
    Coding, Dotfiles, EarlyHints, IdentityBodies, MinifiedLanguage, Options, SourceMaps, Strictness,
};
pub use pack::{EmittedPack, Pack, Packed};
pub use path::RoutePath;
pub use progress::{Progress, Silent};
pub use report::{FileReport, Report, RulesReport, Sizes};
pub use tabulate::{AssetEntry, AssetTable};
pub use transform::{KeptReason, Outcome};
pub use worker_pack_runtime::behaviour::{
    Behaviour, Compat, Fidelity, HtmlHandling, NotFoundHandling,
};
