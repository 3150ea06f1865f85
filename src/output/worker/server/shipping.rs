//! The modules of a server as they ship: without paths of the machine that built them, and minified.

use std::collections::BTreeMap;

use super::ServerBuild;
use super::build_paths::BuildPaths;
use super::walk::{ReadModule, Treatment};
use crate::cache::{Cache, CacheKey};
use crate::feedback::code::Code;
use crate::feedback::diagnostic::{Diagnostic, Excerpt};
use crate::options::ServerCode;
use crate::transform::MinifyError;
use crate::transform::comments::KeptComments;
use crate::transform::javascript::{self, Names, Place, ScriptKind};

/// The work on the modules of a server that have been read.
pub(super) struct Shipping<'s> {
    pub(super) build: &'s ServerBuild,
    pub(super) code: ServerCode,
    pub(super) cache: &'s Cache,
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl Shipping<'_> {
    /// Returns the bytes of all modules.
    pub(super) fn ship(
        &mut self,
        modules: BTreeMap<String, ReadModule>,
    ) -> BTreeMap<String, Vec<u8>> {
        let paths = BuildPaths::find(&modules);
        let ship = |(name, module): (String, ReadModule)| {
            let bytes = match module {
                ReadModule::Other(bytes) => bytes,
                ReadModule::Script { source, treatment } => {
                    self.script(&name, source, treatment, paths.as_ref()).into_bytes()
                }
            };
            (name, bytes)
        };
        modules.into_iter().map(ship).collect()
    }

    fn script(
        &mut self,
        name: &str,
        source: String,
        treatment: Treatment,
        paths: Option<&BuildPaths>,
    ) -> String {
        let source = paths.map_or(source.clone(), |paths| paths.without(name, &source));
        let shipped = match (self.code, treatment) {
            (ServerCode::Original, _) | (_, Treatment::Stays) => source.clone(),
            (ServerCode::Minified, Treatment::Minifiable) => {
                self.minified(name, &source, Names::Preserved)
            }
            (ServerCode::MinifiedNames, Treatment::Minifiable) => {
                self.minified(name, &source, Names::Shortened)
            }
        };
        let left = paths.filter(|paths| paths.left_in(&shipped).is_some());
        if let Some(at) = left.and_then(|paths| paths.left_in(&source)) {
            let message = "contains a path of the folder that the site was built in";
            let note =
                Diagnostic::note(Code::WorkerBuildPath, self.build.display_name(name), message);
            self.diagnostics.push(note.with_excerpt(Excerpt::at(&source, at)).with_help(
                "import what the path leads to, or read it while the site is built: a Worker has no \
                 such file, and the path tells where the site was built",
            ));
        }
        shipped
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::Project;

    #[test]
    fn a_module_that_cannot_be_minified_ships_unchanged() {
        let dist = tempfile::tempdir().unwrap();
        let project = Project::read(dist.path()).unwrap();
        let (folder, entry) = ("server".into(), String::new());
        let build = ServerBuild { project, folder, entry, has_named_exports: true, is_main: true };
        let cache = Cache::open(None, bytesize::ByteSize::b(0));
        let code = ServerCode::Minified;
        let mut shipping = Shipping { build: &build, code, cache: &cache, diagnostics: vec![] };
        let source = "not a module (";
        assert_eq!(shipping.minified("a.mjs", source, Names::Preserved), source);
        let [note] = shipping.diagnostics.as_slice() else { panic!("{:?}", shipping.diagnostics) };
        assert_eq!(note.code, Code::WorkerModuleNotMinified);
        assert_eq!(note.file, "server/a.mjs");
    }
}
