//! The configuration in `worker-pack.toml`, merged with the arguments.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytesize::ByteSize;
use serde::Deserialize;
use worker_pack::cache::CacheLocation;
use worker_pack::options::{Budget, Effort, Limits, Options, Strictness, WorkerOptions};
use worker_pack::probing::Expected;
use worker_pack::target::{Engine, RustWorkerTarget, WorkerTarget};
use worker_pack::{Comparison, Denied, Inspection, Pack, Probe, SiteWeighing, Target, Weighing};

use super::allowances::CheckConfig;
use super::args::{
    BuildArguments, CheckArguments, DiffArguments, LimitArguments, PackArguments, PlaceArguments,
    ProbeArguments, ReportArguments, ResponseArguments, RunArguments, ServeArguments,
    SiteArguments, TargetKind, WeighArguments, WorkerArguments,
};
use super::exit::Failure;
use super::print::progress_bar::ProgressBar;

const FILE_NAME: &str = "worker-pack.toml";

/// The default output folder of a Worker.
const WORKER_OUT: &str = "dist-worker";

/// The configuration file. Paths in it are relative to its folder.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Config {
    /// The folder of the build.
    dist: Option<PathBuf>,
    /// The folder that `build` writes into.
    out: Option<PathBuf>,
    /// The target of `build`. `None` for the default one.
    target: Option<TargetKind>,
    /// The engine of a Worker.
    engine: Option<PathBuf>,
    /// The folder of the cache, or `none`.
    cache_dir: Option<PathBuf>,
    /// The size above which old results are removed from the cache.
    cache_size: Option<ByteSize>,
    /// The budgets, which are options of the pack.
    budget: Vec<Budget>,
    /// The options of the pack.
    pack: Options,
    /// The options of a Worker.
    worker: WorkerOptions,
    /// The address of `serve`.
    serve: ServeConfig,
    /// The settings of `check`.
    check: CheckConfig,
    /// The folder that paths are relative to.
    #[serde(skip)]
    folder: PathBuf,
    /// The name and the text of the file.
    #[serde(skip)]
    source: Option<(PathBuf, String)>,
}

/// The address that `serve` listens on.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct ServeConfig {
    host: IpAddr,
    port: u16,
}

impl Default for ServeConfig {
    fn default() -> Self {
        Self { host: Ipv4Addr::LOCALHOST.into(), port: 8787 }
    }
}

/// The purpose of a pack, which decides its default effort.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To pack once.
    Once,
    /// To pack after each change.
    Watch,
}

impl Purpose {
    pub(crate) fn from_watch_flag(watch: bool) -> Self {
        if watch { Self::Watch } else { Self::Once }
    }
}

