//! What a pack came to: in memory, and written.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::last_run::RunRecord;
use super::report::Report;
use crate::cache::Cache;
use crate::feedback::diagnostic::Severity;
use crate::feedback::error::PackError;
use crate::feedback::findings::Findings;
use crate::feedback::timings::Timings;
use crate::options::{IdentityBodies, Options, Strictness};
use crate::output::worker::{Bundled, Engine, Ingredients, WorkerOptions, bundle};
use crate::output::{BodyFiles, Emitted, Output, OutputFiles, emit, emit_worker, manifest};
use crate::project::wrangler::WranglerConfig;
use crate::tabulate::AssetTable;

/// A packed folder: the table in memory, and its bodies where the cache or the folder has them.
#[derive(Clone, Debug)]
pub struct Packed {
    dist: PathBuf,
    strictness: Strictness,
    identity: IdentityBodies,
    table: AssetTable,
    report: Report,
    pub(crate) timings: Timings,
    cache: Arc<Cache>,
}

impl Packed {
    pub(crate) fn new(
        dist: PathBuf,
        options: &Options,
        table: AssetTable,
        report: Report,
        timings: Timings,
        cache: Arc<Cache>,
    ) -> Self {
        let Options { strictness, identity, .. } = *options;
        Self { dist, strictness, identity, table, report, timings, cache }
    }

    /// Returns the table.
    pub fn table(&self) -> &AssetTable {
        &self.table
    }

    /// Returns what there is to say about the pack.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// Returns where the time went.
    pub fn timings(&self) -> &Timings {
        &self.timings
    }

    /// Writes `assets.rs`, the bodies it includes and `manifest.json` into a folder.
    ///
    /// Files that are there already with the same bytes are not touched, so that nothing that
    /// depends on them is built again.
    ///
    /// # Errors
    /// If the folder is the packed one or lies in it, or cannot be written. What was in it before
    /// still is.
    pub fn emit(self, out: &Path) -> Result<EmittedPack, PackError> {
        self.emit_over(out, &OutputFiles::default())
    }

    /// Puts a Worker for JavaScript hosts together and writes it into a folder: `bundle/`, which is
    /// replaced as a whole, and `wrangler.jsonc`, which is merged into where it is there already.
    ///
    /// # Errors
    /// As for [`Packed::emit`], and if the site's server cannot be taken over, the configuration
    /// cannot be read, or the platform would not take the Worker.
    pub fn emit_worker(
        self,
        out: &Path,
        engine: &Engine,
        options: &WorkerOptions,
    ) -> Result<EmittedPack, PackError> {
        self.emit_worker_over(out, &OutputFiles::default(), engine, options)
    }

    /// Like [`Packed::emit`], into a folder that was written before. Bodies that are as they were
    /// written are not looked into.
    pub fn emit_again(
        self,
        out: &Path,
        written: Option<&EmittedPack>,
    ) -> Result<EmittedPack, PackError> {
        let nothing = OutputFiles::default();
        self.emit_over(out, written.map_or(&nothing, |written| &written.files))
    }

    /// Like [`Packed::emit_worker`], into a folder that was written before.
    pub fn emit_worker_again(
        self,
        out: &Path,
        written: Option<&EmittedPack>,
        engine: &Engine,
        options: &WorkerOptions,
    ) -> Result<EmittedPack, PackError> {
        let nothing = OutputFiles::default();
        let written = written.map_or(&nothing, |written| &written.files);
        self.emit_worker_over(out, written, engine, options)
    }

    /// Emits into a folder, of which `written` is what was written last.
    pub(crate) fn emit_over(
        mut self,
        out: &Path,
        written: &OutputFiles,
    ) -> Result<EmittedPack, PackError> {
        self.keep_out_of_dist(out)?;
        let output =
            self.timings.time("emit", || emit(&self.table, self.identity, out, written))?;
        Ok(EmittedPack::new(self, output))
    }

