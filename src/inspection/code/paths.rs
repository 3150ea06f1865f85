//! Paths of the machine that built the server, which do not exist where it runs.

use std::path::Path;

use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::inspection::subject::Subject;
use crate::project::server_code::{self, MANIFEST_FOLDERS, PICTURE_PATH};

/// Number of bytes before a path in which its key is.
const BEFORE: usize = 60;

/// Finds the paths of the project's folder. One finding tells of one module.
pub(super) fn find(subject: &Subject) -> Vec<Diagnostic> {
    let canonical = subject.root.canonicalize().unwrap_or_else(|_| subject.root.clone());
    let folders = [path_text(&subject.root), path_text(&canonical)];
    let mut found = Vec::new();
    for module in subject.server() {
        let places = folders.iter().flatten().flat_map(|folder| module.text.match_indices(folder));
        let mut own: Vec<usize> =
            places.map(|(at, _)| at).filter(|at| !is_of_astro(&module.text, *at)).collect();
        own.sort_unstable();
        own.dedup();
        let Some(first) = own.first() else { continue };
        let times = match own.len() {
            1 => String::new(),
            times => format!(", {times} times"),
        };
        let message = format!("contains the path of the project's folder{times}");
        found.push(module.warning(Code::ServerBuildPath, *first, message).with_help(
            "import what the path leads to, or read it while the site is built: a Worker has no such \
             file, and the path tells where the site was built",
        ));
    }
    found
}

/// Returns a folder as text with a separator at its end, if it is not too general.
fn path_text(folder: &Path) -> Option<String> {
    let depth = folder.components().count();
    let text = folder.to_str()?.replace('\\', "/");
    (depth > 2).then(|| format!("{text}/"))
}

/// Returns whether a path is one that Astro writes.
fn is_of_astro(text: &str, at: usize) -> bool {
    let start = text.floor_char_boundary(at.saturating_sub(BEFORE));
    let before = &text[start..at];
    // The key of this path, and not of one before it.
    let own = before.rsplit([',', '{', ';']).next().unwrap_or_default();
    // Nothing reads them in a Worker.
    let mut of_astro = MANIFEST_FOLDERS.into_iter().chain([PICTURE_PATH]);
    of_astro.any(|key| own.contains(key)) || is_source(&text[at..])
}

/// Returns whether a text begins with the path of a source, or with a path that is the key of an object, as in
/// the manifest.
fn is_source(text: &str) -> bool {
    let end = text.find(['"', '\'', '`', '\n']).unwrap_or(text.len());
    if text[end..].get(1..2) == Some(":") {
        return true;
    }
    server_code::is_source(&text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_astro_are_known_by_their_keys() {
        let manifest = r#"{"rootDir":"file:///home/me/site/","own":"/home/me/site/data.json"}"#;
        let places: Vec<usize> = manifest.match_indices("/home/me/site/").map(|it| it.0).collect();
        assert!(is_of_astro(manifest, places[0]) && !is_of_astro(manifest, places[1]));
        let picture = "if (name === \"fsPath\") return \"/home/me/site/a.png\"";
        assert!(is_of_astro(picture, picture.find("/home").unwrap()));
        let component = "}, \"/home/me/site/src/pages/[a].astro?b\", void 0);";
        assert!(is_of_astro(component, component.find("/home").unwrap()));
        let key = "\"/home/me/site/src/Counter\":\"_astro/Counter.js\"";
        assert!(is_of_astro(key, 1));
        assert_eq!(path_text(Path::new("/home")), None);
    }
}
