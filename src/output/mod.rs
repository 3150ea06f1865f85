//! Stage 5: makes the output of a target from the table, and writes it.
//!
//! A new target is a variant of [`Target`], a file or folder here, and an arm of [`write`].

mod content;
pub(crate) mod folder;
pub(crate) mod manifest;
pub(crate) mod memory;
mod routed;
mod rust_module;
pub(crate) mod served;
mod shards;
pub(crate) mod source_maps;
mod staging;
pub(crate) mod table_binary;
pub(crate) mod worker;
mod written;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::asset::digest::ContentHash;
use crate::cache::Cache;
use crate::feedback::error::PackError;
use crate::feedback::findings::Findings;
use crate::ingest::{LargeFiles, ServerModulesAre, Site, Treatment};
use crate::options::{Options, SpillTo};
use crate::project::Project;
use crate::references::ServerNames;
use crate::source_map::SourceMapFile;
use crate::tabulate::AssetTable;
use served::ServedTable;
use worker::{RustWorkerTarget, WorkerReport, WorkerTarget};
pub(crate) use written::OutputFiles;

/// The output to make from a site.
#[derive(Clone, Debug, Default)]
pub enum Target {
    /// A table in this process, to look at or to answer requests from. Nothing is written, and large
    /// bodies are not held in memory.
    #[default]
    Memory,
    /// A Rust module for Workers written in Rust: `assets.rs`, the bodies that it includes, and
    /// `manifest.json`, in this folder.
    ///
    /// Files whose bytes are the same are not touched, so that Cargo does not recompile what
    /// depends on them.
    RustModule(PathBuf),
    /// A complete Worker for JavaScript hosts, which wrangler deploys. It needs no Rust.
    Worker(WorkerTarget),
    /// Everything of a Worker in Rust except for its program: the module that this includes, the
    /// site's server, files for Workers Static Assets, and the configuration for wrangler.
    RustWorker(RustWorkerTarget),
}

impl Target {
    /// Returns the output folder. Returns `None` for a table in memory.
    pub(crate) fn folder(&self) -> Option<PathBuf> {
        match self {
            Self::Memory => None,
            Self::RustModule(out) => Some(out.clone()),
            Self::Worker(worker) => Some(worker.out.clone()),
            Self::RustWorker(worker) => Some(worker.out()),
        }
    }

    /// Returns the choices of the target on which earlier stages depend.
    pub(crate) fn treatment(&self) -> Treatment {
        let options = match self {
            Self::Memory | Self::RustModule(_) => return Treatment::NONE,
            Self::Worker(WorkerTarget { options, .. })
            | Self::RustWorker(RustWorkerTarget { options, .. }) => options,
        };
        let large_files = match options.spill_to {
            SpillTo::StaticAssets => LargeFiles::Warned,
            SpillTo::R2 | SpillTo::Both => LargeFiles::Movable,
        };
        Treatment {
            large_files,
            headers_on_ssr: options.headers_on_ssr,
            server: ServerModulesAre::Shipped,
        }
    }

    /// Identifies the target and its options in a cache key. The output folder is not included.
    pub(crate) fn key(&self) -> String {
        match self {
            Self::Memory => "memory".to_owned(),
            Self::RustModule(_) => "rust module".to_owned(),
            Self::Worker(WorkerTarget { out: _, engine, options }) => {
                format!("worker {options:?} {}", ContentHash::of(engine.bytes()))
            }
            Self::RustWorker(RustWorkerTarget { root: _, options }) => {
                format!("rust worker {options:?}")
            }
        }
    }
}

/// Assembles the Worker of a target without writing it, for its diagnostics and its report.
///
/// # Errors
/// If it cannot be assembled.
#[cfg(feature = "cli")]
pub(crate) fn examine(
    target: &Target,
    input: Input<'_>,
    findings: &mut Findings,
) -> Result<Option<worker::ExaminedWorker>, PackError> {
    match target {
        Target::Memory | Target::RustModule(_) => Ok(None),
        Target::Worker(target) => worker::examine(input, target, findings).map(Some),
        Target::RustWorker(target) => worker::examine_rust(input, target, findings).map(Some),
    }
}