    /// Emits a Worker into a folder, of which `written` is what was written last.
    pub(crate) fn emit_worker_over(
        mut self,
        out: &Path,
        written: &OutputFiles,
        engine: &Engine,
        options: &WorkerOptions,
    ) -> Result<EmittedPack, PackError> {
        self.keep_out_of_dist(out)?;
        let ingredients = Ingredients {
            dist: &self.dist,
            layout: self.report.layout,
            table: &self.table,
            engine,
            options,
            identity: self.identity,
            cache: &self.cache,
            out,
        };
        let Bundled { bundle, report, diagnostics } =
            self.timings.time("bundle", || bundle(ingredients))?;
        let mut findings = Findings::new(self.strictness);
        findings.add(diagnostics);
        findings.check()?;
        self.report.add_worker(report, findings.all);
        let manifest = manifest::render(&self.table, BodyFiles::InModules);
        let output = self.timings.time("emit", || emit_worker(&bundle, &manifest, out, written))?;
        Ok(EmittedPack::new(self, output))
    }

    /// An output within the packed folder would be packed itself the next time.
    fn keep_out_of_dist(&self, out: &Path) -> Result<(), PackError> {
        let absolute = std::path::absolute(out).unwrap_or_else(|_| out.to_owned());
        let existing = absolute.ancestors().find_map(|ancestor| ancestor.canonicalize().ok());
        let within = match (existing, self.dist.canonicalize()) {
            (Some(existing), Ok(dist)) => existing.starts_with(dist),
            _ => false,
        };
        if within {
            let message = "it lies in the packed folder";
            return Err(PackError::OutputInTheWay { path: out.to_owned(), message });
        }
        Ok(())
    }
}

/// A pack that has been written.
#[derive(Clone, Debug)]
pub struct EmittedPack {
    report: LazyReport,
    directives: String,
    emitted: Emitted,
    /// What was written, unless nothing was.
    files: OutputFiles,
    timings: Timings,
}

/// A report that is read from JSON when it is wanted: a build script does not want it.
#[derive(Clone, Debug)]
struct LazyReport {
    json: String,
    report: OnceLock<Report>,
}

impl EmittedPack {
    fn new(packed: Packed, output: Output) -> Self {
        let Packed { dist, mut report, timings, .. } = packed;
        let Output { emitted, files } = output;
        report.emitted = Some(emitted.clone());
        let directives = directives(&dist, &report);
        let report = LazyReport { json: String::new(), report: report.into() };
        Self { report, directives, emitted, files, timings }
    }

    /// Says again what the last run said, since nothing has changed.
    pub(crate) fn unchanged(
        out: &Path,
        report: String,
        directives: String,
        outputs: usize,
        timings: Timings,
    ) -> Self {
        let emitted =
            Emitted { folder: out.to_owned(), written: 0, unchanged: outputs, removed: 0 };
        let report = LazyReport { json: report, report: OnceLock::new() };
        let files = OutputFiles::default();
        Self { report, directives, emitted, files, timings }
    }

    /// Returns what the next run is to know, should nothing change. There is none if the output has
    /// a path that is not UTF-8.
    pub(crate) fn record(&self) -> Option<RunRecord> {
        Some(RunRecord {
            report: serde_json::to_string(self.report()).ok()?,
            directives: self.directives.clone(),
            outputs: self.files.clone(),
        })
    }

    /// Returns what there is to say about the pack.
    pub fn report(&self) -> &Report {
        self.report.report.get_or_init(|| {
            let report: Report = serde_json::from_str(&self.report.json)
                .expect("a record is what this very version wrote");
            Report { emitted: Some(self.emitted.clone()), ..report }
        })
    }

    /// Returns what was written.
    pub fn emitted(&self) -> &Emitted {
        &self.emitted
    }

    /// Returns where the time went.
    pub fn timings(&self) -> &Timings {
        &self.timings
    }

    /// Returns the lines that a build script prints for Cargo: when to run again, and the pack's
    /// warnings.
    pub fn cargo_directives(&self) -> &str {
        &self.directives
    }
}

fn directives(dist: &Path, report: &Report) -> String {
    let mut lines = String::new();
    // Cargo looks through all of a folder.
    let dist = std::path::absolute(dist).unwrap_or_else(|_| dist.to_owned());
    let _ = writeln!(lines, "cargo::rerun-if-changed={}", dist.display());
    // Where the site's options may be stated, too.
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
