//! The facts about a project that a migration depends on, read once.

pub(crate) mod git;
pub(crate) mod leftover;
pub(crate) mod manager;
pub(crate) mod sources;
pub(crate) mod text_file;
pub(crate) mod version;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::astro_config;
use super::error::MigrationError;
use super::wrangler::WranglerFile;
use crate::project::astro_adapter::ADAPTER;
use git::GitState;
pub(crate) use leftover::Leftover;
use manager::Manager;
use sources::Sources;
use text_file::TextFile;
use version::Version;

/// The file with the packages and scripts of a project.
pub(crate) const PACKAGE: &str = "package.json";

/// The newest major version of the adapter that is known.
const NEWEST_ADAPTER: u32 = 14;

/// The facts about a project.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    /// The project's folder without links in its path.
    pub(crate) root: PathBuf,
    pub(crate) package: TextFile,
    pub(crate) package_values: Value,
    pub(crate) manager: Manager,
    pub(crate) astro: Option<Version>,
    pub(crate) adapter: Option<Version>,
    pub(crate) wrangler_version: Option<Version>,
    pub(crate) config: Option<TextFile>,
    /// The configurations that Astro does not read, since another one comes first.
    pub(crate) unread_configs: Vec<String>,
    pub(crate) configured: astro_config::Facts,
    pub(crate) sources: Sources,
    pub(crate) wrangler: Option<WranglerFile>,
    /// The configurations for wrangler that it does not read, since another one comes first.
    pub(crate) unread: Vec<String>,
    pub(crate) ignored: Option<TextFile>,
    pub(crate) git: GitState,
    /// The files and folders of Pages.
    pub(crate) leftovers: BTreeSet<Leftover>,
    /// The place that decides whose rules count.
    pub(crate) compat: CompatIn,
    /// The files of CI servers that deploy to Pages.
    pub(crate) pipelines: Vec<String>,
}

impl Facts {
    /// Reads the facts about a project.
    ///
    /// # Errors
    /// If it is not an Astro project, or a file that may be changed cannot be read or written.
    pub(crate) fn read(folder: &Path) -> Result<Self, MigrationError> {
        let not_a_project =
            |message: String| MigrationError::NotAProject { path: folder.to_owned(), message };
        let root = folder.canonicalize().ok().filter(|root| root.is_dir()).ok_or_else(|| {
            not_a_project("is not a folder; name that of the Astro project".to_owned())
        })?;
        let package = TextFile::read(&root, PACKAGE)?.ok_or_else(|| {
            not_a_project("has no `package.json`; name the folder of the Astro project, or begin a new one by `npm create astro@latest`".to_owned())
        })?;
        let package_values = object(&package)?;
        let mut configs = of_names(&root, &astro_config::NAMES)?.into_iter();
        let config = configs.next();
        let has_astro = version::wanted(&package_values, "astro").is_some();
        if config.is_none() && !has_astro {
            return Err(not_a_project(
                "is not an Astro project: `package.json` does not name the package `astro`, and there is no `astro.config.*`; name its folder".to_owned(),
            ));
        }
        // The root of a monorepo may name the package for the sites below.
        let has_workspaces = package_values.get("workspaces").is_some()
            || root.join("pnpm-workspace.yaml").is_file();
        if config.is_none() && has_workspaces && !root.join("src/pages").exists() {
            return Err(not_a_project(
                "is the root of a monorepo, and not an Astro project: it has neither `astro.config.*` nor `src/pages`; name the folder with them".to_owned(),
            ));
        }
        let manager = Manager::of(&root, &package_values);
        let of = |name| version::of(&root, &manager, &package_values, name);
        let configured = match &config {
            Some(file) => astro_config::read(file)?,
            None => astro_config::Facts::default(),
        };
        let source = configured.source_folder.clone().unwrap_or_else(|| "src".to_owned());
        let public = configured.public_folder.clone().unwrap_or_else(|| "public".to_owned());
        let mut configurations = WranglerFile::all(&root)?.into_iter();
        Ok(Self {
            astro: of("astro"),
            adapter: of(ADAPTER),
            wrangler_version: of("wrangler"),
            sources: Sources::read(&root, Path::new(source.trim_start_matches("./"))),
            wrangler: configurations.next(),
            unread_configs: configs.map(|file| file.name()).collect(),
            unread: configurations.map(|file| file.file.name()).collect(),
            ignored: TextFile::read(&root, ".gitignore")?,
            git: GitState::of(&root),
            leftovers: Leftover::of(&root, &public),
            compat: CompatIn::of(&root),
            pipelines: pipelines(&root),
            root,
            package,
            package_values,
            manager,
            config,
            configured,
        })
    }

    /// Returns whether the project has a file or folder of Pages.
    pub(crate) fn has(&self, leftover: Leftover) -> bool {
        self.leftovers.contains(&leftover)
    }

    /// Returns the command that runs a program of a package, which the project may have or not.
    pub(crate) fn command_of(&self, package: &str, program: &str) -> String {
        let manager = self.manager.kind;
        match version::wanted(&self.package_values, package) {
            Some(_) => manager.execute(program),
            None => manager.download(program),
        }
    }

    /// Returns a script of the project.
    pub(crate) fn script(&self, name: &str) -> Option<&str> {
        self.package_values.get("scripts")?.get(name)?.as_str()
    }

    /// Returns all scripts of the project with their names.
    pub(crate) fn scripts(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self.package_values.get("scripts").and_then(Value::as_object);
        all.into_iter().flatten().filter_map(|(name, script)| Some((&**name, script.as_str()?)))
    }

