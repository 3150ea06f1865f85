//! The front door of the library: a folder to pack, and how.

mod last_run;
pub(crate) mod live;
pub(crate) mod packed;
mod pipeline;
pub(crate) mod report;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytesize::ByteSize;
use rayon::ThreadPool;

use crate::asset::digest::ContentHash;
use crate::cache::{self, Cache, CacheKey, CacheLocation};
use crate::feedback::error::PackError;
use crate::feedback::progress::{Progress, Silent};
use crate::feedback::timings::Timings;
use crate::options::Options;
use crate::output::OutputFiles;
use crate::output::worker::{Engine, WorkerOptions};
use crate::parallel;
use crate::project::wrangler::WranglerConfig;
use crate::tabulate::AssetTable;
use last_run::{LastRun, Snapshot};
use live::LivePack;
use packed::{EmittedPack, Packed};
use pipeline::prepare;
use report::Report;

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
        if let (Some(run), Some(inputs), Some(record)) = (run, inputs, emitted.record()) {
            record.keep(&cache, run.key, &inputs);
        }
        Ok(emitted)
    }

    fn open_cache(&self) -> Cache {
        Cache::open(self.cache.folder(&self.dist).as_deref(), self.cache_size)
    }

    fn run_with(&self, cache: Arc<Cache>, progress: &dyn Progress) -> Result<Packed, PackError> {
        let mut timings = Timings::default();
        let prepare = || prepare(&self.dist, &self.options, &cache, progress, &mut timings);
        let prepared = threads()?.install(prepare)?;
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

    /// Returns the folder to pack.
    pub(crate) fn dist(&self) -> &Path {
        &self.dist
    }

    pub(crate) fn packing_options(&self) -> &Options {
        &self.options
    }
}

fn threads() -> Result<ThreadPool, PackError> {
    parallel::pool().map_err(|error| PackError::Threads { message: error.to_string() })
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
        // The packed folder may be a link, from where its project is not seen.
        let given = std::path::absolute(&pack.dist).ok()?;
        let projects = [dist.parent(), given.parent()].into_iter().flatten();
        let configs = projects.flat_map(|it| WranglerConfig::NAMES.map(|name| it.join(name)));
        let others = configs.collect();
        Some(Self { key, dist, out, others })
    }

    fn last(&self, cache: &Cache) -> LastRun {
        LastRun::look(cache, self.key, &self.dist, &self.out)
    }

    fn look(&self) -> Option<Snapshot> {
        Snapshot::take(&self.dist, &self.others)
    }
}
