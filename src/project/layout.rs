//! How Astro and its Cloudflare adapters lay out what they build.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use walkdir::WalkDir;

use crate::feedback::error::PackError;

/// The layout of a build.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// A site may well have a page called `/client/`. The folder is a server build if it has the
    /// files that only such a build has, or if there is code beside `client` and no page.
    ///
    /// # Errors
    /// If there are both beside `client`, code and pages: that is not for guessing.
    pub(crate) fn detect(dist: &Path) -> Result<Self, PackError> {
        const SERVER_FILES: [&str; 4] = [
            "server/entry.mjs",
            "server/wrangler.json",
            "client/wrangler.json",
            "client/.assetsignore",
        ];
        if dist.join("_worker.js").exists() {
            return Ok(Self::PagesWorker);
        }
        if !dist.join("client").is_dir() {
            return Ok(Self::Static);
        }
        if SERVER_FILES.iter().any(|file| dist.join(file).exists()) {
            return Ok(Self::ClientAndServer);
        }
        let beside = Beside::client(dist);
        match (beside.server_code, beside.pages) {
            (false, _) => Ok(Self::Static),
            (true, false) => Ok(Self::ClientAndServer),
            (true, true) => Err(PackError::AmbiguousLayout { path: dist.to_owned() }),
        }
    }

    /// Returns the folder below which files are public.
    pub(crate) fn asset_root(self, dist: &Path) -> PathBuf {
        match self {
            Self::ClientAndServer => dist.join("client"),
            Self::Static | Self::PagesWorker => dist.to_owned(),
        }
    }
}

/// What there is in a folder beside `client`.
#[derive(Default)]
struct Beside {
    /// A folder with scripts and without pages: `server` whatever the scripts are called, another
    /// one if they are `.mjs`, as Astro's are on the server and not in the browser.
    server_code: bool,
    pages: bool,
}

impl Beside {
    fn client(dist: &Path) -> Self {
        let mut beside = Self::default();
        for entry in WalkDir::new(dist).min_depth(1).max_depth(1).into_iter().flatten() {
            if entry.file_name() == "client" {
                continue;
            }
            let extensions: BTreeSet<String> = WalkDir::new(entry.path())
                .into_iter()
                .flatten()
                .filter_map(|file| Some(file.path().extension()?.to_string_lossy().to_lowercase()))
                .collect();
            let has_pages = extensions.contains("html");
            let is_server = entry.file_name() == "server";
            let has_code = extensions.contains("mjs")
                || is_server && (extensions.contains("js") || extensions.contains("cjs"));
            beside.pages |= has_pages;
            beside.server_code |= entry.file_type().is_dir() && has_code && !has_pages;
        }
        beside
    }
}

/// Returns where a project's build is when nobody says: `dist` below the project's folder. If it
/// has `client` beside `server`, those are told apart when it is packed.
pub fn find_dist(project: &Path) -> PathBuf {
    project.join("dist")
}
