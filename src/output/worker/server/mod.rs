//! The modules of the server that its entry imports, directly or through others.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use walkdir::WalkDir;

use super::ModuleKind;
use crate::cache::{Cache, CacheKey};
use crate::feedback::code::Code;
use crate::feedback::diagnostic::{Diagnostic, Excerpt};
use crate::feedback::error::PackError;
use crate::feedback::stage::Stage;
use crate::ingest::is_source_map;
use crate::options::ServerCode;
use crate::project::Project;
use crate::project::layout::{Layout, ServerEntry};
use crate::transform::javascript::{self, Imports, ScriptKind};

/// A server build on disk.
#[derive(Clone, Debug)]
pub(crate) struct ServerBuild {
    project: Project,
    /// The folder of its modules.
    folder: PathBuf,
    /// The module that the host loads, relative to the folder.
    pub(crate) entry: String,
    /// True if the named exports of the entry are meant for the host, as Durable Objects are.
    pub(crate) has_named_exports: bool,
}

/// The modules of a server, by their paths below its folder, with slashes.
#[derive(Clone, Debug, Default)]
pub(crate) struct ServerModules {
    /// The modules to ship.
    pub(crate) modules: BTreeMap<String, Vec<u8>>,
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
    pub(crate) fn find(project: &Project) -> Result<Option<Self>, PackError> {
        let Project { folder, layout, .. } = project;
        let Some(ServerEntry { folder, module }) = layout.server_entry(folder) else {
            return Ok(None);
        };
        if !folder.join(module).is_file() {
            return Err(PackError::UnknownServer { path: folder.join(module) });
        }
        let has_named_exports = *layout == Layout::ClientAndServer;
        Ok(Some(Self {
            project: project.clone(),
            folder,
            entry: module.to_owned(),
            has_named_exports,
        }))
    }

