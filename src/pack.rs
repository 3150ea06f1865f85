//! The pipeline, from a folder to a table: the front door of the library.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytesize::ByteSize;
use rayon::ThreadPool;

use crate::bundle::{Engine, WorkerOptions};
use crate::cache::{self, Cache, CacheKey, CacheLocation, KnownFiles, LastRun, Snapshot};
use crate::digest::ContentHash;
use crate::emit::OutputFiles;
use crate::error::PackError;
use crate::findings::Findings;
use crate::ingest::{Site, ingest};
use crate::live::LivePack;
use crate::options::Options;
use crate::packed::{EmittedPack, Packed};
use crate::parallel;
use crate::progress::{Progress, Silent};
use crate::report::Report;
use crate::represent::{Represented, represent};
use crate::survey::{Survey, survey};
use crate::tabulate::{AssetTable, Tabulated, tabulate};
use crate::timings::Timings;
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
    cache: CacheLocation,
    cache_size: ByteSize,
}

/// What a pack is written as.
#[derive(Clone, Copy, Debug)]
enum Target<'t> {
    RustModule,
    Worker(&'t Engine, &'t WorkerOptions),
}

impl Pack {
    /// Packs what a build wrote into `dist`, with the default [`Options`].
    pub fn from_dir(dist: impl Into<PathBuf>) -> Self {
        Self {
            dist: dist.into(),
            options: Options::default(),
            cache: CacheLocation::default(),
            cache_size: cache::USUAL_SIZE,
        }
    }

    /// Sets the options.
    #[must_use]
    pub fn options(self, options: Options) -> Self {
        Self { options, ..self }
    }

    /// Sets where results are kept from one run to the next.
    #[must_use]
    pub fn cache(self, cache: CacheLocation) -> Self {
        Self { cache, ..self }
    }

    /// Sets how many bytes of results are kept, about. Default: 1 GB.
    #[must_use]
    pub fn cache_size(self, bytes: u64) -> Self {
        Self { cache_size: ByteSize::b(bytes), ..self }
    }

    /// Packs the folder.
    pub fn run(&self) -> Result<Packed, PackError> {
        self.run_with_progress(&Silent)
    }

    /// Packs the folder, and tells `progress` how far it is.
    pub fn run_with_progress(&self, progress: &dyn Progress) -> Result<Packed, PackError> {
        self.run_with(Arc::new(self.open_cache()), progress)
    }

    /// Begins to pack the folder again and again.
    pub fn live(self) -> Result<LivePack, PackError> {
        let (cache, threads) = (self.open_cache(), threads()?);
        Ok(LivePack::new(self, cache, threads))
    }

    /// Packs the folder and writes the result into `out`: see [`Packed::emit`].
    ///
    /// If nothing has changed since the last time, neither in the folder nor in `out`, nothing is
    /// read.
    pub fn emit(&self, out: impl AsRef<Path>) -> Result<EmittedPack, PackError> {
        self.emit_with_progress(out.as_ref(), &Silent)
    }

    /// Like [`Pack::emit`], and tells `progress` how far it is.
    pub fn emit_with_progress(
        &self,
        out: &Path,
        progress: &dyn Progress,
    ) -> Result<EmittedPack, PackError> {
        self.write(out, Target::RustModule, progress)
    }

    /// Packs the folder and writes a Worker for JavaScript hosts into `out`: see
    /// [`Packed::emit_worker`]. If nothing has changed since the last time, nothing is read.
    pub fn emit_worker_with_progress(
        &self,
        out: &Path,
        engine: &Engine,
        options: &WorkerOptions,
        progress: &dyn Progress,
    ) -> Result<EmittedPack, PackError> {
        self.write(out, Target::Worker(engine, options), progress)
    }

    fn write(
        &self,
        out: &Path,
        target: Target<'_>,
        progress: &dyn Progress,
    ) -> Result<EmittedPack, PackError> {
        let cache = Arc::new(self.open_cache());
        let mut timings = Timings::default();
        let run = Run::of(self, out, target);
        let last =
            timings.time("check", || run.as_ref().map_or(LastRun::Unknown, |it| it.last(&cache)));
        let written = match last {
            LastRun::Unchanged { report, directives, outputs } => {
                return Ok(EmittedPack::unchanged(out, report, directives, outputs, timings));
            }
            LastRun::Outdated(outputs) => outputs,
            LastRun::Unknown => OutputFiles::default(),
        };
        let inputs = timings.time("snapshot", || run.as_ref().and_then(Run::look));
        let mut packed = self.run_with(Arc::clone(&cache), progress)?;
        packed.timings.stages.splice(0..0, timings.stages);
        let emitted = match target {
            Target::RustModule => packed.emit_over(out, &written)?,
            Target::Worker(engine, options) => {
                packed.emit_worker_over(out, &written, engine, options)?
            }
        };
        if let (Some(run), Some(inputs)) = (run, inputs) {
            emitted.record().keep(&cache, run.key, &inputs);
        }
        Ok(emitted)
    }

