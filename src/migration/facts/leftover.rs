//! Files and folders of Cloudflare Pages.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use walkdir::WalkDir;

/// A file or folder that only Pages knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Leftover {
    /// The folder `functions`.
    Functions,
    /// `public/_routes.json`.
    Routes,
    /// `public/_worker.js`.
    Worker,
}

impl Leftover {
    /// Finds those of a project, of which one folder is copied into the build.
    pub(super) fn of(root: &Path, public: &str) -> BTreeSet<Self> {
        let public = root.join(public);
        let all = [
            (Self::Functions, has_routes(&root.join("functions"))),
            (Self::Routes, public.join("_routes.json").is_file()),
            (Self::Worker, public.join("_worker.js").exists()),
        ];
        all.into_iter().filter(|(_, exists)| *exists).map(|(leftover, _)| leftover).collect()
    }
}

/// Returns whether a folder of functions has a route: a module that exports `onRequest` or `onRequestGet`. A
/// folder of this name may also belong to another host.
fn has_routes(functions: &Path) -> bool {
    const EXTENSIONS: [&str; 6] = ["js", "mjs", "ts", "mts", "jsx", "tsx"];
    let is_other = |name: &OsStr| name == "node_modules";
    let entries = WalkDir::new(functions).follow_links(true).into_iter();
    let modules = entries.filter_entry(|entry| !is_other(entry.file_name())).flatten();
    modules.filter(|entry| entry.file_type().is_file()).any(|entry| {
        let extension = entry.path().extension().and_then(|it| it.to_str()).unwrap_or_default();
        EXTENSIONS.contains(&extension)
            && fs::read(entry.path())
                .is_ok_and(|it| memchr::memmem::find(&it, b"onRequest").is_some())
    })
}
