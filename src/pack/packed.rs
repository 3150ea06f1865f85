//! The results of a pack: the table, and the target's output.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::last_run::LastResult;
use super::report::Report;
use crate::cache::Cache;
use crate::feedback::diagnostic::Severity;
use crate::feedback::timings::Timings;
use crate::output::served::ServedTable;
use crate::output::{Emitted, Output, OutputFiles};
use crate::project::Project;
use crate::tabulate::AssetTable;

/// A folder that is packed up to the table. The bodies are in the cache or in the folder, and are
/// read on demand.
#[derive(Clone, Debug)]
pub struct Packed {
    table: AssetTable,
    report: Report,
    timings: Timings,
    /// While the cache is open, no other process removes the bodies.
    cache: Arc<Cache>,
}

impl Packed {
    pub(super) fn new(
        table: AssetTable,
        report: Report,
        timings: Timings,
        cache: Arc<Cache>,
    ) -> Self {
        Self { table, report, timings, cache }
    }

    /// Returns the table.
    pub fn table(&self) -> &AssetTable {
        &self.table
    }

    /// Returns the report.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// Returns the cache, which is open.
    pub(crate) fn cache(&self) -> &Cache {
        &self.cache
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
    output: PackOutput,
    timings: Timings,
}

/// The output of a target, as far as the caller can access it.
#[derive(Clone, Debug)]
enum PackOutput {
    Memory(Arc<ServedTable>),
    /// The states of the files are empty if nothing has changed since the last run.
    Folder(Emitted, OutputFiles),
}

/// A report that is parsed from JSON on demand, since build scripts do not need it.
#[derive(Clone, Debug)]
struct LazyReport {
    json: String,
    report: OnceLock<Report>,
}

impl EmittedPack {
    pub(super) fn new(project: &Project, report: Report, output: Output, timings: Timings) -> Self {
        let (output, emitted, worker) = match output {
            Output::Memory(table) => (PackOutput::Memory(table), None, None),
            Output::Folder { emitted, files, worker, .. } => (
                PackOutput::Folder(emitted.clone(), files),
                Some(emitted),
                worker.map(|worker| *worker),
            ),
        };
        let report = Report { emitted, worker, ..report };
        let directives = directives(&project.dist, &report);
        let report = LazyReport { json: String::new(), report: report.into() };
        Self { report, directives, output, timings }
    }

    /// Returns the result of the last run, if nothing has changed since.
    pub(super) fn unchanged(folder: PathBuf, result: LastResult, timings: Timings) -> Self {
        let LastResult { report, directives, files } = result;
        let unchanged = files.states().len();
        let emitted = Emitted { folder, is_new: false, written: 0, unchanged, removed: 0 };
        let report = LazyReport { json: report, report: OnceLock::new() };
        let output = PackOutput::Folder(emitted, OutputFiles::default());
        Self { report, directives, output, timings }
    }

    /// Returns the report.
    pub fn report(&self) -> &Report {
        self.report.report.get_or_init(|| {
            // Not checked before, since that would take longer than the rest of such a run.
            let report = serde_json::from_str(&self.report.json);
            let report: Report = report.unwrap_or_else(|_| Report::lost());
            // The stored numbers of written files are those of the last run.
            Report { emitted: self.emitted().cloned(), ..report }
        })
    }

    /// Returns the numbers of written files. Returns `None` for
    /// [`Target::Memory`](crate::Target::Memory).
    pub fn emitted(&self) -> Option<&Emitted> {
        match &self.output {
            PackOutput::Folder(emitted, _) => Some(emitted),
            PackOutput::Memory(_) => None,
        }
    }

    /// Returns the table to answer requests from. Returns `None` unless the target is
    /// [`Target::Memory`](crate::Target::Memory).
    pub fn table(&self) -> Option<&Arc<ServedTable>> {
        match &self.output {
            PackOutput::Memory(table) => Some(table),
            PackOutput::Folder(..) => None,
        }
    }

    /// Returns the state of the files in the output folder, if the target has one.
    pub(super) fn files(&self) -> Option<&OutputFiles> {
        match &self.output {
            PackOutput::Folder(_, files) => Some(files),
            PackOutput::Memory(_) => None,
        }
    }

    /// Returns the time that each stage and file took.
    pub fn timings(&self) -> &Timings {
        &self.timings
    }

    /// Returns the lines that a build script prints for Cargo: the files whose change runs it
    /// again, and the warnings of the pack.
    pub fn cargo_directives(&self) -> &str {
        &self.directives
    }
}

/// Renders the directives for Cargo.
fn directives(dist: &Path, report: &Report) -> String {
    let mut lines = String::new();
    // Cargo compares all files in a folder.
    let dist = std::path::absolute(dist).unwrap_or_else(|_| dist.to_owned());
    add_input(&mut lines, &dist);
    // Some options of the site are in the project's configuration for wrangler, and a folder of Pages
    // Functions decides whose rules count.
    let inputs = Project::inputs_around(&dist).chain(crate::budget::inputs(&dist));
    for path in inputs.filter(|path| path.exists()) {
        add_input(&mut lines, &path);
    }
    for diagnostic in &report.diagnostics {
        if diagnostic.severity == Severity::Warning {
            let _ = writeln!(lines, "cargo::warning={diagnostic}");
        }
    }
    lines
}

/// Adds the directive by which Cargo watches a file or folder. A path with a line break would end the
/// directive and begin another, so the folder that contains it is watched instead.
fn add_input(lines: &mut String, path: &Path) {
    let has_break = |path: &Path| path.to_string_lossy().contains(['\n', '\r']);
    if let Some(path) = path.ancestors().find(|path| !has_break(path)) {
        let _ = writeln!(lines, "cargo::rerun-if-changed={}", path.display());
    }
}
