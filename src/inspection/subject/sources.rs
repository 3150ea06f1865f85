//! The texts that the user wrote, and the modules of the server that a build made of them.

use std::path::Path;

use walkdir::{DirEntry, WalkDir};

use super::Subject;
use super::text::TextFile;

/// Extensions of what users write.
const WRITTEN: [&str; 12] =
    ["astro", "cjs", "cts", "js", "jsx", "mdx", "mjs", "mts", "svelte", "ts", "tsx", "vue"];

/// Folders of the project that contain what users write.
const FOLDERS: [&str; 2] = ["functions", "src"];

/// Size above which a file of the project is not what a user wrote, in bytes.
const MAX_WRITTEN: u64 = 1 << 20;

/// Reads the texts that the user wrote.
pub(super) fn of_project(subject: &Subject) -> Vec<TextFile> {
    let is_config = |entry: &DirEntry| {
        let name = entry.file_name().to_string_lossy();
        name.starts_with("astro.config.") && has_extension(entry.path(), &WRITTEN)
    };
    let top = WalkDir::new(&subject.root).max_depth(1).sort_by_file_name().into_iter().flatten();
    let mut paths: Vec<_> = top.filter(is_config).map(DirEntry::into_path).collect();
    for folder in FOLDERS {
        let folder = subject.root.join(folder);
        let below = files(&folder, &WRITTEN);
        let is_small = |path: &Path| path.metadata().is_ok_and(|it| it.len() <= MAX_WRITTEN);
        paths.extend(below.filter(|entry| is_small(entry.path())).map(DirEntry::into_path));
    }
    paths.iter().filter_map(|path| TextFile::read(subject.name_of(path), path).ok()).collect()
}

/// Reads the modules of the server.
pub(super) fn of_server(subject: &Subject) -> Vec<TextFile> {
    let Some(project) = subject.project() else { return Vec::new() };
    let Some(entry) = project.layout.server_entry(&project.dist) else { return Vec::new() };
    let modules = entry.modules().into_iter();
    modules.filter_map(|path| TextFile::read(subject.name_of(&path), &path).ok()).collect()
}

/// Returns the files below a folder with one of the extensions, sorted. Packages and hidden files
/// do not count.
fn files(folder: &Path, extensions: &'static [&str]) -> impl Iterator<Item = DirEntry> {
    let is_hidden = |entry: &DirEntry| {
        let name = entry.file_name();
        entry.depth() > 0 && (name == "node_modules" || name.as_encoded_bytes().starts_with(b"."))
    };
    let entries = WalkDir::new(folder).sort_by_file_name().into_iter();
    let shown = entries.filter_entry(move |entry| !is_hidden(entry)).flatten();
    shown.filter(|entry| entry.file_type().is_file() && has_extension(entry.path(), extensions))
}

fn has_extension(path: &Path, extensions: &[&str]) -> bool {
    path.extension().is_some_and(|it| extensions.iter().any(|one| it == *one))
}
