//! A built Worker, as wrangler would upload it: its modules, their weight, and the files whose bytes they
//! contain.

mod bodies;
mod glob;
mod imports;
mod links;
mod manifest;
mod module;
mod modules;
mod parts;
mod report;
mod rules;
mod settings;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use bytesize::ByteSize;
use walkdir::WalkDir;

use crate::asset::blob::Blob;
use crate::cache::Cache;
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::feedback::error::PackError;
use crate::feedback::findings::{Findings, Strictness};
use crate::feedback::stage::Stage;
use crate::ingest::assets_ignore::AssetsIgnore;
use crate::options::Limits;
use crate::parallel;
use crate::project::path::{absolute, normalised, slashes};
use crate::project::wrangler::WranglerConfig;
use crate::weight::{Load, StaticAsset, WeighedModule, Weight, limits};
use manifest::Manifest;
use modules::Modules;
pub use modules::Upload;
use parts::{Loaded, Parts};
pub use report::{KindSize, ModuleReport, PartKind, WeightReport};
use settings::Settings;

/// Size from which a module that is uploaded twice is reported.
const MIN_REPEATED: usize = 1024;

/// The weighing of a built Worker.
#[derive(Clone, Debug, Default)]
pub struct Weighing {
    path: PathBuf,
    environment: Option<String>,
    manifest: Option<PathBuf>,
    limits: Limits,
    strictness: Strictness,
}

impl Weighing {
    /// Weighs the Worker of a configuration for wrangler, of the one in a folder, or in a folder that
    /// contains modules only.
    pub fn of(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), ..Self::default() }
    }

    /// Sets the environment in the configuration, whose settings replace those of the top level.
    #[must_use]
    pub fn environment(self, name: Option<String>) -> Self {
        Self { environment: name, ..self }
    }

    /// Sets the manifest that tells the names of bodies. By default it is looked for beside the Worker,
    /// and in what Cargo built.
    #[must_use]
    pub fn manifest(self, path: Option<PathBuf>) -> Self {
        Self { manifest: path, ..self }
    }

    /// Sets the limits of the platform.
    #[must_use]
    pub fn limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Sets the treatment of warnings.
    #[must_use]
    pub fn strictness(self, strictness: Strictness) -> Self {
        Self { strictness, ..self }
    }

    /// Returns whether a configuration in a folder names a Worker.
    pub fn has_worker(folder: &Path) -> bool {
        configuration_in(folder).is_some_and(|path| {
            let config = WranglerConfig::read(&path);
            // An invalid one is reported when it is read.
            config.is_err() || config.is_ok_and(|config| config.get("main").is_some())
        })
    }

    /// Weighs the Worker. A limit that is exceeded is an error in the report.
    ///
    /// # Errors
    /// If the Worker is not built, or the configuration is invalid.
    pub fn run(&self) -> Result<WeightReport, PackError> {
        let pool =
            parallel::pool().map_err(|error| PackError::Threads { message: error.to_string() })?;
        pool.install(|| self.weigh())
    }

    fn weigh(&self) -> Result<WeightReport, PackError> {
        let config = if self.path.is_dir() { configuration_in(&self.path) } else { None };
        let subject = normalised(&config.unwrap_or_else(|| self.path.clone()));
        // The current folder.
        let subject = if subject.as_os_str().is_empty() { self.path.clone() } else { subject };
        let (modules, static_assets, folders) = if subject.is_dir() {
            if self.environment.is_some() {
                return Err(PackError::Option {
                    option: "env",
                    message: "a folder without a configuration has no environments".to_owned(),
                });
            }
            (Modules::of_folder(&subject)?, Vec::new(), vec![absolute(&subject)])
        } else {
            if !subject.exists() {
                let message = "does not exist; build the Worker first".to_owned();
                return Err(PackError::NotBuilt { path: subject, message });
            }
            let settings = Settings::read(&absolute(&subject), self.environment.as_deref())?;
            let modules = Modules::of_config(&settings)?;
            let main = settings.main()?;
            let base = main.as_deref().map(|main| settings.base(main)).transpose()?;
            let folders = [Some(settings.folder().to_owned()), base].into_iter().flatten();
            (modules, static_assets(settings.assets())?, folders.collect())
        };
        let (loaded, mut diagnostics) = parts::load(&modules)?;
        diagnostics.extend(modules.diagnostics.iter().cloned());
        let (parts, manifest) = self.parts(&loaded, &folders)?;
        diagnostics.extend(repeated(&loaded, &parts));
        let weighed: Vec<WeighedModule<'_>> = loaded
            .iter()
            .map(|one| WeighedModule { load: one.load.clone(), parts: &one.bytes })
            .collect();
        let cache = Cache::open(None, ByteSize::b(0));
        let copied = copied(&loaded);
        let weight = Weight::of(&weighed, copied, &static_assets, parts.all.clone(), &cache)?;
        let (limits, assets) = (&self.limits, &static_assets);
        diagnostics.extend(limits::compare(&weight, limits, assets, &parts));
        let shares = limits::shares(&weight, limits, assets);
        let mut findings = Findings::new(self.strictness);
        findings.add(diagnostics);
        Ok(WeightReport {
            version: WeightReport::VERSION,
            subject: slashes(&subject),
            environment: self.environment.clone(),
            upload: modules.upload,
            packages: modules.packages.iter().cloned().collect(),
            computed_imports: modules.computed,
            manifest: manifest.map(|manifest| slashes(&manifest.path)),
            weight,
            limits: shares,
            kinds: parts.kinds(),
            modules: loaded.iter().map(report_on).collect(),
            diagnostics: findings.into_sorted(),
        })
    }

    /// Finds the parts of the modules, with the manifest that tells most of their names.
    fn parts(
        &self,
        loaded: &[Loaded<'_>],
        folders: &[PathBuf],
    ) -> Result<(Parts, Option<Manifest>), PackError> {
        if let Some(path) = &self.manifest {
            let manifest = Manifest::read(path)?;
            return Ok((Parts::of(loaded, Some(&manifest))?, Some(manifest)));
        }
        let mut best = (Parts::of(loaded, None)?, None);
        for find in [Manifest::beside, Manifest::of_cargo] {
            for manifest in find(folders) {
                let parts = Parts::of(loaded, Some(&manifest))?;
                if parts.named > best.0.named {
                    best = (parts, Some(manifest));
                }
            }
            if best.1.is_some() {
                break;
            }
        }
        Ok(best)
    }
}

