//! Paths compared and rewritten by the names of their folders, and by what links in them lead to.

use std::path::{Component, Path, PathBuf};

/// Returns a path as an absolute one without dots, by the names of its folders.
pub(crate) fn absolute(path: &Path) -> PathBuf {
    normalised(&std::path::absolute(path).unwrap_or_else(|_| path.to_owned()))
}

/// Removes dots from a path, by the names of its folders.
pub(crate) fn normalised(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => match normal.components().next_back() {
                Some(Component::Normal(_)) => drop(normal.pop()),
                Some(Component::RootDir | Component::Prefix(_)) => {}
                _ => normal.push(".."),
            },
            part => normal.push(part),
        }
    }
    normal
}

/// Follows the links in an absolute path, as far as it exists.
pub(crate) fn real(path: &Path) -> PathBuf {
    for ancestor in path.ancestors() {
        if let Ok(found) = ancestor.canonicalize() {
            let rest = path.strip_prefix(ancestor).unwrap_or(Path::new(""));
            return if rest.as_os_str().is_empty() { found } else { found.join(rest) };
        }
    }
    path.to_owned()
}

/// Returns the path from a folder to a target, both absolute. Returns `None` if they are on different
/// drives.
pub(crate) fn between(folder: &Path, target: &Path) -> Option<PathBuf> {
    let mut folder_parts = folder.components().peekable();
    let mut target_parts = target.components().peekable();
    let mut shared = 0;
    while folder_parts.peek().is_some() && folder_parts.peek() == target_parts.peek() {
        folder_parts.next();
        target_parts.next();
        shared += 1;
    }
    let up = folder_parts.map(|_| Component::ParentDir);
    (shared > 0).then(|| up.chain(target_parts).collect())
}

/// Returns a path with slashes.
pub(crate) fn slashes(path: &Path) -> String {
    let text = path.to_string_lossy();
    if cfg!(windows) { text.replace('\\', "/") } else { text.into_owned() }
}
