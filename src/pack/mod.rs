//! The front door of the library: a folder to pack, the options, and the target.

pub(crate) mod dictionaries;
#[cfg(feature = "cli")]
pub(crate) mod examined;
mod keeping;
mod last_run;
pub(crate) mod live;
mod memory;
pub(crate) mod packed;
pub(crate) mod report;
mod run;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytesize::ByteSize;
use rayon::ThreadPool;

use crate::cache::{self, Cache, CacheLocation};
use crate::feedback::error::PackError;
use crate::feedback::progress::{Progress, Silent};
use crate::options::Options;
#[cfg(feature = "cli")]
use crate::options::{HeadersOnSsr, Strictness};
use crate::output::Target;
use crate::parallel;
use last_run::LastRun;
use packed::{EmittedPack, Packed};
use run::{Hashes, Run};

/// A folder to pack, the options, and the target.
///
/// ```no_run
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use worker_pack::{Pack, Target};
///
/// // In a build script:
/// let out = std::env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?;
/// let packed = Pack::from_dir("dist").target(Target::RustModule(out.into())).emit()?;
/// print!("{}", packed.cargo_directives());
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Pack {
    dist: PathBuf,
    options: Options,
    target: Target,
    progress: Arc<dyn Progress>,
    cache: CacheLocation,
    cache_size: ByteSize,
}

impl Pack {
    /// Creates a pack of the folder that a build wrote, with the default [`Options`], into memory.
    pub fn from_dir(dist: impl Into<PathBuf>) -> Self {
        Self {
            dist: dist.into(),
            options: Options::default(),
            target: Target::default(),
            progress: Arc::new(Silent),
            cache: CacheLocation::default(),
            cache_size: cache::DEFAULT_SIZE,
        }
    }

    /// Sets the options.
    #[must_use]
    pub fn options(self, options: Options) -> Self {
        Self { options, ..self }
    }

    /// Sets the target. Default: [`Target::Memory`].
    #[must_use]
    pub fn target(self, target: Target) -> Self {
        Self { target, ..self }
    }

    /// Sets the receiver of the progress. Default: [`Silent`].
    #[must_use]
    pub fn progress(self, progress: Arc<dyn Progress>) -> Self {
        Self { progress, ..self }
    }

    /// Sets the place of the cache of results.
    #[must_use]
    pub fn cache(self, cache: CacheLocation) -> Self {
        Self { cache, ..self }
    }

    /// Sets the size in bytes above which old results are removed from the cache. Default: 1 GB.
    #[must_use]
    pub fn cache_size(self, bytes: u64) -> Self {
        Self { cache_size: ByteSize::b(bytes), ..self }
    }

    /// Packs the folder and makes the target's output.
    ///
    /// If neither the folder nor the output has changed since the last run, no file is read.
    ///
    /// # Errors
    /// If a file cannot be packed, or the output cannot be written. An earlier output is then
    /// unchanged.
    pub fn emit(&self) -> Result<EmittedPack, PackError> {
        with_doubt(&Arc::new(self.open_cache()), |cache, hashes| {
            let mut run = Run::start(self, cache, hashes);
            let earlier = match run.check_last_run() {
                LastRun::Unchanged(result) => return Ok(run.unchanged(result)),
                LastRun::Outdated(earlier) => earlier,
            };
            threads()?.install(|| {
                let site = run.ingest()?;
                let survey = run.survey(&site);
                let represented = run.represent(&site, &survey)?;
                let own = run.tabulate(&site, &represented)?;
                let table = run.complete(&site, &own)?;
                run.check_budgets(&site, &table)?;
                let (table, output) = run.output_within_limits(&site, &own, table, &earlier)?;
                let output = run.source_maps(&site, &survey, &represented, output)?;
                run.record(&table)?;
                let emitted = run.finish(&site, &table, output);
                run.remember(&emitted);
                Ok(emitted)
            })
        })
    }

    /// Packs the folder up to the table, to inspect it. The target is ignored.
    ///
    /// # Errors
    /// If a file cannot be packed.
    pub fn run(&self) -> Result<Packed, PackError> {
        with_doubt(&Arc::new(self.open_cache()), |cache, hashes| {
            let mut run = Run::start(self, cache, hashes);
            threads()?.install(|| {
                let site = run.ingest()?;
                let survey = run.survey(&site);
                let represented = run.represent(&site, &survey)?;
                let own = run.tabulate(&site, &represented)?;
                let table = run.complete(&site, &own)?;
                Ok(run.finish_table(&site, table))
            })
        })
    }

    /// Packs the folder without making an output, to look at everything that is known of it. An error of a
    /// file does not end it, and warnings stay warnings.
    ///
    /// # Errors
    /// If the cache has lost a body twice, or threads cannot be started.
    #[cfg(feature = "cli")]
    pub(crate) fn examine(&self) -> Result<examined::Examined, PackError> {
        let options = Options { strictness: Strictness::Lenient, ..self.options.clone() };
        let pack = self.clone().options(options);
        with_doubt(&Arc::new(pack.open_cache()), |cache, hashes| {
            let mut run = Run::start(&pack, cache, hashes);
            threads()?.install(|| run.examine())
        })
    }

    /// Returns the target.
    #[cfg(feature = "cli")]
    pub(crate) fn chosen_target(&self) -> &Target {
        &self.target
    }

    /// Returns the folder to pack.
    pub(crate) fn dist(&self) -> &Path {
        &self.dist
    }

    /// Returns the rules that the target applies to responses of the server.
    #[cfg(feature = "cli")]
    pub(crate) fn headers_on_ssr(&self) -> HeadersOnSsr {
        self.target.treatment().headers_on_ssr
    }

    /// Returns the receiver of the progress.
    #[cfg(feature = "cli")]
    pub(crate) fn receiver(&self) -> &dyn Progress {
        &*self.progress
    }

    /// Returns the options.
    pub(crate) fn chosen(&self) -> &Options {
        &self.options
    }

    /// Returns the place of the cache.
    pub(crate) fn cache_place(&self) -> &CacheLocation {
        &self.cache
    }

    fn open_cache(&self) -> Cache {
        Cache::open(self.cache.folder(&self.dist).as_deref(), self.cache_size)
    }

    /// Returns the output folder. Returns `None` for a table in memory.
    pub(crate) fn out(&self) -> Option<PathBuf> {
        self.target.folder()
    }
}

/// Runs a pack. If a body is not what it was taken for, the cache may have said so, and the pack is run
/// again: as if the cache were empty if the body is in the cache, else without the hashes that the cache
/// has for the files of the site.
fn with_doubt<T>(
    cache: &Arc<Cache>,
    mut run: impl FnMut(Arc<Cache>, Hashes) -> Result<T, PackError>,
) -> Result<T, PackError> {
    match run(Arc::clone(cache), Hashes::Known) {
        Err(PackError::BodyLost { path, .. }) if cache.contains(&path) => {
            cache.without_results(|| run(Arc::clone(cache), Hashes::Made))
        }
        Err(PackError::BodyLost { .. }) if cache.has_store() => {
            run(Arc::clone(cache), Hashes::Made)
        }
        result => result,
    }
}

fn threads() -> Result<ThreadPool, PackError> {
    parallel::pool().map_err(|error| PackError::Threads { message: error.to_string() })
}
