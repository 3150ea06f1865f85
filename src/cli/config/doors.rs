//! The doors of the library, each with what the configuration and the arguments say.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use worker_pack::options::{KeepBounds, Strictness};
use worker_pack::probing::Expected;
use worker_pack::target::{Engine, RustWorkerTarget, WorkerTarget};
use worker_pack::{Comparison, Denied, Inspection, Pack, Probe, SiteWeighing, Target, Weighing};

use super::merged::limits_of;
use super::{Config, Purpose, WORKER_OUT};
use crate::cli::args::{
    BuildArguments, CheckArguments, DiffArguments, PackArguments, ProbeArguments, ReportArguments,
    RunArguments, ServeArguments, SiteArguments, TargetKind, WeighArguments,
};
use crate::cli::exit::Failure;
use crate::cli::print::progress_bar::ProgressBar;

impl Config {
    /// Creates the pack of `build`.
    pub(crate) fn build(
        &self,
        arguments: &BuildArguments,
        progress: Arc<ProgressBar>,
    ) -> Result<Pack, Failure> {
        let BuildArguments { site, run, pack, .. } = arguments;
        let purpose = Purpose::from_watch_flag(arguments.watch);
        let target = self.target(arguments)?;
        Ok(self.pack(site, run, pack, purpose).target(target).progress(progress))
    }

    /// Creates the pack of `serve`.
    pub(crate) fn serve(&self, arguments: &ServeArguments, progress: Arc<ProgressBar>) -> Pack {
        let ServeArguments { site, run, pack, .. } = arguments;
        let purpose = Purpose::from_watch_flag(arguments.watch);
        self.pack_of_output(site, run, pack, purpose).target(Target::Memory).progress(progress)
    }

    /// Creates the weighing of `report`.
    pub(crate) fn report(
        &self,
        arguments: &ReportArguments,
        progress: Arc<ProgressBar>,
    ) -> SiteWeighing {
        let ReportArguments { site, run, pack, since, .. } = arguments;
        let pack = self.pack_of_output(site, run, pack, Purpose::Once).progress(progress);
        SiteWeighing::of(pack).since(since.clone()).output(self.last_output())
    }

    /// Creates the weighing of the Worker that `build` has written, if it has.
    pub(crate) fn built_worker(&self) -> Option<Weighing> {
        let out = match self.target.unwrap_or_default() {
            TargetKind::Rust | TargetKind::Worker => self.last_output(),
            // The configuration is beside the output.
            TargetKind::RustWorker => {
                self.out.as_ref().map_or(self.folder.clone(), |out| self.folder.join(out))
            }
        };
        let out = if out.as_os_str().is_empty() { PathBuf::from(".") } else { out };
        Weighing::has_worker(&out).then(|| Weighing::of(out).limits(self.worker.limits.clone()))
    }

    /// Returns the folder that `build` writes into.
    pub(super) fn last_output(&self) -> PathBuf {
        let out = self.out.as_ref().map(|out| self.folder.join(out));
        match self.target.unwrap_or_default() {
            TargetKind::Rust | TargetKind::Worker => {
                out.unwrap_or_else(|| self.folder.join(WORKER_OUT))
            }
            TargetKind::RustWorker => out.unwrap_or_else(|| self.folder.clone()).join("build"),
        }
    }

    /// Creates the weighing of `weigh`.
    pub(crate) fn weigh(&self, arguments: &WeighArguments) -> Result<Weighing, Failure> {
        let WeighArguments { path, env, manifest, strictness, limits, .. } = arguments;
        let path = match path {
            Some(path) => path.clone(),
            None if Weighing::has_worker(Path::new(".")) => PathBuf::from("."),
            None => {
                let own = self.out.as_ref().filter(|_| self.target == Some(TargetKind::Worker));
                let out = self.folder.join(own.map_or(Path::new(WORKER_OUT), PathBuf::as_path));
                if !out.exists() {
                    return Err(Failure::NoWorker { out });
                }
                out
            }
        };
        Ok(Weighing::of(path)
            .environment(env.clone())
            .manifest(manifest.clone())
            .limits(limits_of(limits, &self.worker.limits))
            .strictness(strictness.unwrap_or(self.pack.strictness)))
    }

