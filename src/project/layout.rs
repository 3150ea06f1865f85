//! The layout of a build by Astro and its Cloudflare adapters.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{fs, iter};

use serde::{Deserialize, Serialize};
use walkdir::{DirEntry, WalkDir};

use crate::feedback::error::PackError;
use crate::project::server_code;

/// The layout of a build.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    /// Everything is public: Astro without an adapter.
    Static,
    /// Public files in `client`, server code, if any, beside it in `server`: Astro 6 and 7 with an
    /// adapter.
    ClientAndServer,
    /// Public files around `_worker.js`: Astro 5 with the adapter for Pages.
    PagesWorker,
}

impl Layout {
    /// Detects the layout of a folder.
    ///
    /// A static site may contain a page `/client/`, so the folder `client` is not proof of a server
    /// build. Files that only a server build contains are, and so is code without pages beside
    /// `client`.
    ///
    /// # Errors
    /// If both code and pages are beside `client`: a wrong guess would publish the code.
    pub(crate) fn detect(dist: &Path) -> Result<Self, PackError> {
        const SERVER_FILES: [&str; 4] = [
            "server/entry.mjs",
            "server/wrangler.json",
            "client/wrangler.json",
            "client/.assetsignore",
        ];
        if dist.join(WORKER).exists() {
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

    /// Returns the path of the public files below the packed folder. It is empty if the packed
    /// folder itself is public.
    pub(crate) fn asset_prefix(self) -> &'static Path {
        Path::new(match self {
            Self::ClientAndServer => "client",
            Self::Static | Self::PagesWorker => "",
        })
    }

    /// Returns the folder whose files are public.
    pub(crate) fn asset_root(self, dist: &Path) -> PathBuf {
        match self {
            Self::ClientAndServer => dist.join(self.asset_prefix()),
            // Joining an empty path would add a slash.
            Self::Static | Self::PagesWorker => dist.to_owned(),
        }
    }

    /// Returns the name in messages of a file that lies directly below the public folder.
    pub(crate) fn asset_name(self, file: &str) -> String {
        let path = self.asset_prefix().join(file);
        path.iter().map(|name| name.to_string_lossy()).collect::<Vec<_>>().join("/")
    }

    /// Returns whether a path below the packed folder lies in the folder of server code.
    pub(crate) fn is_in_server_folder(self, path: &Path) -> bool {
        self == Self::ClientAndServer && path.starts_with(SERVER)
    }

    /// Returns the module that a host loads first, if the build has a server. The adapter leaves an
    /// empty folder for one that has rendered all pages in advance.
    pub(crate) fn server_entry(self, dist: &Path) -> Option<ServerEntry> {
        let (folder, module) = match self {
            Self::Static => return None,
            Self::ClientAndServer => (dist.join(SERVER), "entry.mjs"),
            Self::PagesWorker => {
                let worker = dist.join(WORKER);
                if worker.is_dir() { (worker, "index.js") } else { (dist.to_owned(), WORKER) }
            }
        };
        let has_code = folder.exists() && (self != Self::ClientAndServer || has_files(&folder));
        has_code.then_some(ServerEntry { folder, module })
    }

    /// Returns the configuration for wrangler that an adapter has written into the build, relative to the
    /// packed folder: among the server's code, or, without a server, among the public files. There it is
    /// in the folder of the site's base, which is the only folder.
    pub(crate) fn adapter_config(self, dist: &Path) -> Option<PathBuf> {
        const NAME: &str = "wrangler.json";
        const MAX_SEGMENTS: usize = 8;
        let is_present = |config: &PathBuf| dist.join(config).exists();
        let of_server = match self {
            Self::ClientAndServer => Some(Path::new(SERVER).join(NAME)),
            Self::Static => None,
            Self::PagesWorker => return None,
        };
        if let Some(config) = of_server.filter(is_present) {
            return Some(config);
        }
        let base = |folder: &PathBuf| Some(folder.join(only_folder(&dist.join(folder))?));
        let folders = iter::successors(Some(self.asset_prefix().to_owned()), base);
        let mut configs = folders.take(MAX_SEGMENTS).map(|folder| folder.join(NAME));
        configs.find(is_present)
    }
}

/// Returns the name of the folder in a folder, if there is exactly one.
fn only_folder(folder: &Path) -> Option<OsString> {
    let entries = fs::read_dir(folder).ok()?.flatten();
    let mut folders = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    let only = folders.next()?.file_name();
    folders.next().is_none().then_some(only)
}

/// Returns whether a folder contains a file that is not hidden, in any folder that is not.
fn has_files(folder: &Path) -> bool {
    let is_hidden = |entry: &DirEntry| entry.file_name().as_encoded_bytes().starts_with(b".");
    let entries = WalkDir::new(folder).min_depth(1).follow_links(true).into_iter();
    let mut shown = entries.filter_entry(|entry| !is_hidden(entry)).flatten();
    shown.any(|entry| entry.file_type().is_file())
}

/// The folder of server code beside `client`.
const SERVER: &str = "server";

/// The server of a build for Pages: a file, or a folder of modules.
const WORKER: &str = "_worker.js";

/// The first module of a server build.
#[derive(Clone, Debug)]
pub(crate) struct ServerEntry {
    /// The folder of the server's modules.
    pub(crate) folder: PathBuf,
    /// The module, relative to the folder.
    pub(crate) module: &'static str,
}

impl ServerEntry {
    /// Returns the paths of the server's modules, sorted. Packages and hidden files do not count.
    pub(crate) fn modules(&self) -> Vec<PathBuf> {
        const EXTENSIONS: [&str; 3] = ["cjs", "js", "mjs"];
        // A single module is among the public files.
        if self.module == WORKER {
            return vec![self.folder.join(self.module)];
        }
        let is_hidden = |entry: &DirEntry| {
            let name = entry.file_name();
            let is_other = name == "node_modules" || name.as_encoded_bytes().starts_with(b".");
            entry.depth() > 0 && is_other
        };
        let is_module = |entry: &DirEntry| {
            let extension = entry.path().extension();
            entry.file_type().is_file()
                && extension.is_some_and(|it| EXTENSIONS.iter().any(|one| it == *one))
        };
        let entries = WalkDir::new(&self.folder).sort_by_file_name().into_iter();
        let shown = entries.filter_entry(|entry| !is_hidden(entry)).flatten();
        shown.filter(is_module).map(DirEntry::into_path).collect()
    }
}

/// The content of a folder besides `client`.
#[derive(Default)]
struct Beside {
    /// True if a folder contains scripts and no pages. In `server`, scripts of any extension count.
    /// Elsewhere only `.mjs` does, which Astro uses on the server and not in the browser.
    server_code: bool,
    /// True if a file or folder is or contains a page.
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
            let is_server = entry.file_name() == SERVER;
            // A server may contain pages, such as one that it renders in advance.
            let has_pages =
                extensions.contains("html") && !server_code::is_server_folder(entry.path());
            let has_code = extensions.contains("mjs")
                || is_server && (extensions.contains("js") || extensions.contains("cjs"));
            beside.pages |= has_pages;
            beside.server_code |= entry.file_type().is_dir() && has_code && !has_pages;
        }
        beside
    }
}
