//! The modules of a server as they ship: without paths of the machine that built them, with the names that public files
//! have got, and minified.

use std::collections::BTreeMap;
use std::io;

use serde::{Deserialize, Serialize};

use super::ServerBuild;
use super::build_paths::BuildPaths;
use super::edits::{Edit, Edits};
use super::walk::{ReadModule, Treatment};
use crate::cache::{Cache, CacheKey};
use crate::feedback::code::Code;
use crate::feedback::diagnostic::{Diagnostic, Excerpt};
use crate::feedback::error::PackError;
use crate::options::{ServerCode, SourceMaps};
use crate::output::Input;
use crate::references::ServerNames;
use crate::source_map::{Mapped, Places, Script, SourceMapFile};
use crate::transform::comments::KeptComments;
use crate::transform::javascript::{self, Names, Place, ScriptKind};
use crate::transform::rewrite::Insertion;
use crate::transform::{MinifyError, UntouchedReason};

/// The work on the modules of a server that have been read.
pub(super) struct Shipping<'s> {
    pub(super) build: &'s ServerBuild,
    pub(super) code: ServerCode,
    pub(super) cache: &'s Cache,
    /// The fingerprints that the modules get.
    server_names: &'s ServerNames,
    pub(super) diagnostics: Vec<Diagnostic>,
    /// The folders that maps do not name. `None` if no maps are wanted.
    places: Option<Places>,
    /// The source maps of minified modules.
    pub(super) maps: Vec<SourceMapFile>,
}

impl<'s> Shipping<'s> {
    pub(super) fn new(
        build: &'s ServerBuild,
        input: Input<'s>,
        code: ServerCode,
        diagnostics: Vec<Diagnostic>,
    ) -> Self {
        let Input { options, cache, server_names, .. } = input;
        let is_mapped = options.source_maps == SourceMaps::Write;
        let places = is_mapped.then(|| Places::of(&build.project));
        Self { build, code, cache, server_names, diagnostics, places, maps: Vec::new() }
    }

    /// Returns the bytes of all modules.
    ///
    /// # Errors
    /// If a module has changed since its names were planned.
    pub(super) fn ship(
        &mut self,
        modules: BTreeMap<String, ReadModule>,
    ) -> Result<BTreeMap<String, Vec<u8>>, PackError> {
        let (paths, mut edits) = BuildPaths::find(&modules).unzip();
        let edits = edits.get_or_insert_default();
        self.add_fingerprints(edits, &modules)?;
        let ship = |(name, module): (String, ReadModule)| {
            let bytes = match module {
                ReadModule::Other(bytes) => bytes,
                ReadModule::Script { source, treatment } => {
                    self.script(&name, &source, treatment, paths.as_ref(), edits).into_bytes()
                }
            };
            (name, bytes)
        };
        Ok(modules.into_iter().map(ship).collect())
    }

    /// Adds the insertions of fingerprints to the edits of modules.
    fn add_fingerprints(
        &self,
        edits: &mut Edits,
        modules: &BTreeMap<String, ReadModule>,
    ) -> Result<(), PackError> {
        for (name, module) in modules {
            let (Some(path), Some(source)) = (self.path(name), module.text()) else { continue };
            let insertions = self.server_names.of(&path, source).ok_or_else(|| {
                let source = io::Error::other("it is not the module that was read before");
                PackError::BodyLost { path: self.build.folder.join(name), source }
            })?;
            let edit = |Insertion { at, text }: &Insertion| Edit {
                start: *at,
                end: *at,
                by: text.clone(),
            };
            edits.add(name, insertions.iter().map(edit).collect());
        }
        Ok(())
    }

    /// Returns the path of a module below the packed folder, with slashes.
    fn path(&self, name: &str) -> Option<String> {
        let ServerBuild { project, folder, .. } = self.build;
        let below = folder.strip_prefix(&project.folder).ok()?.join(name);
        let names: Option<Vec<&str>> = below.iter().map(|name| name.to_str()).collect();
        Some(names?.join("/"))
    }

