//! Packs the output of `astro build` into a table of assets that a Cloudflare Worker serves itself:
//! minified, compressed with Brotli, with the right headers and cache policy.
//!
//! [`Pack`] is the front door. A [`Target`] is the output to make: a Rust module, a complete Worker
//! for JavaScript hosts, or a table in memory. The library prints nothing: results are in the
//! [`Report`], failures in a [`PackError`].
//!
//! # In a build script
//! ```no_run
//! use worker_pack::{Pack, Target};
//!
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let out = std::env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?;
//!     let packed = Pack::from_dir("dist").target(Target::RustModule(out.into())).emit()?;
//!     print!("{}", packed.cargo_directives());
//!     Ok(())
//! }
//! ```
//!
//! # In a program that inspects the table
//! ```
//! use worker_pack::cache::CacheLocation;
//! use worker_pack::options::Coding;
//! use worker_pack::{Options, Pack};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let site = tempfile::tempdir()?;
//! # std::fs::write(site.path().join("index.html"), "<p>  Hello!  </p>\n".repeat(40))?;
//! # let site = site.path();
//! let options = Options { encodings: [Coding::Brotli, Coding::Gzip].into(), ..Options::default() };
//! let packed = Pack::from_dir(site).options(options).cache(CacheLocation::Nowhere).run()?;
//! for asset in packed.table().entries() {
//!     let sizes: Vec<_> = asset.encoded.iter().map(|(coding, body)| (coding, body.len())).collect();
//!     println!("{} {} {sizes:?}", asset.route, asset.content_type);
//! }
//! assert_eq!(packed.report().totals.files, 1);
//! # Ok(()) }
//! ```
//!
//! # In a test that requests pages
//! ```
//! use worker_pack::Pack;
//! use worker_pack_runtime::{Method, Request};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let site = tempfile::tempdir()?;
//! # std::fs::create_dir(site.path().join("about"))?;
//! # std::fs::write(site.path().join("about/index.html"), "<p>About us")?;
//! # let site = site.path();
//! # let cache = worker_pack::cache::CacheLocation::Nowhere;
//! let packed = Pack::from_dir(site).cache(cache).emit()?;
//! let memory = packed.table().ok_or("the default target is memory")?;
//! let table = memory.table();
//! let reply = table.respond(&Request::new(Method::Get, "/about/")).ok_or("no such page")?;
//! assert_eq!(reply.status(), 200);
//! # Ok(()) }
//! ```
//!
//! # Stages
//! [`Pack::emit`] runs the stages in this order, each a function from one noun to the next:
//!
//! | stage | function | result |
//! | --- | --- | --- |
//! | `check` | `LastRun::look` | whether anything has changed since the last run |
//! | `ingest` | `ingest::ingest` | `Site`: every file, public or left out with a reason |
//! | `survey` | `survey::survey` | `Survey`: the uses of the files, read from the pages |
//! | `represent` | `represent::represent` | `Represented`: files minified where that is safe, hashed and encoded |
//! | `tabulate` | `tabulate::tabulate` | [`AssetTable`](table::AssetTable): sorted routes with their headers |
//! | `output` | `output::write` | the target's files, or the table in memory |

mod asset;
mod budget;
mod built;
pub mod cache;
mod coding;
#[cfg(feature = "dictionaries")]
mod dictionary;
mod difference;
mod disk;
mod exposure;
mod feedback;
#[cfg(feature = "fuzz")]
#[doc(hidden)]
pub mod fuzz;
mod ingest;
#[cfg(feature = "cli")]
mod inspection;
#[cfg(feature = "cli")]
mod migration;
mod named;
pub mod options;
mod output;
mod pack;
mod parallel;
mod picture;
mod policy;
#[cfg(feature = "cli")]
mod probe;
mod project;
mod references;
mod represent;
mod retention;
mod rules;
mod site_weight;
mod source_map;
mod survey;
mod tabulate;
mod transform;
mod visit;
mod weight;

