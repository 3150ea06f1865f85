//! Stage 5: makes the output of a target from the table. The only stage that writes.
//!
//! A new target is a variant of [`Target`], a file or folder here, and an arm of [`write`].

mod content;
mod folder;
pub(crate) mod manifest;
pub(crate) mod memory;
mod rust_module;
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
use crate::options::Options;
use crate::project::Project;
use crate::tabulate::AssetTable;
use memory::MemoryTable;
use worker::{WorkerReport, WorkerTarget};
pub(crate) use written::OutputFiles;

/// The use that a site is packed for.
#[derive(Clone, Debug, Default)]
pub enum Target {
    /// A table in this process, to look at or to answer requests from. Nothing is written.
    #[default]
    Memory,
    /// A Rust module for Workers written in Rust: `assets.rs`, the bodies that it includes, and
    /// `manifest.json`, in this folder.
    ///
    /// Files with the same bytes are not touched, so that nothing that depends on them is compiled
    /// again.
    RustModule(PathBuf),
    /// A whole Worker for JavaScript hosts, which wrangler deploys. It needs no Rust.
    Worker(WorkerTarget),
}

impl Target {
    /// Returns the folder that the target is written into, if it is written.
    pub(crate) fn folder(&self) -> Option<&Path> {
        match self {
            Self::Memory => None,
            Self::RustModule(out) => Some(out),
            Self::Worker(worker) => Some(&worker.out),
        }
    }

    /// Returns a text that differs between targets with different outputs.
    pub(crate) fn key(&self) -> String {
        match self {
            Self::Memory => "memory".to_owned(),
            Self::RustModule(_) => "rust module".to_owned(),
            Self::Worker(WorkerTarget { out: _, engine, options }) => {
                format!("worker {options:?} {}", ContentHash::of(engine.bytes()))
            }
        }
    }
}

/// The input of a target.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Input<'i> {
    pub(crate) project: &'i Project,
    pub(crate) table: &'i AssetTable,
    pub(crate) options: &'i Options,
    pub(crate) cache: &'i Cache,
    /// The output of the last run, as far as it is known.
    pub(crate) earlier: &'i Earlier,
}

/// The output of the last run. What is unchanged since then is neither read nor written again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Earlier {
    pub(crate) files: OutputFiles,
    pub(crate) table: Option<Arc<MemoryTable>>,
}

impl Earlier {
    /// Returns an output as the earlier one of the next run.
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
    Memory(Arc<MemoryTable>),
    /// Files in a folder.
    Folder {
        /// The number of files that were written.
        emitted: Emitted,
        /// The state of the files.
        files: OutputFiles,
        /// The report on the Worker, if the target is one.
        worker: Option<Box<WorkerReport>>,
    },
}

/// The files that were written into an output folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Emitted {
    /// The folder.
    pub folder: PathBuf,
    /// The number of files that are new or changed.
    pub written: usize,
    /// The number of files that had the same bytes already and were not touched.
    pub unchanged: usize,
    /// The number of files of an earlier output that were removed.
    pub removed: usize,
}

/// Makes the output of a target, and writes it.
///
/// # Errors
/// If the folder is the packed one or lies in it, or cannot be written; for a Worker also if its
/// server cannot be read or the platform would refuse it. The folder is then as it was before.
pub(crate) fn write(
    target: &Target,
    input: Input<'_>,
    findings: &mut Findings,
) -> Result<Output, PackError> {
    if let Some(out) = target.folder() {
        keep_out_of_dist(out, &input.project.folder)?;
    }
    match target {
        Target::Memory => {
            let table = MemoryTable::new(input.table, input.earlier.table.as_deref())?;
            Ok(Output::Memory(Arc::new(table)))
        }
        Target::RustModule(out) => rust_module::write(input, out),
        Target::Worker(worker) => worker::write(input, worker, findings),
    }
}

/// Refuses an output within the packed folder: the next run would pack it.
fn keep_out_of_dist(out: &Path, dist: &Path) -> Result<(), PackError> {
    let absolute = std::path::absolute(out).unwrap_or_else(|_| out.to_owned());
    let existing = absolute.ancestors().find_map(|ancestor| ancestor.canonicalize().ok());
    if existing.is_some_and(|existing| existing.starts_with(dist)) {
        let message = "it is inside the packed folder; choose another output folder";
        return Err(PackError::OutputInTheWay { path: out.to_owned(), message });
    }
    Ok(())
}

/// The name of the manifest in an output folder.
pub(crate) const MANIFEST: &str = "manifest.json";