impl Config {
    /// Reads the file that the arguments name, else the one in the current folder if it exists.
    pub(crate) fn load(named: Option<&Path>) -> Result<Self, Failure> {
        let path = match named {
            Some(path) => path,
            None if Path::new(FILE_NAME).exists() => Path::new(FILE_NAME),
            None => return Ok(Self::default()),
        };
        let text = std::fs::read_to_string(path)
            .map_err(|source| Failure::ConfigUnreadable { path: path.to_owned(), source })?;
        let config: Self = toml::from_str(&text).map_err(|source| Failure::ConfigInvalid {
            path: path.to_owned(),
            source: Box::new(source),
        })?;
        let folder = path.parent().map(Path::to_owned).unwrap_or_default();
        Ok(Self { folder, source: Some((path.to_owned(), text)), ..config })
    }

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
        self.pack(site, run, pack, purpose).target(Target::Memory).progress(progress)
    }

    /// Creates the weighing of `report`.
    pub(crate) fn report(
        &self,
        arguments: &ReportArguments,
        progress: Arc<ProgressBar>,
    ) -> SiteWeighing {
        let ReportArguments { site, run, pack, since, .. } = arguments;
        let pack = self.pack(site, run, pack, Purpose::Once).progress(progress);
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
    fn last_output(&self) -> PathBuf {
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
    fn checked_target(&self, arguments: &CheckArguments) -> Result<Target, Failure> {
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

    /// Returns the address that `serve` listens on.
    pub(crate) fn address(&self, arguments: &ServeArguments) -> SocketAddr {
        let ServeConfig { host, port } = self.serve;
        SocketAddr::new(arguments.host.unwrap_or(host), arguments.port.unwrap_or(port))
    }

    /// Returns the folder of the build.
    pub(crate) fn dist(&self, arguments: &SiteArguments) -> PathBuf {
        match (&arguments.dist, &self.dist) {
            (Some(dist), _) => dist.clone(),
            (None, Some(dist)) => self.folder.join(dist),
            (None, None) => self.folder.join("dist"),
        }
    }

    /// Returns the place of the cache.
    pub(crate) fn cache(&self, arguments: &PlaceArguments) -> CacheLocation {
        let none = Path::new("none");
        match (&arguments.cache_dir, &self.cache_dir) {
            (Some(folder), _) | (None, Some(folder)) if folder == none => CacheLocation::Nowhere,
            (Some(folder), _) => CacheLocation::Folder(folder.clone()),
            (None, Some(folder)) => CacheLocation::Folder(self.folder.join(folder)),
            (None, None) => CacheLocation::ByConvention,
        }
    }

    fn pack(
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

    fn target(&self, arguments: &BuildArguments) -> Result<Target, Failure> {
        let configured = || self.out.as_ref().map(|out| self.folder.join(out));
        let out = arguments.out.clone().or_else(configured);
        match arguments.target.or(self.target).unwrap_or_default() {
            TargetKind::Rust => out.map(Target::RustModule).ok_or(Failure::NoOut),
            TargetKind::RustWorker => {
                let root = out.unwrap_or_else(|| self.folder.clone());
                let options = self.worker(&arguments.worker);
                Ok(Target::RustWorker(RustWorkerTarget { root, options }))
            }
            TargetKind::Worker => {
                let out = out.unwrap_or_else(|| self.folder.join(WORKER_OUT));
                let engine = self.engine(&arguments.worker)?;
                let options = self.worker(&arguments.worker);
                Ok(Target::Worker(WorkerTarget { out, engine, options }))
            }
        }
    }

    fn engine(&self, arguments: &WorkerArguments) -> Result<Engine, Failure> {
        let configured = || self.engine.as_ref().map(|engine| self.folder.join(engine));
        match arguments.engine.clone().or_else(configured) {
            Some(path) => Ok(Engine::from_file(path)?),
            None => Engine::embedded().ok_or(Failure::NoEngine),
        }
    }

    fn worker(&self, arguments: &WorkerArguments) -> WorkerOptions {
        let WorkerArguments {
            engine: _,
            headers_on_ssr,
            server_code,
            spill_above,
            budget,
            spill_to,
            deploy_config,
            site_data,
            limits,
        } = arguments;
        let options = &self.worker;
        WorkerOptions {
            headers_on_ssr: headers_on_ssr.unwrap_or(options.headers_on_ssr),
            server_code: server_code.unwrap_or(options.server_code),
            spill_above: spill_above.or(options.spill_above),
            budget: budget.or(options.budget),
            spill_to: spill_to.unwrap_or(options.spill_to),
            deploy_config: deploy_config.unwrap_or(options.deploy_config),
            site_data: site_data.unwrap_or(options.site_data),
            limits: limits_of(limits, &options.limits),
        }
    }

    fn options(&self, run: &RunArguments, pack: &PackArguments, purpose: Purpose) -> Options {
        let PackArguments {
            minify,
            css_targets,
            keep_comments,
            encodings,
            effort,
            identity,
            source_maps,
            dotfiles,
            rule,
            budgets,
            responses,
        } = pack;
        let ResponseArguments { early_hints, compat, html_handling, not_found_handling, fidelity } =
            responses;
        let options = self.pack.clone();
        let default_effort = match purpose {
            Purpose::Once => None,
            Purpose::Watch => Some(Effort::Fast),
        };
        let list = |list: &Option<_>| list.as_ref().map(set);
        // The last match counts, so the rules of the arguments follow those of the file.
        let rules = [options.rule, rule.clone()].concat();
        let budgets = match purpose {
            Purpose::Once => [self.budget.clone(), budgets.clone()].concat(),
            // The sizes are not those that ship.
            Purpose::Watch => Vec::new(),
        };
        Options {
            minify: list(minify).unwrap_or(options.minify),
            css_targets: if css_targets.is_empty() {
                options.css_targets
            } else {
                css_targets.clone()
            },
            keep_comments: if keep_comments.is_empty() {
                options.keep_comments
            } else {
                keep_comments.clone()
            },
            encodings: encodings.as_ref().map(set).unwrap_or(options.encodings),
            effort: effort.or(options.effort).or(default_effort),
            identity: identity.unwrap_or(options.identity),
            source_maps: source_maps.unwrap_or(options.source_maps),
            dotfiles: dotfiles.unwrap_or(options.dotfiles),
            rule: rules,
            budgets,
            strictness: run.strictness.unwrap_or(options.strictness),
            early_hints: early_hints.unwrap_or(options.early_hints),
            compat: compat.or(options.compat),
            html_handling: html_handling.or(options.html_handling),
            not_found_handling: not_found_handling.or(options.not_found_handling),
            fidelity: fidelity.unwrap_or(options.fidelity),
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

fn set<T: Copy + Ord>(list: &super::args::List<T>) -> std::collections::BTreeSet<T> {
    list.0.iter().copied().collect()
}

fn limits_of(arguments: &LimitArguments, limits: &Limits) -> Limits {
    let LimitArguments {
        limit_size,
        limit_gzip_marks,
        limit_memory,
        limit_startup_mark,
        limit_static_asset,
        limit_static_assets,
        limit_r2_upload,
    } = arguments;
    Limits {
        size: limit_size.unwrap_or(limits.size),
        gzip_marks: match limit_gzip_marks {
            Some(marks) => marks.0.clone(),
            None => limits.gzip_marks.clone(),
        },
        memory: limit_memory.unwrap_or(limits.memory),
        startup_mark: limit_startup_mark.unwrap_or(limits.startup_mark),
        static_asset: limit_static_asset.unwrap_or(limits.static_asset),
        static_assets: limit_static_assets.unwrap_or(limits.static_assets),
        r2_upload: limit_r2_upload.unwrap_or(limits.r2_upload),
    }
}
