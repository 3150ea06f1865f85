//! The walk from module to module, along their imports.

use std::collections::BTreeMap;

use super::ServerBuild;
use crate::cache::{Cache, CacheKey};
use crate::feedback::code::Code;
use crate::feedback::diagnostic::{Diagnostic, Excerpt};
use crate::options::ServerCode;
use crate::output::worker::ModuleKind;
use crate::output::worker::bundling::Bundling;
use crate::output::worker::packages::package;
use crate::transform::MinifyError;
use crate::transform::comments::KeptComments;
use crate::transform::javascript::{self, Imports, Names, Place, ScriptKind};

/// A walk along the imports of the modules.
pub(super) struct Walk<'b> {
    pub(super) build: &'b ServerBuild,
    pub(super) bundling: Bundling,
    pub(super) code: ServerCode,
    pub(super) cache: &'b Cache,
    pub(super) modules: BTreeMap<String, Vec<u8>>,
    pub(super) source: usize,
    /// See [`ServerModules`](super::ServerModules).
    pub(super) packages: BTreeMap<String, String>,
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl Walk<'_> {
    /// Reads a module, and returns its imports. Returns `None` if it is missing or not JavaScript.
    pub(super) fn read(&mut self, name: &str) -> Option<Imports> {
        let path = self.build.folder.join(name);
        if !path.is_file() {
            let message = "is imported but missing";
            self.diagnostics.push(self.error(Code::WorkerMissingModule, name, message));
            return None;
        }
        let Some(kind) = self.kind(name) else {
            let message = "is imported, but Workers do not support modules of its type";
            let error = self.error(Code::WorkerUnsupportedModule, name, message);
            self.diagnostics.push(error.with_help(
                "supported are .js, .mjs, .wasm, .bin, .txt, .html and .sql; let the bundler of \
                 the site convert the file",
            ));
            return None;
        };
        let project = &self.build.project;
        let below = path.strip_prefix(&project.folder).unwrap_or(&path);
        let bytes = project.file(below).and_then(|file| file.read());
        let bytes = match bytes {
            Ok(bytes) => bytes,
            Err(error) => {
                self.diagnostics
                    .push(Diagnostic::unreadable(self.build.display_name(name), &error));
                return None;
            }
        };
        self.source += bytes.len();
        if kind == ModuleKind::Other {
            self.modules.insert(name.to_owned(), bytes);
            return None;
        }
        let source = String::from_utf8_lossy(&bytes).into_owned();
        let source = without_map_comment(&source);
        let imports = match Imports::of(source) {
            Ok(imports) => imports,
            Err(_) if kind == ModuleKind::Bundled => {
                self.modules.insert(name.to_owned(), bytes);
                return None;
            }
            Err(error) => {
                let excerpt = Excerpt::at(source, error.offset);
                let message = format!("not valid JavaScript: {}", error.message);
                let error = self.error(Code::WorkerSyntaxError, name, &message);
                self.diagnostics.push(error.with_excerpt(excerpt));
                return None;
            }
        };
        let is_esm = imports.is_module || self.bundling != Bundling::AllModules;
        let shipped = match self.code {
            ServerCode::Minified if kind == ModuleKind::Script && is_esm => {
                self.minified(name, source, Names::Preserved)
            }
            ServerCode::MinifiedNames if kind == ModuleKind::Script && is_esm => {
                self.minified(name, source, Names::Shortened)
            }
            // wrangler minifies what it bundles. The minifier takes each script for a module.
            ServerCode::Original | ServerCode::Minified | ServerCode::MinifiedNames => {
                source.to_owned()
            }
        };
        self.modules.insert(name.to_owned(), shipped.into_bytes());
        Some(imports)
    }

    /// Returns the modules of the build that a module imports. Collects the packages.
    pub(super) fn imported(&mut self, importer: &str, imports: &Imports) -> Vec<String> {
        let resolved = |specifiers: &[String]| -> Vec<String> {
            specifiers.iter().filter_map(|one| resolve(importer, one)).collect()
        };
        let mut modules = resolved(&imports.specifiers);
        if self.bundling == Bundling::AllModules {
            modules = modules.into_iter().map(|name| self.found(&name).unwrap_or(name)).collect();
            let required = resolved(&imports.required);
            modules.extend(required.iter().filter_map(|name| self.found(name)));
            for package in imports.linked.iter().filter_map(|one| package(one)) {
                self.packages.entry(package.to_owned()).or_insert_with(|| importer.to_owned());
            }
        }
        modules
    }

    /// Finds a module as esbuild does, which adds extensions.
    fn found(&self, name: &str) -> Option<String> {
        let extensions = ["", ".tsx", ".ts", ".jsx", ".js", ".css", ".json"];
        let with = |stem: String| extensions.map(|extension| format!("{stem}{extension}"));
        let all = with(name.to_owned()).into_iter().chain(with(format!("{name}/index")));
        all.into_iter().find(|name| self.build.folder.join(name).is_file())
    }

    /// Determines the kind of a module. Returns `None` if the Worker cannot contain it.
    pub(super) fn kind(&self, name: &str) -> Option<ModuleKind> {
        self.bundling.module_kind(name, &self.build.project.config)
    }

    /// Minifies a module. Returns it unchanged if that fails or does not make it smaller.
    fn minified(&mut self, name: &str, source: &str, names: Names) -> String {
        let kind = match names {
            Names::Preserved => "server module with its names",
            Names::Shortened => "server module",
            Names::PreservedIfRead => "server module with names that it reads",
        };
        let key = CacheKey::new(kind, &[source.as_bytes()]);
        // In JSON, a character may take six bytes. One that fails is not cached.
        let max_len = source.len().saturating_mul(8);
        let minified = self.cache.get_meta::<String>(key, max_len, |_| true).or_else(|| {
            let (kind, kept) = (ScriptKind::Module, KeptComments::default());
            let minified = match javascript::minify(source, kind, names, Place::File, &kept) {
                Err(MinifyError::Untouched(_)) => source.to_owned(),
                other => other.ok()?,
            };
            let stored = self.cache.put(key, minified, &[]);
            Some(stored.map_or_else(|minified| minified, |entry| entry.meta))
        });
        match minified {
            Some(minified) if minified.len() < source.len() => minified,
            Some(_) => source.to_owned(),
            None => {
                let message = "is not minified: the minifier would change its meaning";
                let code = Code::WorkerModuleNotMinified;
                let note = Diagnostic::note(code, self.build.display_name(name), message);
                self.diagnostics.push(note.with_help(
                    "it ships unchanged; this is a bug in worker-pack, please report it",
                ));
                source.to_owned()
            }
        }
    }

    fn error(&self, code: Code, name: &str, message: &str) -> Diagnostic {
        Diagnostic::error(code, self.build.display_name(name), message)
            .with_help("build the site again")
    }
}

/// Resolves a relative specifier in a module to a module of the build.
pub(super) fn resolve(importer: &str, specifier: &str) -> Option<String> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::Project;

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
        let build = ServerBuild { project, folder, entry, has_named_exports: true, is_main: true };
        let cache = Cache::open(None, bytesize::ByteSize::b(0));
        let code = ServerCode::Minified;
        let mut walk = Walk {
            build: &build,
            bundling: Bundling::AsWritten,
            code,
            cache: &cache,
            modules: BTreeMap::new(),
            source: 0,
            packages: BTreeMap::new(),
            diagnostics: vec![],
        };
        let source = "not a module (";
        assert_eq!(walk.minified("a.mjs", source, Names::Preserved), source);
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
