//! The results of a pack: the table to look at, and the target's output.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::last_run::Memory;
use super::report::Report;
use crate::cache::Cache;
use crate::feedback::diagnostic::Severity;
use crate::feedback::timings::Timings;
use crate::output::memory::MemoryTable;
use crate::output::{Emitted, Output, OutputFiles};
use crate::project::Project;
use crate::project::wrangler::WranglerConfig;
use crate::tabulate::AssetTable;

/// A packed folder up to the table. The bodies are in the cache or in the folder, and are read when
/// they are asked for.
#[derive(Clone, Debug)]
pub struct Packed {
    table: AssetTable,
    report: Report,
    timings: Timings,
    /// As long as it is open, no other process removes the bodies.
    _cache: Arc<Cache>,
}

impl Packed {
    pub(super) fn new(
        table: AssetTable,
        report: Report,
        timings: Timings,
        cache: Arc<Cache>,
    ) -> Self {
        Self { table, report, timings, _cache: cache }
    }

    /// Returns the table.
    pub fn table(&self) -> &AssetTable {
        &self.table
    }

    /// Returns the report.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// Returns the time that each stage and file took.
    pub fn timings(&self) -> &Timings {
        &self.timings
    }
}

/// A packed folder with the target's output.
#[derive(Clone, Debug)]
pub struct EmittedPack {
    report: LazyReport,
    directives: String,
    output: Made,
    timings: Timings,
}

/// The output of a target, as far as it is known to the caller.
#[derive(Clone, Debug)]
enum Made {
    Memory(Arc<MemoryTable>),
    /// The files are empty if nothing had changed since the last run.
    Folder(Emitted, OutputFiles),
}

/// A report that is parsed from JSON on demand: a build script has no use for it.
#[derive(Clone, Debug)]
struct LazyReport {
    json: String,
    report: OnceLock<Report>,
}

impl EmittedPack {
    pub(super) fn new(project: &Project, report: Report, output: Output, timings: Timings) -> Self {
        let (output, emitted, worker) = match output {
            Output::Memory(table) => (Made::Memory(table), None, None),
            Output::Folder { emitted, files, worker } => {
                (Made::Folder(emitted.clone(), files), Some(emitted), worker.map(|worker| *worker))
            }
        };
        let report = Report { emitted, worker, ..report };
        let directives = directives(&project.dist, &report);
        let report = LazyReport { json: String::new(), report: report.into() };
        Self { report, directives, output, timings }
    }

    /// Returns the result of the last run, since nothing has changed.
    pub(super) fn unchanged(folder: PathBuf, memory: Memory, timings: Timings) -> Self {
        let Memory { report, directives, outputs } = memory;
        let emitted = Emitted { folder, written: 0, unchanged: outputs, removed: 0 };
        let report = LazyReport { json: report, report: OnceLock::new() };
        let output = Made::Folder(emitted, OutputFiles::default());
        Self { report, directives, output, timings }
    }

    /// Returns the report.
    pub fn report(&self) -> &Report {
        self.report.report.get_or_init(|| {
            let report: Report = serde_json::from_str(&self.report.json)
                .expect("the memory of a run was written by this very version");
            Report { emitted: self.emitted().cloned(), ..report }
        })
    }

    /// Returns the files that were written. None for [`Target::Memory`](crate::Target::Memory).
    pub fn emitted(&self) -> Option<&Emitted> {
        match &self.output {
            Made::Folder(emitted, _) => Some(emitted),
            Made::Memory(_) => None,
        }
    }

    /// Returns the table in memory. None unless the target is
    /// [`Target::Memory`](crate::Target::Memory).
    pub fn table(&self) -> Option<&Arc<MemoryTable>> {
        match &self.output {
            Made::Memory(table) => Some(table),
            Made::Folder(..) => None,
        }
    }

    /// Returns the state of the files in the output, if any was written.
    pub(super) fn files(&self) -> Option<&OutputFiles> {
        match &self.output {
            Made::Folder(_, files) => Some(files),
            Made::Memory(_) => None,
        }
    }

    /// Returns the time that each stage and file took.
    pub fn timings(&self) -> &Timings {
        &self.timings
    }

    /// Returns the lines that a build script prints for Cargo: the files whose change runs it again,
    /// and the warnings of the pack.
    pub fn cargo_directives(&self) -> &str {
        &self.directives
    }
}

fn directives(dist: &Path, report: &Report) -> String {
    let mut lines = String::new();
    // Cargo looks through all of a folder.
    let dist = std::path::absolute(dist).unwrap_or_else(|_| dist.to_owned());
    let _ = writeln!(lines, "cargo::rerun-if-changed={}", dist.display());
    // The project may state options of the site in its configuration for wrangler.
    let project = dist.parent().unwrap_or(&dist);
    for name in WranglerConfig::NAMES {
        let path = project.join(name);
        if path.exists() {
            let _ = writeln!(lines, "cargo::rerun-if-changed={}", path.display());
        }
    }
    for diagnostic in &report.diagnostics {
        if diagnostic.severity == Severity::Warning {
            // A line break would end the directive.
            let text = diagnostic.to_string().replace(['\n', '\r'], " ");
            let _ = writeln!(lines, "cargo::warning={text}");
        }
    }
    lines
}
