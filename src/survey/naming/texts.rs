//! The texts of a build: its public files, and beside them the modules of a server, rules, configurations
//! and what is left out.

use std::collections::BTreeSet;
use std::path::Path;

use walkdir::{DirEntry, WalkDir};

use crate::asset::media_type::MediaType;
use crate::asset::route::RoutePath;
use crate::ingest::{Site, is_source_map};

/// A text that is not a public file.
pub(crate) struct OtherText {
    /// The path below the packed folder, or the name of a file beside it.
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

/// Maximum size of a file that is read although its type does not compress, in bytes. It may be a text in a
/// language whose extension belongs to a format of media too, such as `.ts`.
const MAX_MEDIA_LEN: u64 = 1024 * 1024;

/// Maximum size of a text that is not public, in bytes: that of all modules of a Worker. A larger one is not
/// deployed.
const MAX_LEN: u64 = 64 * 1024 * 1024;

/// Folders with the sources of others, which are not deployed.
const FOREIGN: [&str; 2] = ["node_modules", ".git"];

/// Returns whether a file is searched: unless its type says that it is not text.
pub(crate) fn is_read(route: &RoutePath, len: u64) -> bool {
    match MediaType::by_name(route) {
        None => true,
        Some(media_type) => {
            media_type.is_compressible() || len <= MAX_MEDIA_LEN && !is_binary(&media_type)
        }
    }
}

fn is_binary(media_type: &MediaType) -> bool {
    let name = media_type.as_str();
    ["image/", "audio/", "font/"].iter().any(|kind| name.starts_with(kind))
}

/// Reads the texts of a build that are not public files, in the order of their names. One that cannot be
/// read is left out: it need not be readable.
pub(crate) fn other_texts(site: &Site) -> Vec<OtherText> {
    let folder = &site.project.folder;
    let public: BTreeSet<&Path> = site.files.iter().map(|file| &*file.path).collect();
    let is_foreign = |entry: &DirEntry| {
        let name = entry.file_name().to_string_lossy();
        entry.file_type().is_dir() && FOREIGN.contains(&&*name)
    };
    // No link to a folder is followed, which may be outside. A link to a file is, within the build.
    let entries = WalkDir::new(folder).sort_by_file_name().into_iter();
    let entries = entries.filter_entry(|entry| !is_foreign(entry)).flatten();
    let is_file = |entry: &DirEntry| entry.file_type().is_file() || entry.path_is_symlink();
    let mut texts = Vec::new();
    for entry in entries.filter(is_file) {
        let path = entry.path();
        let Ok(below) = path.strip_prefix(folder) else { continue };
        let names: Vec<_> = below.iter().map(|name| name.to_string_lossy()).collect();
        let name = names.join("/");
        let len = entry.metadata().map_or(u64::MAX, |metadata| metadata.len());
        let is_text = len <= MAX_LEN
            && !public.contains(path)
            && !is_source_map(&name)
            && RoutePath::from_relative(below).is_none_or(|route| is_read(&route, len));
        if is_text && let Ok(bytes) = site.project.file(below).and_then(|file| file.read()) {
            texts.push(OtherText { name, bytes });
        }
    }
    let configs = [Some(&site.project.config), site.project.user_config.as_ref()];
    let configs = configs.into_iter().flatten();
    texts.extend(configs.filter_map(|config| {
        Some(OtherText { name: config.file_name(), bytes: config.text()?.as_bytes().to_vec() })
    }));
    texts
}
