//! Packs what `astro build` wrote into a Rust module table that a Cloudflare Worker serves by
//! itself: minified, Brotli-compressed, with the right headers and cache policy.
//!
//! [`Pack`] is the front door. The modules behind it are the stages of the pipeline, each a
//! function from one noun to the next:
//!
//! | stage | from | to |
//! | --- | --- | --- |
//! | `ingest` | a folder | `Site`: every file, public or left out with a reason |
//! | `survey` | `Site` | `Survey`: what the pages say of the files |
//! | `represent` | `Site`, `Survey` | `Represented`: minified where that is safe, hashed, with the encodings worth having |
//! | `tabulate` | `Represented` | [`AssetTable`]: sorted routes with their headers |
//! | `bundle` | [`AssetTable`] | a Worker for JavaScript hosts, in memory |
//! | `emit` | [`AssetTable`] | `assets.rs`, its bodies and `manifest.json` in a folder |
//!
//! The library prints nothing of its own. What there is to say is in the [`Report`], or in a
//! [`PackError`].

mod asset;
mod cache;
mod coding;
mod feedback;
mod ingest;
mod options;
mod output;
mod pack;
mod parallel;
mod project;
mod represent;
mod rules;
mod survey;
mod tabulate;
mod transform;

pub use asset::blob::Blob;
pub use asset::cache_policy::{CachePolicy, CacheRule, PathPattern};
pub use asset::digest::ContentHash;
pub use asset::media_type::MediaType;
pub use asset::route::RoutePath;
pub use cache::{CacheLocation, CacheStats, clean as clean_cache, stats as cache_stats};
pub use feedback::diagnostic::{Diagnostic, Excerpt, Severity, Stage};
pub use feedback::error::PackError;
pub use feedback::progress::{Progress, Silent};
pub use feedback::timings::{FileTime, StageTime, Timings};
pub use ingest::{LeftOut, LeftOutReason};
pub use options::{
    Coding, Dotfiles, EarlyHints, Effort, IdentityBodies, MinifiedLanguage, Options, SourceMaps,
    Strictness,
};
pub use output::Emitted;
pub use output::table_binary::TableImage;
pub use output::worker::{
    Engine, HeadersOnSsr, Limits, Part, ServerCode, ServerSummary, Weight, WorkerOptions,
    WorkerReport,
};
pub use pack::Pack;
pub use pack::live::LivePack;
pub use pack::packed::{EmittedPack, Packed};
pub use pack::report::{FileReport, Report, RulesReport, Sizes};
pub use project::layout::{Layout, find_dist};
pub use tabulate::{AssetEntry, AssetTable};
pub use transform::{KeptReason, Outcome};
pub use worker_pack_runtime::behaviour::{
    Behaviour, Compat, Fidelity, HtmlHandling, NotFoundHandling,
};
