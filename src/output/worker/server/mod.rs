//! The modules of the server that its entry imports, directly or through others.

mod build_paths;
mod edits;
mod shipping;
mod walk;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use walkdir::WalkDir;
use worker_pack_runtime::behaviour::Compat;

use super::bundling::Bundling;
use crate::feedback::diagnostic::Diagnostic;
use crate::feedback::error::PackError;
use crate::feedback::stage::Stage;
use crate::ingest::is_source_map;
use crate::options::ServerCode;
use crate::output::Input;
use crate::project::Project;
use crate::project::layout::{Layout, ServerEntry};
use crate::source_map::SourceMapFile;
use crate::transform::javascript;
use shipping::Shipping;
use walk::Walk;

/// A server build on disk.
#[derive(Clone, Debug)]
pub(crate) struct ServerBuild {
    project: Project,
    /// The folder of its modules.
    pub(super) folder: PathBuf,
    /// The module that the host loads, relative to the folder.
    pub(crate) entry: String,
    /// True if the named exports of the entry are meant for the host, as Durable Objects are.
    pub(crate) has_named_exports: bool,
    /// True if the site's configuration names the entry as its `main` module.
    pub(crate) is_main: bool,
}

/// The modules of a server, by their paths below its folder, with slashes.
#[derive(Clone, Debug, Default)]
pub(crate) struct ServerModules {
    /// The modules to ship.
    pub(crate) modules: BTreeMap<String, Vec<u8>>,
    /// The npm packages that they import and that wrangler bundles, each with a module that imports it.
    pub(crate) packages: BTreeMap<String, String>,
    /// The source maps of minified modules, with the option for them.
    pub(crate) maps: Vec<SourceMapFile>,
    /// Their numbers and sizes.
    pub(crate) summary: ServerSummary,
}

/// Numbers and sizes of a server's modules. Sizes are in bytes.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServerSummary {
    /// Number of modules that ship.
    pub modules: usize,
    /// Their size as written by Astro.
    pub source: usize,
    /// Their size as shipped.
    pub shipped: usize,
    /// Number of source maps, which are left out.
    pub source_maps: usize,
    /// The other files that are left out, because no module imports them, sorted.
    pub unused: Vec<String>,
}

impl ServerBuild {
    /// Finds the server build beside the public files. Returns `None` if the site has no server.
    ///
    /// # Errors
    /// If its layout differs from that of the adapter's versions 12 to 14.
    pub(crate) fn find(project: &Project, compat: Compat) -> Result<Option<Self>, PackError> {
        let Project { folder, layout, .. } = project;
        let Some(ServerEntry { folder, module }) = layout.server_entry(folder) else {
            return Ok(None);
        };
        if !folder.join(module).is_file() {
            return Err(PackError::UnknownServer { path: folder.join(module) });
        }
        let is_main = project.config.has_main(&folder.join(module));
        let has_named_exports =
            *layout == Layout::ClientAndServer || compat == Compat::Workers || is_main;
        Ok(Some(Self {
            project: project.clone(),
            folder,
            entry: module.to_owned(),
            has_named_exports,
            is_main,
        }))
    }

    /// Reads the entry and the modules that it imports, directly or through others. Returns them
    /// with their diagnostics.
    pub(crate) fn read(
        &self,
        input: Input<'_>,
        bundling: Bundling,
        code: ServerCode,
    ) -> Result<(ServerModules, Vec<Diagnostic>), PackError> {
        let mut walk = Walk {
            build: self,
            bundling,
            modules: BTreeMap::new(),
            source: 0,
            packages: BTreeMap::new(),
            diagnostics: Vec::new(),
        };
        let mut waiting = vec![self.entry.clone()];
        let mut has_computed_imports = false;
        loop {
            while let Some(name) = waiting.pop() {
                if walk.modules.contains_key(&name) {
                    continue;
                }
                let Some(imports) = walk.read(&name) else { continue };
                has_computed_imports |= imports.computed > 0;
                waiting.extend(walk.imported(&name, &imports));
            }
            // A specifier that is computed at run time may name any module.
            let rest = if has_computed_imports { self.files()? } else { BTreeSet::new() };
            let is_new =
                |name: &String| walk.kind(name).is_some() && !walk.modules.contains_key(name);
            waiting.extend(rest.into_iter().filter(is_new));
            has_computed_imports = false;
            if waiting.is_empty() {
                break;
            }
        }
        let is_left_out = |name: &String| !walk.modules.contains_key(name) && !is_config(name);
        let left_out = self.files()?.into_iter().filter(is_left_out);
        let (source_maps, unused): (Vec<_>, Vec<_>) =
            left_out.partition(|name| is_source_map(name));
        let Walk { modules, packages, source, diagnostics, .. } = walk;
        let mut shipping = Shipping::new(self, input, code, diagnostics);
        let modules = shipping.ship(modules)?;
        let Shipping { diagnostics, maps, .. } = shipping;
        let summary = ServerSummary {
            modules: modules.len(),
            source,
            shipped: modules.values().map(Vec::len).sum(),
            source_maps: source_maps.len(),
            unused,
        };
        Ok((ServerModules { modules, packages, maps, summary }, diagnostics))
    }

    /// Returns whether the server is a file among the public ones.
    pub(super) fn is_file(&self) -> bool {
        self.entry == "_worker.js"
    }

    /// Returns the names that the host finds in the entry, besides `default`. Those of `export *` are
    /// missing, since only the other module has them.
    pub(super) fn exported_names(&self) -> Vec<String> {
        let source = fs::read_to_string(self.folder.join(&self.entry)).unwrap_or_default();
        let names = javascript::exported_names(&source).unwrap_or_default();
        let is_identifier = |name: &String| {
            let mut all = name.chars();
            let begins =
                all.next().is_some_and(|first| first.is_alphabetic() || "_$".contains(first));
            begins
                && name != "default"
                && all.all(|one| one.is_alphanumeric() || "_$".contains(one))
        };
        if self.has_named_exports {
            names.into_iter().filter(is_identifier).collect()
        } else {
            Vec::new()
        }
    }

    /// Returns the name of a module in messages.
    pub(super) fn display_name(&self, name: &str) -> String {
        match self.folder.file_name() {
            Some(folder) if !self.is_file() => {
                format!("{}/{name}", folder.to_string_lossy())
            }
            _ => name.to_owned(),
        }
    }

    /// Returns the paths of all files of the build.
    fn files(&self) -> Result<BTreeSet<String>, PackError> {
        if self.is_file() {
            // The other files in its folder are public.
            return Ok([self.entry.clone()].into());
        }
        let mut files = BTreeSet::new();
        for entry in WalkDir::new(&self.folder).follow_links(true) {
            let entry = entry.map_err(|error| PackError::Io {
                stage: Stage::Output,
                action: "read",
                path: error.path().unwrap_or(&self.folder).to_owned(),
                source: error.into(),
            })?;
            let relative = entry.path().strip_prefix(&self.folder).unwrap_or(entry.path());
            let hidden = relative.iter().any(|part| part.to_string_lossy().starts_with('.'));
            if entry.file_type().is_file() && !hidden {
                let parts: Vec<_> = relative.iter().map(|part| part.to_string_lossy()).collect();
                files.insert(parts.join("/"));
            }
        }
        Ok(files)
    }
}

fn is_config(name: &str) -> bool {
    name == "wrangler.json"
}