/// The input of a target.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Input<'i> {
    pub(crate) site: &'i Site,
    pub(crate) project: &'i Project,
    pub(crate) table: &'i AssetTable,
    /// The fingerprints that the modules of the server get.
    pub(crate) server_names: &'i ServerNames,
    pub(crate) options: &'i Options,
    pub(crate) cache: &'i Cache,
    /// The output of the last run, if it is known.
    pub(crate) earlier: &'i Earlier,
}

/// The output of the last run. Unchanged parts of it are neither read nor written again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Earlier {
    pub(crate) files: OutputFiles,
    pub(crate) table: Option<Arc<ServedTable>>,
}

impl Earlier {
    /// Describes an output to the next run.
    pub(crate) fn of(output: &Output) -> Self {
        match output {
            Output::Memory(table) => Self { table: Some(Arc::clone(table)), ..Self::default() },
            Output::Folder { files, .. } => Self { files: files.clone(), ..Self::default() },
        }
    }
}

/// The output of a target.
#[derive(Debug)]
pub(crate) enum Output {
    /// A table in memory.
    Memory(Arc<ServedTable>),
    /// Files in a folder.
    Folder {
        /// The numbers of written, unchanged and removed files.
        emitted: Emitted,
        /// The state of the files after writing.
        files: OutputFiles,
        /// The report on the Worker, if the target is one.
        worker: Option<Box<WorkerReport>>,
        /// The source maps of the server's modules, which are not written yet.
        maps: Vec<SourceMapFile>,
    },
}

impl Output {
    /// Adds source maps.
    fn with_maps(self, maps: Vec<SourceMapFile>) -> Self {
        match self {
            Self::Folder { emitted, files, worker, .. } => {
                Self::Folder { emitted, files, worker, maps }
            }
            memory @ Self::Memory(_) => memory,
        }
    }

    /// Adds an output in a folder of this one.
    fn with(self, other: Self, folder: &str) -> Self {
        match (self, other) {
            (
                Self::Folder { mut emitted, mut files, worker, maps },
                Self::Folder { emitted: other, files: others, .. },
            ) => {
                emitted.written += other.written;
                emitted.unchanged += other.unchanged;
                emitted.removed += other.removed;
                files.add_below(folder, others);
                Self::Folder { emitted, files, worker, maps }
            }
            (output, _) => output,
        }
    }
}

/// The numbers of files that a run wrote, left alone and removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Emitted {
    /// The output folder.
    pub folder: PathBuf,
    /// True if the folder contained no output before.
    pub is_new: bool,
    /// Number of new or changed files.
    pub written: usize,
    /// Number of files that had the same bytes before, and were not touched.
    pub unchanged: usize,
    /// Number of files of an earlier output that were removed.
    pub removed: usize,
}

/// Makes the output of a target, and writes it.
///
/// # Errors
/// If the output folder is the packed folder or inside it, or cannot be written. A Worker also
/// fails if its server cannot be read, or if it exceeds a limit of the platform. The output folder
/// is then unchanged.
pub(crate) fn write(
    target: &Target,
    input: Input<'_>,
    findings: &mut Findings,
) -> Result<Output, PackError> {
    if let Some(out) = target.folder() {
        reject_out_in_dist(&out, &input.project.folder)?;
    }
    match target {
        Target::Memory => {
            let earlier = input.earlier.table.as_deref();
            let table = ServedTable::new(input.table, input.site, earlier)?;
            Ok(Output::Memory(Arc::new(table)))
        }
        Target::RustModule(out) => rust_module::write(input, out),
        Target::Worker(worker) => worker::write(input, worker, findings),
        Target::RustWorker(worker) => worker::write_rust(input, worker, findings),
    }
}

/// Rejects an output folder inside the packed folder, since the next run would pack the output.
fn reject_out_in_dist(out: &Path, dist: &Path) -> Result<(), PackError> {
    let absolute = std::path::absolute(out).unwrap_or_else(|_| out.to_owned());
    // The output folder may not exist yet. Its nearest existing ancestor decides.
    let existing = absolute.ancestors().find_map(|ancestor| ancestor.canonicalize().ok());
    if existing.is_some_and(|existing| existing.starts_with(dist)) {
        let message = "it is inside the packed folder; choose another output folder";
        return Err(PackError::OutputInTheWay { path: out.to_owned(), message });
    }
    Ok(())
}

/// The name by which worker-pack recognises its own files.
pub(crate) const GENERATOR: &str = "worker-pack";

/// The name of the manifest in an output folder.
pub(crate) const MANIFEST: &str = "manifest.json";