    /// Returns whether the site's server is made by the adapter, and the reason.
    pub(crate) fn adapter_reason(&self) -> Option<String> {
        let facts = &self.configured;
        if let Some(adapter) = &facts.adapter {
            return Some(format!("the site has the adapter `{adapter}`"));
        }
        match facts.output.as_deref() {
            Some(output @ ("server" | "hybrid")) => {
                Some(format!("the configuration of Astro has `output: '{output}'`"))
            }
            _ => self.sources.server_reason(),
        }
    }

    /// Returns whether the script `build` packs the site, and the integration does not.
    pub(crate) fn is_packed_by_command(&self) -> bool {
        self.configured.integration == astro_config::IntegrationIs::Missing
            && self.script("build").is_some_and(|script| script.contains("worker-pack build"))
    }

    /// Returns the major version of the adapter: the one of the project, else the one for its Astro.
    pub(crate) fn adapter_major(&self) -> u32 {
        match (&self.adapter, &self.astro) {
            (Some(adapter), _) => adapter.major,
            (None, Some(astro)) => adapter_for(astro.major),
            (None, None) => NEWEST_ADAPTER,
        }
    }

    /// Returns the folder of the build, relative to the project's.
    pub(crate) fn build_folder(&self) -> &str {
        let folder = self.configured.out_folder.as_deref().unwrap_or("dist");
        folder.trim_start_matches("./").trim_end_matches('/')
    }

    /// Returns whether the folder `functions` is compiled and packed. Pages ignores it if the site has
    /// `_worker.js`, which the adapter makes.
    pub(crate) fn functions_are_packed(&self) -> bool {
        self.has(Leftover::Functions)
            && self.adapter_reason().is_none()
            && !self.has(Leftover::Worker)
            && !self.has_own_worker()
    }

    /// Returns whether the site has no server, and wrangler runs a module of the user.
    pub(crate) fn runs_another_module(&self) -> bool {
        self.has_own_worker() && self.adapter_reason().is_none()
    }

    /// Returns whether the configuration for wrangler is that of a Worker with a module of its own, for which
    /// wrangler ignores the files of Pages.
    fn has_own_worker(&self) -> bool {
        let wrangler = self.wrangler.as_ref().filter(|file| !file.is_pages());
        wrangler.is_some_and(|file| file.values.contains_key("main"))
    }

    /// Returns whether the project is deployed to Pages.
    pub(crate) fn is_pages(&self) -> bool {
        self.wrangler.as_ref().is_some_and(WranglerFile::is_pages)
            || self.scripts().any(|(_, script)| script.contains("wrangler pages"))
            || !self.leftovers.is_empty() && !self.has_own_worker()
    }
}

/// Returns the major version of the adapter that fits a major version of Astro.
pub(crate) fn adapter_for(astro: u32) -> u32 {
    match astro {
        ..=4 => 11,
        5 => 12,
        6 => 13,
        _ => NEWEST_ADAPTER,
    }
}

/// The place that decides whose rules count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CompatIn {
    /// `worker-pack.toml`.
    OptionsFile,
    /// The options of the integration.
    Integration,
}

impl CompatIn {
    fn of(root: &Path) -> Self {
        let text = fs::read_to_string(root.join("worker-pack.toml")).unwrap_or_default();
        let values: Option<toml::Table> = text.parse().ok();
        let is_set = values.is_some_and(|values| {
            let of_pack = values.get("pack").and_then(|it| it.get("compat"));
            values.contains_key("compat") || of_pack.is_some()
        });
        if is_set { Self::OptionsFile } else { Self::Integration }
    }
}

/// Returns the files of CI servers that deploy to Pages, of the project and of the repository around it.
fn pipelines(root: &Path) -> Vec<String> {
    let repository = root.ancestors().find(|folder| folder.join(".git").exists());
    let folders: BTreeSet<&Path> = [root].into_iter().chain(repository).collect();
    let mut found = BTreeSet::new();
    for folder in folders {
        let workflows = fs::read_dir(folder.join(".github/workflows")).into_iter().flatten();
        let files = workflows.flatten().map(|entry| entry.path());
        for file in files.chain([folder.join(".gitlab-ci.yml")]) {
            let text = fs::read_to_string(&file).unwrap_or_default();
            let deploys = ["pages deploy", "pages publish", "cloudflare/pages-action"];
            if deploys.iter().any(|command| text.contains(command)) {
                found.insert(text_file::shown(file.strip_prefix(folder).unwrap_or(&file)));
            }
        }
    }
    found.into_iter().collect()
}

/// Reads those of some files that exist.
pub(crate) fn of_names(root: &Path, names: &[&str]) -> Result<Vec<TextFile>, MigrationError> {
    let files = names.iter().map(|name| TextFile::read(root, name));
    files.filter_map(Result::transpose).collect()
}

/// Parses a JSON file with an object.
fn object(file: &TextFile) -> Result<Value, MigrationError> {
    let invalid = |message: String| MigrationError::Invalid { path: file.path.clone(), message };
    let values: Value =
        serde_json::from_str(&file.text).map_err(|error| invalid(error.to_string()))?;
    let is_map = |name: &str| values.get(name).is_none_or(Value::is_object);
    if !values.is_object() {
        return Err(invalid("its top level is not an object".to_owned()));
    }
    match ["scripts", "dependencies", "devDependencies"].into_iter().find(|name| !is_map(name)) {
        Some(name) => Err(invalid(format!("`{name}` is not an object"))),
        None => Ok(values),
    }
}
