//! Sites written and packed by tests.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use worker_pack::cache::CacheLocation;
use worker_pack::options::Compat;
use worker_pack::report::{Diagnostic, Severity};
use worker_pack::{EmittedPack, Options, Pack, PackError, Packed, Target};
use worker_pack_runtime::packer::path::encode;
use worker_pack_runtime::{Method, Reply, Request, Table};

/// A temporary folder with a site in `dist`.
pub(crate) struct Site(TempDir);

impl Site {
    /// Writes files into `dist`.
    pub(crate) fn new<B: AsRef<[u8]>>(files: &[(&str, B)]) -> Self {
        let site = Self(TempDir::new().unwrap());
        fs::create_dir(site.dist()).unwrap();
        for (name, bytes) in files {
            site.write(name, bytes);
        }
        site
    }

    /// The folder that contains `dist`.
    pub(crate) fn project(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn dist(&self) -> PathBuf {
        self.0.path().join("dist")
    }

    pub(crate) fn out(&self) -> PathBuf {
        self.0.path().join("out")
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.dist().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// Writes a file elsewhere and moves it into `dist`, so that a watcher sees a single change and
    /// never a partial file.
    pub(crate) fn replace(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let written = self.project().join("written");
        fs::write(&written, bytes).unwrap();
        fs::rename(written, self.dist().join(name)).unwrap();
    }

    pub(crate) fn pack(&self) -> Packed {
        self.pack_with(Options::default())
    }

    pub(crate) fn pack_with(&self, options: Options) -> Packed {
        self.try_pack(options).unwrap()
    }

    /// A pack of the site without a cache.
    pub(crate) fn packing(&self, options: Options) -> Pack {
        Pack::from_dir(self.dist()).options(options).cache(CacheLocation::Nowhere)
    }

    pub(crate) fn try_pack(&self, options: Options) -> Result<Packed, PackError> {
        self.packing(options).run()
    }

    /// Packs the site into a Rust module.
    pub(crate) fn emit(&self, options: Options) -> Result<EmittedPack, PackError> {
        self.packing(options).target(Target::RustModule(self.out())).emit()
    }

    /// Checks whether an emitted file of bodies contains these bytes.
    pub(crate) fn has_body(&self, body: &[u8]) -> bool {
        let mut files = fs::read_dir(self.out().join("bodies")).unwrap();
        files.any(|file| {
            let file = fs::read(file.unwrap().path()).unwrap();
            file.windows(body.len()).any(|part| part == body)
        })
    }

    /// Packs the site, and returns the served text of a file.
    pub(crate) fn packed_text(&self, path: &str) -> String {
        text(&self.pack().table().to_memory().unwrap().table(), path)
    }
}

/// Options for the behaviour of Workers Static Assets.
pub(crate) fn workers() -> Options {
    Options { compat: Some(Compat::Workers), ..Options::default() }
}

/// Returns the served text of a file.
pub(crate) fn text(table: &Table<'_>, path: &str) -> String {
    let asset = table.asset(path).unwrap_or_else(|| panic!("{path} is not in the table"));
    String::from_utf8(asset.identity().body().bytes().unwrap().to_vec()).unwrap()
}

/// Returns the warnings of a pack as they are displayed.
pub(crate) fn warnings(packed: &Packed) -> Vec<String> {
    let is_warning = |found: &&Diagnostic| found.severity == Severity::Warning;
    packed.report().diagnostics.iter().filter(is_warning).map(ToString::to_string).collect()
}

/// Returns the reply to GET for a decoded path.
pub(crate) fn get<'t>(table: &'t Table<'_>, path: &str) -> Reply<'t> {
    let target = encode(path);
    let request = Request::new(Method::Get, &target);
    table.respond(&request).unwrap_or_else(|| table.not_found(&request))
}

/// Returns the paths of all packed assets.
pub(crate) fn paths(packed: &Packed) -> Vec<String> {
    packed
        .table()
        .to_memory()
        .unwrap()
        .table()
        .assets()
        .map(|asset| asset.path().to_owned())
        .collect()
}

/// The folder of the example blog's build.
pub(crate) fn blog() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/blog/dist")
}

/// A pack of the example blog with the shared cache.
pub(crate) fn blog_pack() -> Pack {
    Pack::from_dir(blog()).cache(CacheLocation::Folder(shared_cache()))
}

/// A cache shared by all tests.
pub(crate) fn shared_cache() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache")
}

/// The command, with the shared cache.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_worker-pack"));
    command.env("WORKER_PACK_CACHE_DIR", shared_cache());
    command
}

/// Returns the paths of all files below a folder, relative to it.
pub(crate) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path.strip_prefix(folder).unwrap().to_owned());
            }
        }
    }
    found
}

/// Prose of 11 kB.
pub(crate) const PROSE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/LICENSE-APACHE"));

/// Files of a small site: pages, code, prose and a picture.
pub(crate) const FILES: [(&str, &str); 5] = [
    (
        "index.html",
        "<!doctype html>\n<head>\n  <title>One</title>\n  <script src=\"/app.js\"></script>\n</head>\n<h1>One</h1>\n",
    ),
    ("two/index.html", "<!doctype html>\n<head>\n  <title>Two</title>\n</head>\n<h1>Two</h1>\n"),
    ("app.js", "function add(first, second) {\n  return first + second;\n}\nadd(1, 2);\n"),
    ("prose.txt", PROSE),
    ("photo.jpg", "not really"),
];

/// Returns the bytes of all files of an output, without its lock.
pub(crate) fn contents(out: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = files_below(out);
    files.retain(|path| !path.ends_with(".worker-pack.lock"));
    files.into_iter().map(|path| (path.clone(), fs::read(out.join(path)).unwrap())).collect()
}
