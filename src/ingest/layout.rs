//! How Astro and its Cloudflare adapters lay out what they build.

use std::path::{Path, PathBuf};

use serde::Serialize;

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
    /// Tells the layout of a folder by the files that only a server build has, since a site may
    /// well have pages called `/client/` and `/server/`.
    pub fn detect(dist: &Path) -> Self {
        let has = |path: &str| dist.join(path).exists();
        if has("_worker.js") {
            Self::PagesWorker
        } else if dist.join("client").is_dir()
            && (has("server/entry.mjs")
                || has("server/wrangler.json")
                || has("client/wrangler.json"))
        {
            Self::ClientAndServer
        } else {
            Self::Static
        }
    }

    /// Returns the folder below which files are public.
    pub fn asset_root(self, dist: &Path) -> PathBuf {
        match self {
            Self::ClientAndServer => dist.join("client"),
            Self::Static | Self::PagesWorker => dist.to_owned(),
        }
    }
}

/// Returns where a project's build is when nobody says: `dist` below the project's folder. If it
/// has `client` beside `server`, those are told apart when it is packed.
pub fn find_dist(project: &Path) -> PathBuf {
    project.join("dist")
}
