//! The origin of code in a bundle: the file that it was written in.

use std::path::Path;

use super::sighting::{Dialect, Sighting, sightings};
use crate::inspection::subject::Subject;
use crate::inspection::subject::text::TextFile;

/// The file in which code of a bundle was written, as the bundler names it in a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::inspection) enum Origin<'t> {
    /// A file of an npm package, by the name of the package.
    Package(&'t str),
    /// A file of the project, by its path.
    Project(&'t str),
    /// The bundler does not tell.
    Unknown,
}

impl<'t> Origin<'t> {
    /// Reads the comment before an offset: `// src/pages/index.astro`. Rolldown writes one for each file.
    pub(in crate::inspection) fn of(bundle: &'t str, offset: usize) -> Self {
        let before = bundle.get(..offset).unwrap_or_default();
        let comments = before.lines().rev().filter_map(|line| line.strip_prefix("// "));
        let is_path = |text: &&str| {
            let extension = Path::new(*text).extension().is_some();
            text.contains('/') && extension && !text.contains(' ')
        };
        let Some(path) = comments.map(str::trim).find(is_path) else { return Self::Unknown };
        match path.rsplit_once("node_modules/") {
            Some((_, rest)) => {
                let len = match rest.split('/').collect::<Vec<_>>().as_slice() {
                    [scope, name, ..] if scope.starts_with('@') => scope.len() + 1 + name.len(),
                    [name, ..] => name.len(),
                    [] => 0,
                };
                Self::Package(&rest[..len])
            }
            None => Self::Project(path),
        }
    }
}

/// A place of a finding.
#[derive(Clone, Copy, Debug)]
pub(super) struct Written<'f> {
    pub(super) file: &'f TextFile,
    pub(super) offset: usize,
}

/// Finds where the code of a sighting in a module was written, else returns its place in the module.
pub(super) fn written<'f>(
    subject: &'f Subject,
    module: &'f TextFile,
    sighting: &Sighting,
) -> Written<'f> {
    let in_module = Written { file: module, offset: sighting.offset };
    let named = match Origin::of(&module.text, sighting.offset) {
        Origin::Package(_) => return in_module,
        Origin::Project(path) => Some(path),
        Origin::Unknown => None,
    };
    let is_named = |file: &&TextFile| named.is_none_or(|path| path.ends_with(&*file.name));
    let mut files = subject.sources().iter().filter(is_named);
    files.find_map(|file| place(file, sighting)).unwrap_or(in_module)
}

/// Finds a sighting in a source. Components are searched as text.
fn place<'f>(file: &'f TextFile, sighting: &Sighting) -> Option<Written<'f>> {
    let extension = file.path.extension().unwrap_or_default().to_string_lossy().into_owned();
    let offset = match &*extension {
        "js" | "mjs" | "cjs" | "jsx" | "ts" | "mts" | "cts" | "tsx" => {
            let seen = sightings(&file.text, Dialect::TypeScript);
            let is_same = |one: &&Sighting| one.kind == sighting.kind && one.code == sighting.code;
            seen.iter().find(is_same)?.offset
        }
        // A question mark may stand between two names.
        _ => file
            .text
            .find(&sighting.code)
            .or_else(|| file.text.find(&sighting.code.replace("runtime.", "runtime?.")))?,
    };
    Some(Written { file, offset })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_comments_of_a_bundler_name_the_file() {
        let bundle = "import a from 'b';\n// src/pages/a.ts\nrun();\n// not a path: see a/b.\n\
            // node_modules/.pnpm/x@1/node_modules/@s/x/dist/i.js\nmore();";
        assert_eq!(Origin::of(bundle, 3), Origin::Unknown);
        assert_eq!(
            Origin::of(bundle, bundle.find("run").unwrap()),
            Origin::Project("src/pages/a.ts")
        );
        assert_eq!(Origin::of(bundle, bundle.len()), Origin::Package("@s/x"));
        assert_eq!(Origin::of("", 0), Origin::Unknown);
    }
}