    fn script(
        &mut self,
        name: &str,
        written: &str,
        treatment: Treatment,
        paths: Option<&BuildPaths>,
        edits: &Edits,
    ) -> String {
        let source = edits.apply(name, written);
        let names = match (self.code, treatment) {
            (ServerCode::Original, _) | (_, Treatment::Stays) => None,
            (ServerCode::Minified, Treatment::Minifiable) => Some(Names::Preserved),
            (ServerCode::MinifiedNames, Treatment::Minifiable) => Some(Names::Shortened),
        };
        let shipped = match names {
            None => source.clone(),
            Some(names) => self
                .mapped(name, &source, written, names, paths, edits)
                .unwrap_or_else(|| self.minified(name, &source, names)),
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

    /// Minifies a module, and makes its source map. Returns `None` if no maps are wanted, or if the result
    /// is not smaller.
    fn mapped(
        &mut self,
        name: &str,
        source: &str,
        written: &str,
        names: Names,
        paths: Option<&BuildPaths>,
        edits: &Edits,
    ) -> Option<String> {
        let project = &self.build.project;
        let places = self.places.clone()?.with_root(paths.map(BuildPaths::folder));
        let path = self.path(name)?;
        let place = |offset| edits.place_before(name, offset);
        let script = Script {
            name: &format!("server/{name}"),
            path: &path,
            source,
            written: (written, &place),
            kind: ScriptKind::Module,
            names,
        };
        let Mapped { code, map } = script.mapped(project, &places, &KeptComments::default())?;
        if code.len() >= source.len() {
            return None;
        }
        self.maps.push(map);
        Some(code)
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
        let max_len = source.len().saturating_mul(8).saturating_add(Attempt::REASON_LEN);
        let attempt = self.cache.get_meta::<Attempt>(key, max_len, |_| true).or_else(|| {
            let (kind, kept) = (ScriptKind::Module, KeptComments::default());
            let attempt = match javascript::minify(source, kind, names, Place::File, &kept) {
                Ok(minified) if minified.len() < source.len() => Attempt::Smaller(minified),
                Ok(_) => Attempt::Untouched(UntouchedReason::NotSmaller),
                Err(MinifyError::Untouched(reason)) => Attempt::Untouched(reason),
                Err(_) => return None,
            };
            let stored = self.cache.put(key, attempt, &[]);
            Some(stored.map_or_else(|attempt| attempt, |entry| entry.meta))
        });
        let (message, help) = match attempt {
            Some(Attempt::Smaller(minified)) => return minified,
            Some(Attempt::Untouched(UntouchedReason::NotSmaller)) => return source.to_owned(),
            Some(Attempt::Untouched(reason)) => (
                format!("is not minified: {}", reason.text()),
                "it ships unchanged, and works as before",
            ),
            None => (
                "is not minified: the minifier would change its meaning".to_owned(),
                "it ships unchanged; this is a bug in worker-pack, please report it",
            ),
        };
        let code = Code::WorkerModuleNotMinified;
        let note = Diagnostic::note(code, self.build.display_name(name), message);
        self.diagnostics.push(note.with_help(help));
        source.to_owned()
    }
}

/// The result of minifying a module.
#[derive(Serialize, Deserialize)]
enum Attempt {
    Smaller(String),
    Untouched(UntouchedReason),
}

impl Attempt {
    /// The most that the name of a reason takes in the cache, in bytes.
    const REASON_LEN: usize = 100;
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
        let server_names = ServerNames::default();
        let (diagnostics, maps) = (Vec::new(), Vec::new());
        let (build, cache, server_names) = (&build, &cache, &server_names);
        let mut shipping =
            Shipping { build, code, cache, server_names, diagnostics, places: None, maps };
        let source = "not a module (";
        assert_eq!(shipping.minified("a.mjs", source, Names::Preserved), source);
        let [note] = shipping.diagnostics.as_slice() else { panic!("{:?}", shipping.diagnostics) };
        assert_eq!(note.code, Code::WorkerModuleNotMinified);
        assert_eq!(note.file, "server/a.mjs");
        let reads_itself = "export function greet ( ) { return greet . toString ( ) }";
        assert_eq!(shipping.minified("b.mjs", reads_itself, Names::Preserved), reads_itself);
        let [_, note] = shipping.diagnostics.as_slice() else {
            panic!("{:?}", shipping.diagnostics)
        };
        assert_eq!(note.message, "is not minified: read as text");
    }
}
