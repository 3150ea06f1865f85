//! Sites packed as Workers for JavaScript hosts, run by `workerd` without an edge or a proxy.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use crate::support::client::Answer;
use crate::support::site::{Site, files_below, program};
use crate::support::xtask::{self, Serving};

/// The engine, compiled once for all tests.
pub(crate) static ENGINE: LazyLock<PathBuf> =
    LazyLock::new(|| last_line(&xtask::run(&["engine"]).0).into());

/// The builds of the two server-rendered examples: `astro-ssr` and `astro-pages`.
pub(crate) static SERVERS: LazyLock<[PathBuf; 2]> = LazyLock::new(|| {
    let (stdout, _) = xtask::run(&["astro-ssr"]);
    let paths: Vec<PathBuf> = stdout.lines().map(PathBuf::from).collect();
    paths.try_into().expect("two builds")
});

pub(super) fn last_line(text: &str) -> String {
    text.lines().last().unwrap_or_default().to_owned()
}

/// A site packed as a Worker by the command, in a temporary folder.
pub(super) struct PackedSite {
    pub(super) scratch: Site,
}

impl PackedSite {
    pub(super) fn new(dist: &Path, arguments: &[&str]) -> Self {
        let scratch = Site::new::<&str>(&[]);
        pack(dist, &scratch, arguments);
        Self { scratch }
    }

    pub(super) fn config(&self) -> PathBuf {
        self.scratch.out().join("wrangler.jsonc")
    }

    /// Starts `workerd` with the modules that wrangler would upload.
    pub(super) fn start(self) -> RunningSite {
        self.start_with(&[])
    }

    /// Starts `workerd` with the modules and the files that wrangler would upload.
    pub(super) fn start_with_files(self) -> RunningSite {
        let folder = self.scratch.out().join("bundle/assets");
        let files = folder.exists().then(|| files_binding(&folder));
        self.start_with(files.as_deref().as_slice())
    }

    /// Starts `workerd` with the modules that wrangler would upload, and with further arguments.
    pub(super) fn start_with(self, further: &[&str]) -> RunningSite {
        let folder = self.scratch.out().join("bundle/worker");
        let names = files_below(&folder);
        let names = names.iter().map(|path| path.to_str().unwrap().to_owned());
        let modules = modules(&folder, names.collect(), "index.js");
        let mut arguments = vec!["workerd", "--flag", "nodejs_compat", "--text", "GREETING=Hello."];
        arguments.extend(further);
        arguments.extend(modules.iter().map(String::as_str));
        let serving = Serving::start(&arguments);
        RunningSite { serving, _site: self }
    }
}

/// Returns the argument for `cargo xtask workerd` that binds a folder as Workers Static Assets.
pub(super) fn files_binding(folder: &Path) -> String {
    format!("--files=WORKER_PACK_ASSETS={}", folder.display())
}

/// Returns modules in a folder as `cargo xtask workerd` takes them, the main one first.
pub(super) fn modules(folder: &Path, mut names: Vec<String>, main: &str) -> Vec<String> {
    names.sort_by_key(|name| (name != main, name.clone()));
    let module = |name: &String| {
        let kind = match name.rsplit_once('.').unwrap().1 {
            "wasm" => "wasm",
            "bin" => "data",
            _ => "esModule",
        };
        format!("{kind}:{name}={}", folder.join(name).display())
    };
    names.iter().map(module).collect()
}

/// Packs a site by the command into the output folder of a project.
pub(super) fn pack(dist: &Path, project: &Site, arguments: &[&str]) {
    let output = program()
        .args(["build", "--quiet", "--target", "worker", "--engine"])
        .arg(&*ENGINE)
        .arg(dist)
        .arg("--out")
        .arg(project.out())
        .args(arguments)
        .current_dir(project.project())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// A packed site in `workerd`. Keeps the folder, which `workerd` reads while it starts.
pub(super) struct RunningSite {
    pub(super) serving: Serving,
    _site: PackedSite,
}

impl RunningSite {
    pub(super) fn address(&self) -> String {
        self.serving.address()
    }
}

pub(super) fn text(answer: &Answer) -> String {
    String::from_utf8_lossy(&answer.body).into_owned()
}
