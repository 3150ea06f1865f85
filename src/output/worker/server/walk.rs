//! The walk from module to module, along their imports.

use std::collections::BTreeMap;

use super::ServerBuild;
use crate::feedback::code::Code;
use crate::feedback::diagnostic::{Diagnostic, Excerpt};
use crate::output::worker::ModuleKind;
use crate::output::worker::bundling::Bundling;
use crate::output::worker::packages::package;
use crate::transform::javascript::{Imports, without_map_comment};

/// A walk along the imports of the modules.
pub(super) struct Walk<'b> {
    pub(super) build: &'b ServerBuild,
    pub(super) bundling: Bundling,
    pub(super) modules: BTreeMap<String, ReadModule>,
    pub(super) source: usize,
    /// See [`ServerModules`](super::ServerModules).
    pub(super) packages: BTreeMap<String, String>,
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// A module as Astro wrote it, but without a comment that points to its source map.
#[derive(Debug)]
pub(super) enum ReadModule {
    /// JavaScript.
    Script {
        source: String,
        /// The treatment of its code.
        treatment: Treatment,
    },
    /// Something else, or what only wrangler's bundler understands.
    Other(Vec<u8>),
}

/// The treatment of the code of a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Treatment {
    /// It may be minified.
    Minifiable,
    /// It stays: wrangler minifies what it bundles, and the minifier takes each script for a module.
    Stays,
}

impl ReadModule {
    /// Returns the source of a script.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Script { source, .. } => Some(source),
            Self::Other(_) => None,
        }
    }
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
            self.modules.insert(name.to_owned(), ReadModule::Other(bytes));
            return None;
        }
        let source = String::from_utf8_lossy(&bytes).into_owned();
        let imports = match Imports::of(&source) {
            Ok(imports) => imports,
            Err(_) if kind == ModuleKind::Bundled => {
                self.modules.insert(name.to_owned(), ReadModule::Other(bytes));
                return None;
            }
            Err(error) => {
                let excerpt = Excerpt::at(&source, error.offset);
                let message = format!("not valid JavaScript: {}", error.message);
                let error = self.error(Code::WorkerSyntaxError, name, &message);
                self.diagnostics.push(error.with_excerpt(excerpt));
                return None;
            }
        };
        let is_esm = imports.is_module || self.bundling != Bundling::AllModules;
        let treatment = match kind {
            ModuleKind::Script if is_esm => Treatment::Minifiable,
            ModuleKind::Script | ModuleKind::Bundled | ModuleKind::Other => Treatment::Stays,
        };
        let source = without_map_comment(&source);
        self.modules.insert(name.to_owned(), ReadModule::Script { source, treatment });
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
}