/// Finds the configuration in a folder, as wrangler does.
fn configuration_in(folder: &Path) -> Option<PathBuf> {
    WranglerConfig::NAMES.iter().map(|name| folder.join(name)).find(|path| path.is_file())
}

/// Returns the number of bytes that a packed Worker's engine copies: the table.
fn copied(modules: &[Loaded<'_>]) -> usize {
    let find = |name| modules.iter().find(|one| one.module.name.ends_with(name));
    match (find("engine.wasm"), find("table.bin")) {
        (Some(_), Some(table)) => table.bytes.iter().map(Blob::len).sum(),
        _ => 0,
    }
}

fn report_on(one: &Loaded<'_>) -> ModuleReport {
    let kind = match one.load {
        Load::Script => "script",
        Load::Data => "data",
        Load::Program(_) => "wasm",
    };
    let size = one.bytes.iter().map(Blob::len).sum();
    ModuleReport { name: one.module.name.clone(), kind, size }
}

/// Reports bytes that are stored twice: bodies in a program, and equal modules.
fn repeated(modules: &[Loaded<'_>], parts: &Parts) -> Vec<Diagnostic> {
    let note = |file: &str, message: String| {
        Diagnostic::note(Code::WorkerStoredTwice, file, message)
            .with_help("include each of them once, since every copy is uploaded and loaded")
    };
    let mut notes = Vec::new();
    if parts.repeated > 0 {
        let size = ByteSize::b(parts.repeated as u64);
        notes.push(note("worker", format!("it contains {size} of bodies twice")));
    }
    let mut seen = BTreeSet::new();
    for Loaded { module, bytes, .. } in modules {
        let hashes: Vec<_> = bytes.iter().map(Blob::hash).collect();
        let len: usize = bytes.iter().map(Blob::len).sum();
        if !seen.insert(hashes) && len >= MIN_REPEATED {
            notes.push(note(&module.name, "is a module with the bytes of another one".to_owned()));
        }
    }
    notes
}

/// Returns the files of a folder that go to Workers Static Assets.
fn static_assets(folder: Option<PathBuf>) -> Result<Vec<StaticAsset>, PackError> {
    /// Files of the site's rules, which are not uploaded.
    const RULES: [&str; 3] = [".assetsignore", "_headers", "_redirects"];
    let Some(folder) = folder else { return Ok(Vec::new()) };
    if !folder.is_dir() {
        let message = "is missing, though it is `assets.directory`; build the site".to_owned();
        return Err(PackError::NotBuilt { path: folder, message });
    }
    let ignored = AssetsIgnore::of_folder(&folder)?;
    let mut assets = Vec::new();
    for entry in WalkDir::new(&folder).sort_by_file_name() {
        let entry = entry.map_err(|error| {
            let path = error.path().unwrap_or(&folder).to_owned();
            PackError::io(Stage::Output, "read", path)(error.into())
        })?;
        let name = entry.path().strip_prefix(&folder).unwrap_or(entry.path());
        let is_rule = RULES.iter().any(|rule| Path::new(rule) == name);
        if is_rule || ignored.ignored(name, entry.file_type().is_dir()).is_some() {
            continue;
        }
        // Links to files are followed.
        let state = entry.path().metadata();
        let state = state.map_err(PackError::io(Stage::Output, "read", entry.path()))?;
        if state.is_file() {
            let size = usize::try_from(state.len()).unwrap_or(usize::MAX);
            assets.push(StaticAsset { file: slashes(name), size });
        }
    }
    Ok(assets)
}
