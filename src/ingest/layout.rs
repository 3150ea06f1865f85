//! How Astro and its Cloudflare adapters lay out what they build.

use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::error::PackError;

/// The layout of a build.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    /// Everything is public: Astro without an adapter.
    Static,
    /// Public files in `client`, server code beside it in `server`: Astro 6 and 7 with an adapter.
    ClientAndServer,
    /// Public files around `_worker.js`: Astro 5 with the adapter for Pages.
    PagesWorker,
}

impl Layout {
    /// Tells the layout of a folder.
    ///
    /// A site may well have pages called `/client/` and `/server/`. It is a server build if it has
    /// the files that only such a build has, or if there are no pages but in `client`.
    ///
    /// # Errors
    /// If `server` may be server code or part of the site: that is not for guessing.
    pub(crate) fn detect(dist: &Path) -> Result<Self, PackError> {
        const SERVER_FILES: [&str; 3] =
            ["server/entry.mjs", "server/wrangler.json", "client/wrangler.json"];
        if dist.join("_worker.js").exists() {
            return Ok(Self::PagesWorker);
        }
        if !dist.join("client").is_dir() {
            return Ok(Self::Static);
        }
        if SERVER_FILES.iter().any(|file| dist.join(file).exists())
            || !has_pages_beside_client(dist)
        {
            return Ok(Self::ClientAndServer);
        }
        if has_code_without_pages(&dist.join("server")) {
            return Err(PackError::AmbiguousLayout { path: dist.to_owned() });
        }
        Ok(Self::Static)
    }

    /// Returns the folder below which files are public.
    pub(crate) fn asset_root(self, dist: &Path) -> PathBuf {
        match self {
            Self::ClientAndServer => dist.join("client"),
            Self::Static | Self::PagesWorker => dist.to_owned(),
        }
    }
}

/// Returns whether there is a page in a folder, or the index page of one beside `client` in it.
fn has_pages_beside_client(dist: &Path) -> bool {
    let Ok(entries) = dist.read_dir() else { return false };
    entries.flatten().map(|entry| entry.path()).any(|path| {
        path.extension().is_some_and(|extension| extension == "html")
            || (!path.ends_with("client") && path.join("index.html").exists())
    })
}

/// Returns whether a folder has scripts right in it and no pages.
fn has_code_without_pages(folder: &Path) -> bool {
    let Ok(entries) = folder.read_dir() else { return false };
    let extensions: Vec<String> = entries
        .flatten()
        .filter_map(|entry| Some(entry.path().extension()?.to_string_lossy().into_owned()))
        .collect();
    let has = |wanted: &str| extensions.iter().any(|extension| extension == wanted);
    (has("js") || has("mjs") || has("cjs")) && !has("html")
}

/// Returns where a project's build is when nobody says: `dist` below the project's folder. If it
/// has `client` beside `server`, those are told apart when it is packed.
pub fn find_dist(project: &Path) -> PathBuf {
    project.join("dist")
}