    fn open_cache(&self) -> Cache {
        Cache::open(self.cache.folder(&self.dist).as_deref(), self.cache_size)
    }

    fn run_with(&self, cache: Arc<Cache>, progress: &dyn Progress) -> Result<Packed, PackError> {
        let mut timings = Timings::default();
        let prepared = threads()?.install(|| self.prepare(&cache, progress, &mut timings))?;
        let (table, report) = prepared.conclude(&self.options, &cache, &mut timings)?;
        Ok(self.packed(table, report, timings, cache))
    }

    pub(crate) fn packed(
        &self,
        table: AssetTable,
        report: Report,
        timings: Timings,
        cache: Arc<Cache>,
    ) -> Packed {
        Packed::new(self.dist.clone(), &self.options, table, report, timings, cache)
    }

    pub(crate) fn packing_options(&self) -> &Options {
        &self.options
    }

    /// Does the stages that work on each file by itself.
    pub(crate) fn prepare(
        &self,
        cache: &Cache,
        progress: &dyn Progress,
        timings: &mut Timings,
    ) -> Result<Prepared, PackError> {
        let options = &self.options;
        let site = timings.time("ingest", || ingest(&self.dist, options))?;
        let known = KnownFiles::read(cache, &site.folder);
        let survey = timings.time("survey", || survey(&site, options, cache, &known));
        let represented =
            timings.time("represent", || represent(&site, &survey, options, cache, progress))?;
        remember(&site, &represented, &known, cache);
        Ok(Prepared { site, survey, represented })
    }
}

fn threads() -> Result<ThreadPool, PackError> {
    parallel::pool().map_err(|error| PackError::Threads { message: error.to_string() })
}

/// The files of a site, ready for the table.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) site: Site,
    pub(crate) survey: Survey,
    pub(crate) represented: Represented,
}

impl Prepared {
    /// Makes the table, unless something is wrong with a file.
    pub(crate) fn conclude(
        &self,
        options: &Options,
        cache: &Cache,
        timings: &mut Timings,
    ) -> Result<(AssetTable, Report), PackError> {
        let Self { site, survey, represented } = self;
        let mut findings = Findings::new(options.strictness);
        findings.add(site.diagnostics.clone());
        findings.add(represented.diagnostics.clone());
        findings.check()?;
        timings.files = represented.times.values().cloned().collect();
        timings.files.sort_by_key(|file| std::cmp::Reverse(file.total()));
        let Tabulated { table, diagnostics } =
            timings.time("tabulate", || tabulate(site, survey, &represented.files, options));
        findings.add(diagnostics);
        findings.check()?;
        findings.add(cache.diagnostics());
        let report = Report::new(site.layout, &table, site.left_out.clone(), findings.all);
        Ok((table, report))
    }
}

/// Keeps the hashes of a site's files for the next run.
fn remember(site: &Site, represented: &Represented, known: &KnownFiles, cache: &Cache) {
    let mut now_known = KnownFiles::default();
    for (&index, &hash) in &represented.hashes {
        let file = &site.files[index];
        now_known.add(&file.name, file.state, site.looked_at, hash);
    }
    if now_known != *known {
        now_known.keep(cache, &site.folder);
    }
}

/// A run that writes, as far as it is known before it begins.
struct Run {
    key: CacheKey,
    dist: PathBuf,
    out: PathBuf,
    /// What it reads besides the packed folder.
    others: Vec<PathBuf>,
}

impl Run {
    /// Returns none where the run is going to fail anyway.
    fn of(pack: &Pack, out: &Path, target: Target<'_>) -> Option<Self> {
        let dist = pack.dist.canonicalize().ok()?;
        let out = std::path::absolute(out).ok()?;
        let target = match target {
            Target::RustModule => String::new(),
            Target::Worker(engine, options) => {
                format!("{options:?} {}", ContentHash::of(engine.bytes()))
            }
        };
        let options = format!("{:?} {}", pack.options, pack.options.effort());
        // Names in messages are relative to the folder as it is given.
        let paths = [&*dist, &*out, &*pack.dist].map(|path| path.as_os_str().as_encoded_bytes());
        let [dist_name, out_name, given] = paths;
        let parts = [dist_name, out_name, given, options.as_bytes(), target.as_bytes()];
        let key = CacheKey::new("run", &parts);
        let projects = [dist.parent(), pack.dist.parent()].into_iter().flatten();
        let others = projects
            .filter_map(|folder| std::path::absolute(folder).ok())
            .flat_map(|folder| WranglerConfig::NAMES.map(|name| folder.join(name)))
            .collect();
        Some(Self { key, dist, out, others })
    }

    fn last(&self, cache: &Cache) -> LastRun {
        LastRun::look(cache, self.key, &self.dist, &self.out)
    }

    fn look(&self) -> Option<Snapshot> {
        Snapshot::take(&self.dist, &self.others)
    }
}
