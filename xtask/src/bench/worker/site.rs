//! Sites that are made up, packed, and turned into Workers.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::Bench;
use crate::bench::report::float;
use crate::bench::words::Words;
use crate::files::{self as tree, Files};
use crate::tools::node;
use crate::tools::workerd::{COMPATIBILITY_DATE, Module, ModuleKind, Worker};

/// A site of pages that differ in their words alone.
pub(super) struct Site {
    files: Files,
    words: Words,
}

impl Site {
    pub(super) fn new() -> Self {
        Self { files: Files::new(), words: Words::new() }
    }

    /// Adds pages of a size, and returns their paths in URLs. Brotli leaves about four tenths of it.
    pub(super) fn add_pages(&mut self, section: &str, count: usize, size: usize) -> Vec<String> {
        let mut paths = Vec::new();
        for number in 0..count {
            let path = format!("{section}/{}/page-{number}/", number % 37);
            let page = self.words.page(&path, size).into_bytes();
            self.files.insert(format!("{path}index.html").into(), page);
            paths.push(format!("/{path}"));
        }
        paths
    }

    /// Writes the site and packs it. Returns the folder of the Worker's modules.
    ///
    /// Pages are not minified, which is not what is measured here.
    pub(super) fn pack(&self, bench: &Bench, name: &str) -> Result<PathBuf, String> {
        let dist = bench.folder.join(name).join("dist");
        tree::remove(&dist)?;
        tree::create_folder(&dist)?;
        tree::write(&self.files, &dist, &[])?;
        pack(bench, name, &dist, &["--minify", "none", "--compat", "workers"])
    }
}

/// Packs a site. Returns the folder of the Worker's modules.
pub(super) fn pack(
    bench: &Bench,
    name: &str,
    dist: &Path,
    options: &[&str],
) -> Result<PathBuf, String> {
    let out = bench.folder.join(name).join("packed");
    let mut command = Command::new(&bench.binary);
    command.arg("build").arg(dist).args(["--quiet", "--host", "worker"]).args(options);
    node::run(command.arg("--out").arg(&out))?;
    Ok(out.join("bundle/worker"))
}

/// Makes a Worker of the modules in a folder. Returns it with their size in bytes.
pub(super) fn worker(folder: &Path, entry: &str) -> Result<(Worker, f64), String> {
    let mut modules = Vec::new();
    let mut size = 0.0;
    for (name, bytes) in tree::read(folder, &[])? {
        let kind = match name.extension().and_then(OsStr::to_str) {
            Some("js" | "mjs") => ModuleKind::EsModule,
            Some("wasm") => ModuleKind::Wasm,
            Some("bin") => ModuleKind::Data,
            _ => continue,
        };
        size += float(bytes.len());
        let path = folder.join(&name);
        modules.push(Module { name: name.to_string_lossy().into_owned(), kind, path });
    }
    modules.sort_by_key(|module| module.name != entry);
    Ok((worker_of(modules), size))
}

/// Makes a Worker of what was packed. Returns it with the size of its modules in bytes.
pub(super) fn packed_worker(folder: &Path) -> Result<(Worker, f64), String> {
    let (mut worker, size) = worker(folder, "index.js")?;
    // With it comes the decoder for clients that do not take Brotli.
    worker.compatibility_flags.push("nodejs_compat".to_owned());
    Ok((worker, size))
}

/// Makes a Worker of some modules, the one with the handlers first.
pub(super) fn worker_of(modules: Vec<Module>) -> Worker {
    Worker { modules, compatibility_date: COMPATIBILITY_DATE.to_owned(), ..Worker::default() }
}

/// Writes the module of a Worker that does nothing.
pub(super) fn empty_module(bench: &Bench) -> Result<Module, String> {
    let path = bench.folder.join("empty.js");
    let script = "export default { fetch: () => new Response('empty') };\n";
    fs::write(&path, script).map_err(|error| tree::failed("write", &path, &error))?;
    Ok(Module { name: "empty.js".to_owned(), kind: ModuleKind::EsModule, path })
}
