//! The modules of a built Worker, as wrangler uploads them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::imports::Bundle;
use super::links;
use super::module::{BuiltModule, display, read};
use super::rules::{RuleType, Rules};
use super::settings::Settings;
use crate::asset::blob::Blob;
use crate::feedback::diagnostic::Diagnostic;
use crate::feedback::error::PackError;
use crate::feedback::stage::Stage;
use crate::named::named;
use crate::project::path::{normalised, slashes};

/// The folder of wrangler's own files in a project.
const WRANGLER: &str = ".wrangler";

named! {
    /// The way in which modules are uploaded.
    pub enum Upload {
        /// As they are written.
        AsWritten = "as-written",
        /// Scripts are first bundled into one, by wrangler. Their size is the one before that.
        Bundled = "bundled",
    }
}

/// All modules of a Worker.
#[derive(Clone, Debug)]
pub(super) struct Modules {
    /// The modules, sorted by their names. Two may have the same name.
    pub(super) all: Vec<BuiltModule>,
    pub(super) upload: Upload,
    /// The npm packages that wrangler bundles too, and that are not weighed.
    pub(super) packages: BTreeSet<String>,
    /// The number of imports that are computed at run time.
    pub(super) computed: usize,
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl Modules {
    /// Reads the modules that a configuration leads to.
    pub(super) fn of_config(settings: &Settings) -> Result<Self, PackError> {
        let mut modules = Self::none(Upload::AsWritten);
        let Some(main) = settings.main()? else { return Ok(modules) };
        let (base, rules) = (settings.base(&main)?, settings.rules()?);
        let found = if settings.finds_modules()? {
            let is_main = |path: &Path| path == main || path == normalised(settings.path());
            let own = normalised(&settings.folder().join(WRANGLER));
            find(&base, &rules, |path| is_main(path) || path == own)?
        } else {
            BTreeMap::new()
        };
        for (name, (kind, path)) in &found {
            modules.add(name.clone(), *kind, read(path)?);
        }
        if !settings.is_bundled()? {
            let name = main.file_name().unwrap_or_default().to_string_lossy().into_owned();
            modules.add(name, RuleType::EsModule, read(&main)?);
            modules.diagnostics = links::missing(&main, settings.folder(), &modules.all)?;
            return Ok(modules);
        }
        let external = found.into_values().map(|(_, path)| path).collect();
        let bundle = Bundle::of(&main, settings.folder(), &rules, &external)?;
        modules.upload = Upload::Bundled;
        modules.packages = bundle.packages;
        modules.computed = bundle.computed;
        modules.diagnostics = bundle.diagnostics;
        for (path, kind) in &bundle.data {
            modules.add(display(path, settings.folder()), *kind, read(path)?);
        }
        let name = format!("{}.js", main.file_stem().unwrap_or_default().to_string_lossy());
        modules.put(BuiltModule { name, kind: RuleType::EsModule, files: bundle.scripts });
        Ok(modules)
    }

    /// Reads the modules in a folder, such as one that `wrangler deploy --dry-run --outdir` has written.
    pub(super) fn of_folder(folder: &Path) -> Result<Self, PackError> {
        let mut modules = Self::none(Upload::AsWritten);
        for (name, (kind, path)) in find(folder, &Rules::of_folder(), |_| false)? {
            modules.add(name, kind, read(&path)?);
        }
        if modules.all.is_empty() {
            let message = "contains no module of a Worker, and no configuration for wrangler";
            let path = folder.to_owned();
            return Err(PackError::NotBuilt { path, message: message.to_owned() });
        }
        Ok(modules)
    }

    fn none(upload: Upload) -> Self {
        Self {
            all: Vec::new(),
            upload,
            packages: BTreeSet::new(),
            computed: 0,
            diagnostics: Vec::new(),
        }
    }

    fn add(&mut self, name: String, kind: RuleType, bytes: Blob) {
        let files = vec![(name.clone(), bytes)];
        self.put(BuiltModule { name, kind, files });
    }

    fn put(&mut self, module: BuiltModule) {
        let at = self.all.partition_point(|one| one.name <= module.name);
        self.all.insert(at, module);
    }
}

/// Finds the modules in a folder as wrangler does: it follows links to files, and enters no link to a
/// folder. Returns them by their names, without the files and folders to leave out.
fn find(
    folder: &Path,
    rules: &Rules,
    is_left_out: impl Fn(&Path) -> bool,
) -> Result<BTreeMap<String, (RuleType, PathBuf)>, PackError> {
    let mut found = BTreeMap::new();
    let is_entered = |entry: &walkdir::DirEntry| !is_left_out(&normalised(entry.path()));
    for entry in WalkDir::new(folder).into_iter().filter_entry(is_entered) {
        let entry = entry.map_err(|error| {
            let path = error.path().unwrap_or(folder).to_owned();
            PackError::io(Stage::Output, "read", path)(error.into())
        })?;
        let path = normalised(entry.path());
        if entry.file_type().is_dir() {
            continue;
        }
        let name = slashes(entry.path().strip_prefix(folder).unwrap_or(entry.path()));
        if let Some(kind) = rules.of_file(&name) {
            found.insert(name, (kind, path));
        }
    }
    Ok(found)
}