    /// Creates the inspection of `check`.
    pub(crate) fn check(
        &self,
        arguments: &CheckArguments,
        progress: Arc<ProgressBar>,
    ) -> Result<Inspection, Failure> {
        let CheckArguments { site, deny, strictness, place, .. } = arguments;
        let of_strictness = |strictness| match strictness {
            Strictness::Lenient => Denied::Errors,
            Strictness::Strict => Denied::Warnings,
        };
        let denied = (*deny).or(strictness.map(of_strictness)).or(self.check.deny);
        let denied = denied.unwrap_or_else(|| of_strictness(self.pack.strictness));
        let text = self.source.as_ref().map(|(path, text)| (path.as_path(), text.as_str()));
        let allowances = self.check.allow.iter().map(|one| one.allowance(text)).collect();
        Ok(Inspection::of(self.dist(site))
            .options(self.pack.clone())
            .target(self.checked_target(arguments)?)
            .cache(self.cache(place))
            .allow(allowances)
            .deny(denied)
            .start(arguments.start.or(self.check.start).unwrap_or_default())
            .progress(progress))
    }

    /// Returns the target to check. By default it is a Worker, which needs no engine since it is only
    /// assembled.
    pub(super) fn checked_target(&self, arguments: &CheckArguments) -> Result<Target, Failure> {
        let out = self.out.as_ref().map(|out| self.folder.join(out));
        let options = self.worker.clone();
        match self.target {
            // Nothing is written, and the paths without a file belong to the program.
            Some(TargetKind::Rust) => Ok(Target::RustModule(out.unwrap_or_default())),
            Some(TargetKind::RustWorker) => {
                let root = out.unwrap_or_else(|| self.folder.clone());
                Ok(Target::RustWorker(RustWorkerTarget { root, options }))
            }
            Some(TargetKind::Worker) | None => {
                let own = out.filter(|_| self.target.is_some());
                let out = own.unwrap_or_else(|| self.folder.join(WORKER_OUT));
                let configured = || self.engine.as_ref().map(|engine| self.folder.join(engine));
                let engine = match arguments.engine.clone().or_else(configured) {
                    Some(path) => Engine::from_file(path)?,
                    None => Engine::embedded().unwrap_or_else(Engine::stand_in),
                };
                Ok(Target::Worker(WorkerTarget { out, engine, options }))
            }
        }
    }

    /// Creates the comparison of `diff`.
    pub(crate) fn diff(&self, arguments: &DiffArguments) -> Comparison {
        Comparison::of(&arguments.old, &arguments.new)
            .options(self.pack.clone())
            .cache(self.cache(&arguments.place))
    }

    /// Creates the probe of `probe`.
    pub(crate) fn probe(&self, arguments: &ProbeArguments) -> Result<Probe, Failure> {
        let manifest = match (&arguments.manifest, arguments.crawl) {
            (_, true) => None,
            (Some(named), false) => Some(named.clone()),
            (None, false) => {
                let own = self.out.as_deref();
                // The last one is that of a Worker in Rust.
                let usual = [WORKER_OUT, "build"].map(Path::new);
                let mut outputs = own.into_iter().chain(usual).map(|out| self.folder.join(out));
                let out = outputs.find(|out| has_manifest(out));
                out.map(|out| out.to_string_lossy().into_owned())
            }
        };
        let expected = manifest.map_or(Expected::Nothing, Expected::Manifest);
        Ok(arguments
            .probe(expected)?
            .options(self.pack.clone())
            .cache(self.cache(&arguments.place)))
    }

    /// Creates a pack that writes nothing, with the files of earlier builds that one with an output has.
    fn pack_of_output(
        &self,
        site: &SiteArguments,
        run: &RunArguments,
        pack: &PackArguments,
        purpose: Purpose,
    ) -> Pack {
        let mut options = self.options(run, pack, purpose);
        options.keep = options.keep.with(|bounds| {
            let store = bounds.store.or_else(|| KeepBounds::store_beside(&self.last_output()));
            KeepBounds { store, ..bounds }
        });
        self.pack(site, run, pack, purpose).options(options)
    }

    pub(super) fn pack(
        &self,
        site: &SiteArguments,
        run: &RunArguments,
        pack: &PackArguments,
        purpose: Purpose,
    ) -> Pack {
        let packing = Pack::from_dir(self.dist(site))
            .options(self.options(run, pack, purpose))
            .cache(self.cache(&run.place));
        match run.cache_size.or(self.cache_size) {
            Some(size) => packing.cache_size(size.as_u64()),
            None => packing,
        }
    }
}

/// Returns whether a folder is the output of a build: other programs write manifests too.
fn has_manifest(out: &Path) -> bool {
    let is_manifest = |place| {
        std::fs::read_to_string(out.join(place))
            .is_ok_and(|text| text.starts_with("{\n  \"generator\": \"worker-pack\","))
    };
    ["manifest.json", "bundle/manifest.json", "table/manifest.json"].into_iter().any(is_manifest)
}