    /// Reads the entry and the modules that it imports, directly or through others. Returns them
    /// with their diagnostics.
    pub(crate) fn read(
        &self,
        code: ServerCode,
        cache: &Cache,
    ) -> Result<(ServerModules, Vec<Diagnostic>), PackError> {
        let mut walk = Walk {
            build: self,
            code,
            cache,
            modules: BTreeMap::new(),
            source: 0,
            diagnostics: Vec::new(),
        };
        let mut waiting = vec![self.entry.clone()];
        let mut has_computed_imports = false;
        loop {
            while let Some(name) = waiting.pop() {
                if walk.modules.contains_key(&name) {
                    continue;
                }
                let Some(imports) = walk.read(&name)? else { continue };
                has_computed_imports |= imports.computed > 0;
                waiting.extend(imports.specifiers.iter().filter_map(|one| resolve(&name, one)));
            }
            // A specifier that is computed at run time may name any module.
            let rest = if has_computed_imports { self.files()? } else { BTreeSet::new() };
            let is_new =
                |name: &String| ModuleKind::of(name).is_some() && !walk.modules.contains_key(name);
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
        let summary = ServerSummary {
            modules: walk.modules.len(),
            source: walk.source,
            shipped: walk.modules.values().map(Vec::len).sum(),
            source_maps: source_maps.len(),
            unused,
        };
        Ok((ServerModules { modules: walk.modules, summary }, walk.diagnostics))
    }

    /// Returns the paths of all files of the build.
    fn files(&self) -> Result<BTreeSet<String>, PackError> {
        if self.entry == "_worker.js" {
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

/// A walk along the imports of the modules.
struct Walk<'b> {
    build: &'b ServerBuild,
    code: ServerCode,
    cache: &'b Cache,
    modules: BTreeMap<String, Vec<u8>>,
    source: usize,
    diagnostics: Vec<Diagnostic>,
}

impl Walk<'_> {
    /// Reads a module, and returns its imports. Returns `None` if it is missing or not JavaScript.
    fn read(&mut self, name: &str) -> Result<Option<Imports>, PackError> {
        let path = self.build.folder.join(name);
        if !path.is_file() {
            let message = "is imported but missing";
            self.diagnostics.push(self.error(Code::WorkerMissingModule, name, message));
            return Ok(None);
        }
        let Some(kind) = ModuleKind::of(name) else {
            let message = "is imported, but Workers do not support modules of its type";
            let error = self.error(Code::WorkerUnsupportedModule, name, message);
            self.diagnostics.push(error.with_help(
                "supported are .js, .mjs, .wasm, .bin, .txt, .html and .sql; let the bundler of \
                 the site convert the file",
            ));
            return Ok(None);
        };
        let project = &self.build.project;
        let below = path.strip_prefix(&project.folder).unwrap_or(&path);
        let bytes = project.file(below).and_then(|file| file.read());
        let bytes = match bytes {
            Ok(bytes) => bytes,
            Err(error) => {
                self.diagnostics.push(Diagnostic::unreadable(self.display_name(name), &error));
                return Ok(None);
            }
        };
        self.source += bytes.len();
        if kind == ModuleKind::Other {
            self.modules.insert(name.to_owned(), bytes);
            return Ok(None);
        }
        let source = String::from_utf8_lossy(&bytes).into_owned();
        let source = without_map_comment(&source);
        let imports = match Imports::of(source) {
            Ok(imports) => imports,
            Err(error) => {
                let excerpt = Excerpt::at(source, error.offset);
                let message = format!("not valid JavaScript: {}", error.message);
                let error = self.error(Code::WorkerSyntaxError, name, &message);
                self.diagnostics.push(error.with_excerpt(excerpt));
                return Ok(None);
            }
        };
        let shipped = match self.code {
            ServerCode::Original => source.to_owned(),
            ServerCode::Minified => self.minified(name, source),
        };
        self.modules.insert(name.to_owned(), shipped.into_bytes());
        Ok(Some(imports))
    }

    /// Minifies a module. Returns it unchanged if that fails or does not make it smaller.
    fn minified(&mut self, name: &str, source: &str) -> String {
        let key = CacheKey::new("server module", &[source.as_bytes()]);
        // In JSON, a character may take six bytes. One that fails is not cached.
        let max_len = source.len().saturating_mul(8);
        let minified = self.cache.get_meta::<String>(key, max_len, |_| true).or_else(|| {
            let minified = javascript::minify(source, ScriptKind::Module).ok()?;
            let stored = self.cache.put(key, minified, &[]);
            Some(stored.map_or_else(|minified| minified, |entry| entry.meta))
        });
        match minified {
            Some(minified) if minified.len() < source.len() => minified,
            Some(_) => source.to_owned(),
            None => {
                let message = "is not minified: the minifier would change its meaning";
                let code = Code::WorkerModuleNotMinified;
                let note = Diagnostic::note(code, self.display_name(name), message);
                self.diagnostics.push(note.with_help(
                    "it ships unchanged; this is a bug in worker-pack, please report it",
                ));
                source.to_owned()
            }
        }
    }

    fn error(&self, code: Code, name: &str, message: &str) -> Diagnostic {
        Diagnostic::error(code, self.display_name(name), message).with_help("build the site again")
    }

    /// Returns the name of a module in messages.
    fn display_name(&self, name: &str) -> String {
        match self.build.folder.file_name() {
            Some(folder) if self.build.entry != "_worker.js" => {
                format!("{}/{name}", folder.to_string_lossy())
            }
            _ => name.to_owned(),
        }
    }
}

/// Resolves a relative specifier in a module to a module of the build.
fn resolve(importer: &str, specifier: &str) -> Option<String> {
    if !specifier.starts_with("./") && !specifier.starts_with("../") {
        return None;
    }
    let specifier = specifier.split_once('?').map_or(specifier, |(path, _query)| path);
    let mut parts: Vec<&str> = importer.split('/').collect();
    parts.pop();
    for part in specifier.split('/') {
        match part {
            "." | "" => {}
            ".." => drop(parts.pop()?),
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

/// Removes the comment that points to a source map, since source maps do not ship.
fn without_map_comment(source: &str) -> &str {
    let end = source.trim_end();
    match end.rfind('\n') {
        Some(line) if end[line + 1..].starts_with("//# sourceMappingURL=") => &end[..=line],
        _ => source,
    }
}

fn is_config(name: &str) -> bool {
    name == "wrangler.json"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_specifier_is_resolved_within_the_build() {
        let from = |specifier| resolve("chunks/a.mjs", specifier);
        assert_eq!(from("./b.mjs").as_deref(), Some("chunks/b.mjs"));
        assert_eq!(from("../entry.mjs").as_deref(), Some("entry.mjs"));
        assert_eq!(from("../_astro/e.wasm?module").as_deref(), Some("_astro/e.wasm"));
        assert_eq!(from("../../outside.mjs"), None);
        assert_eq!(from("cloudflare:workers"), None);
    }

    #[test]
    fn a_module_that_cannot_be_minified_ships_unchanged() {
        let dist = tempfile::tempdir().unwrap();
        let project = Project::read(dist.path()).unwrap();
        let (folder, entry) = ("server".into(), String::new());
        let build = ServerBuild { project, folder, entry, has_named_exports: true };
        let cache = Cache::open(None, bytesize::ByteSize::b(0));
        let code = ServerCode::Minified;
        let mut walk = Walk {
            build: &build,
            code,
            cache: &cache,
            modules: BTreeMap::new(),
            source: 0,
            diagnostics: vec![],
        };
        let source = "not a module (";
        assert_eq!(walk.minified("a.mjs", source), source);
        let [note] = walk.diagnostics.as_slice() else { panic!("{:?}", walk.diagnostics) };
        assert_eq!(note.code, Code::WorkerModuleNotMinified);
        assert_eq!(note.file, "server/a.mjs");
    }

    #[test]
    fn only_a_source_map_comment_at_the_end_is_removed() {
        assert_eq!(without_map_comment("a;\n//# sourceMappingURL=a.map\n"), "a;\n");
        let within = "f(`\n//# sourceMappingURL=x\n`)";
        assert_eq!(without_map_comment(within), within);
    }
}