pub use built::Weighing;
pub use difference::Comparison;
pub use feedback::error::PackError;
#[cfg(feature = "cli")]
pub use inspection::{Denied, Inspection};
#[cfg(feature = "cli")]
pub use migration::{Migration, MigrationError, MigrationPlan};
pub use options::Options;
pub use output::Target;
pub use pack::Pack;
pub use pack::live::{Changes, LivePack};
pub use pack::packed::{EmittedPack, Packed};
pub use pack::report::Report;
#[cfg(feature = "cli")]
pub use probe::{Probe, ProbeError};
pub use site_weight::SiteWeighing;

/// The parts of a [`Target`].
pub mod target {
    pub use crate::output::worker::{Engine, RustWorkerTarget, WorkerTarget};
}

/// The parts of a [`Migration`] and of its plan.
#[cfg(feature = "cli")]
pub mod migrate {
    pub use crate::migration::{
        Answers, FileEdit, MigrationTarget, OtherAdapter, PackageManager, Question, Remark,
        RemarkKind,
    };
}

/// The parts of a [`Probe`] and of its report.
#[cfg(feature = "cli")]
pub mod probing {
    pub use crate::probe::{
        Asked, Bounds, CanaryReport, CanaryRound, CanaryState, Certificates, Check, ComparedReport,
        DeploymentReport, Expected, FindingClass, FirstAnswer, HeaderField, Latency, Pause,
        ProbeFinding, ProbeLimits, ProbeProgress, ProbeReport, ProbeSource, SideDifference, Unseen,
        Watch,
    };
}

/// The assets of a packed site.
pub mod table {
    pub use crate::asset::blob::Blob;
    pub use crate::asset::digest::ContentHash;
    pub use crate::asset::media_type::MediaType;
    pub use crate::asset::route::RoutePath;
    pub use crate::asset::variant::Variant;
    pub use crate::output::memory::MemoryTable;
    pub use crate::output::served::{OpenBody, ServedBody, ServedTable};
    pub use crate::tabulate::{AssetEntry, AssetTable};
}

/// The parts of an [`Inspection`].
#[cfg(feature = "cli")]
pub mod check {
    pub use crate::inspection::allowance::{
        Allowance, AllowancePlace, AllowedFinding, AllowedPath,
    };
    pub use crate::inspection::date::Date;
    pub use crate::inspection::start::Start;
}

/// The parts of a [`Report`], diagnostics, timings and progress.
pub mod report {
    pub use crate::asset::dictionary::DictionaryOrigin;
    pub use crate::built::{KindSize, ModuleReport, PartKind, Upload, WeightReport};
    pub use crate::difference::{
        Change, DifferenceReport, DifferenceTotals, FieldChange, RouteChange, RuleChange, Sent,
        Side,
    };
    pub use crate::feedback::budget::{BudgetReport, Culprit};
    pub use crate::feedback::code::{Code, CodeGroup};
    pub use crate::feedback::diagnostic::{Diagnostic, Excerpt, Severity};
    pub use crate::feedback::printable::{Printable, PrintableLines, PrintablePath};
    pub use crate::feedback::progress::{Progress, Silent};
    pub use crate::feedback::stage::Stage;
    pub use crate::feedback::timings::{FileTime, StageTime, Timings};
    pub use crate::ingest::{LeftOut, LeftOutReason};
    #[cfg(feature = "cli")]
    pub use crate::inspection::report::InspectionReport;
    pub use crate::options::Identity;
    pub use crate::output::Emitted;
    pub use crate::output::worker::{Bucket, ProgramIs, R2Report, ServerSummary, WorkerReport};
    pub use crate::pack::dictionaries::DictionaryReport;
    pub use crate::pack::report::{
        FileReport, PathRuleReport, RulesReport, Sizes, UnknownPaths, VariantReport,
    };
    pub use crate::project::layout::Layout;
    pub use crate::references::{
        FingerprintReport, IntegrityReason, IntegrityReport, NameReason, TextPlace,
    };
    pub use crate::retention::KeptReport;
    pub use crate::site_weight::SiteWeight;
    pub use crate::transform::{Outcome, UntouchedReason};
    pub use crate::visit::{
        Freshness, HEIGHT, Load, LoadKind, LoadTime, PageWeight, Traffic, WIDTH,
    };
    pub use crate::weight::limits::{Bound, Quantity, Share};
    pub use crate::weight::{Part, Weight};
}
