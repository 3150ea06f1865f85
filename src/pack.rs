//! The pipeline, from a folder to a table: the front door of the library.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::bundle::{Bundled, Engine, Ingredients, WorkerOptions, bundle};
use crate::compress::compress;
use crate::diagnostic::{Diagnostic, Severity};
use crate::emit::{BodyFiles, Emitted, emit, emit_worker, manifest};
use crate::error::PackError;
use crate::ingest::ingest;
use crate::options::{IdentityBodies, Options, Strictness};
use crate::parallel;
use crate::progress::{Progress, Silent};
use crate::report::Report;
use crate::tabulate::{AssetTable, Tabulated, tabulate};
use crate::transform::transform;
use crate::wrangler_config::WranglerConfig;

/// A folder to pack, and how.
///
/// ```no_run
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use worker_pack::Pack;
///
/// // In a build script:
/// let out = std::env::var("OUT_DIR")?;
/// let packed = Pack::from_dir("dist").emit(&out)?;
/// print!("{}", packed.cargo_directives());
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Pack {
    dist: PathBuf,
    options: Options,
}

impl Pack {
    /// Packs what a build wrote into `dist`, with the default [`Options`].
    pub fn from_dir(dist: impl Into<PathBuf>) -> Self {
        Self { dist: dist.into(), options: Options::default() }
    }

    /// Sets the options.
    #[must_use]
    pub fn options(self, options: Options) -> Self {
        Self { options, ..self }
    }

    /// Packs the folder in memory.
    pub fn run(&self) -> Result<Packed, PackError> {
        self.run_with_progress(&Silent)
    }

    /// Packs the folder in memory, and tells `progress` how far it is.
    pub fn run_with_progress(&self, progress: &dyn Progress) -> Result<Packed, PackError> {
        let threads =
            parallel::pool().map_err(|error| PackError::Threads { message: error.to_string() })?;
        let (table, report) = threads.install(|| self.pipeline(progress))?;
        let Options { strictness, identity, .. } = self.options;
        Ok(Packed { dist: self.dist.clone(), strictness, identity, table, report })
    }

    /// Packs the folder and writes the result into `out`: see [`Packed::emit`].
    pub fn emit(&self, out: impl AsRef<Path>) -> Result<EmittedPack, PackError> {
        self.run()?.emit(out.as_ref())
    }

    fn pipeline(&self, progress: &dyn Progress) -> Result<(AssetTable, Report), PackError> {
        let options = &self.options;
        let mut findings = Findings { strictness: options.strictness, all: Vec::new() };

        let mut site = ingest(&self.dist, options)?;
        findings.add(std::mem::take(&mut site.diagnostics));
        let mut transformed = transform(&site, options, progress)?;
        findings.add(std::mem::take(&mut transformed.diagnostics));
        // What is wrong with the files is told all at once, before the work that takes long.
        findings.check()?;
        let compressed = compress(transformed, options, progress).map_err(Findings::fail)?;
        let Tabulated { table, diagnostics } = tabulate(compressed, site.rules, options);
        findings.add(diagnostics);
        findings.check()?;

        let report = Report::new(site.layout, &table, site.left_out, findings.all);
        Ok((table, report))
    }
}

/// What the stages had to say so far.
struct Findings {
    strictness: Strictness,
    all: Vec<Diagnostic>,
}

impl Findings {
    fn add(&mut self, diagnostics: Vec<Diagnostic>) {
        self.all.extend(diagnostics.into_iter().map(|diagnostic| match self.strictness {
            Strictness::Strict if diagnostic.severity == Severity::Warning => {
                Diagnostic { severity: Severity::Error, ..diagnostic }
            }
            _ => diagnostic,
        }));
    }

    /// Fails if there is an error among them.
    fn check(&self) -> Result<(), PackError> {
        let errors: Vec<Diagnostic> =
            self.all.iter().filter(|found| found.severity == Severity::Error).cloned().collect();
        if errors.is_empty() { Ok(()) } else { Err(Self::fail(errors)) }
    }

    fn fail(mut diagnostics: Vec<Diagnostic>) -> PackError {
        diagnostics.sort();
        PackError::Files { diagnostics }
    }
}

/// A packed folder, in memory.
#[derive(Clone, Debug)]
pub struct Packed {
    dist: PathBuf,
    strictness: Strictness,
    identity: IdentityBodies,
    table: AssetTable,
    report: Report,
}

impl Packed {
    /// Returns the table.
    pub fn table(&self) -> &AssetTable {
        &self.table
    }

    /// Returns what there is to say about the pack.
    pub fn report(&self) -> &Report {
        &self.report
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
        self.keep_out_of_dist(out)?;
        let emitted = emit(&self.table, self.identity, out)?;
        Ok(EmittedPack::new(self.dist, self.report, emitted))
    }

    /// Puts a Worker for JavaScript hosts together and writes it into a folder: `bundle/`, which is
    /// replaced as a whole, and `wrangler.jsonc`, which is merged into where it is there already.
    ///
    /// # Errors
    /// As for [`Packed::emit`], and if the site's server cannot be taken over, the configuration
    /// cannot be read, or the platform would not take the Worker.
    pub fn emit_worker(
        mut self,
        out: &Path,
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
            out,
        };
        let Bundled { bundle, report, diagnostics } = bundle(ingredients)?;
        let mut findings = Findings { strictness: self.strictness, all: Vec::new() };
        findings.add(diagnostics);
        findings.check()?;
        self.report.add_worker(report, findings.all);
        let manifest = manifest::render(&self.table, BodyFiles::InModules);
        let emitted = emit_worker(&bundle, &manifest, out)?;
        Ok(EmittedPack::new(self.dist, self.report, emitted))
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
    dist: PathBuf,
    report: Report,
    emitted: Emitted,
}

impl EmittedPack {
    fn new(dist: PathBuf, mut report: Report, emitted: Emitted) -> Self {
        report.emitted = Some(emitted.clone());
        Self { dist, report, emitted }
    }

    /// Returns what there is to say about the pack.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// Returns what was written.
    pub fn emitted(&self) -> &Emitted {
        &self.emitted
    }

    /// Returns the lines that a build script prints for Cargo: when to run again, and the pack's
    /// warnings.
    pub fn cargo_directives(&self) -> String {
        let mut lines = String::new();
        // Cargo looks through all of a folder.
        let dist = std::path::absolute(&self.dist).unwrap_or_else(|_| self.dist.clone());
        let _ = writeln!(lines, "cargo::rerun-if-changed={}", dist.display());
        // Where the site's options may be stated, too.
        let project = dist.parent().unwrap_or(&dist);
        for name in WranglerConfig::NAMES {
            let path = project.join(name);
            if path.exists() {
                let _ = writeln!(lines, "cargo::rerun-if-changed={}", path.display());
            }
        }
        for diagnostic in &self.report.diagnostics {
            if diagnostic.severity == Severity::Warning {
                // A line break would end the directive.
                let text = diagnostic.to_string().replace(['\n', '\r'], " ");
                let _ = writeln!(lines, "cargo::warning={text}");
            }
        }
        lines
    }
}
