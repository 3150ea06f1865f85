//! Generated sites, packed and turned into Workers.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;
use fs_err as fs;

use super::Bench;
use crate::bench::report::float;
use crate::bench::words::Words;
use crate::command::run;
use crate::files::{self, Files};
use crate::tools::workerd::{Module, ModuleKind, Worker};

/// The options for generated sites.
pub(super) const OPTIONS: [&str; 4] = ["--minify", "off", "--compat", "workers"];

/// A site of pages that differ only in their words.
pub(super) struct Site {
    files: Files,
    words: Words,
}

impl Site {
    pub(super) fn new() -> Self {
        Self { files: Files::new(), words: Words::new() }
    }

    /// Adds pages of about a size, and returns their paths in URLs.
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

    /// Writes the site into the folder of a name, and returns the folder of its files.
    pub(super) fn write(&self, bench: &Bench, name: &str) -> Result<PathBuf> {
        let dist = bench.folder.join(name).join("dist");
        files::write(&self.files, &dist, &[])?;
        Ok(dist)
    }

    /// Writes the site and packs it without minifying. Returns the folder of the Worker's modules.
    pub(super) fn pack(&self, bench: &Bench, name: &str) -> Result<PathBuf> {
        let dist = self.write(bench, name)?;
        pack(bench, name, &dist, &OPTIONS)
    }
}

/// Packs a site. Returns the folder of the Worker's modules.
pub(super) fn pack(bench: &Bench, name: &str, dist: &Path, options: &[&str]) -> Result<PathBuf> {
    let out = bench.folder.join(name).join("packed");
    let mut command = Command::new(&bench.program);
    command.arg("build").arg(dist).args(["--quiet", "--target", "worker"]).args(options);
    run(command.arg("--out").arg(&out))?;
    Ok(out.join("bundle/worker"))
}

/// Makes a Worker of the modules in a folder, and returns it with their size in bytes.
pub(super) fn worker(folder: &Path, entry: &str) -> Result<(Worker, f64)> {
    let mut modules = Vec::new();
    let mut size = 0.0;
    for (name, bytes) in files::read(folder, &[])? {
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
    Ok((Worker::new(modules), size))
}

/// Makes a Worker of the modules of a packed one, and returns it with their size in bytes.
pub(super) fn packed_worker(folder: &Path) -> Result<(Worker, f64)> {
    let (mut worker, size) = worker(folder, "index.js")?;
    // Provides the decoder for clients that do not accept Brotli.
    worker.compatibility_flags.push("nodejs_compat".to_owned());
    Ok((worker, size))
}

/// Makes a Worker of what was built in the crate of one in Rust, and returns it with the size of its
/// modules in bytes.
pub(super) fn rust_worker(built: &Path) -> Result<(Worker, f64)> {
    let (mut worker, _) = worker(built, "worker-pack.js")?;
    // Only these are modules, as in the rules of its `wrangler.jsonc`.
    worker.modules.retain(|Module { name, .. }| {
        ["worker-pack.js", "index.js", "index_bg.wasm"].contains(&&**name)
            || name.starts_with("bundle/worker/")
    });
    worker.compatibility_flags.push("nodejs_compat".to_owned());
    let sizes = worker.modules.iter().map(|module| Ok(fs::metadata(&module.path)?.len()));
    let sizes: Vec<u64> = sizes.collect::<Result<_>>()?;
    #[expect(clippy::cast_precision_loss, reason = "no Worker has so many bytes")]
    let size = sizes.iter().sum::<u64>() as f64;
    Ok((worker, size))
}

/// Makes a Worker without a site.
pub(super) fn empty_worker(bench: &Bench) -> Result<Worker> {
    let path = bench.folder.join("empty.js");
    let script = "export default { fetch: () => new Response('empty') };\n";
    fs::write(&path, script)?;
    let module = Module { name: "empty.js".to_owned(), kind: ModuleKind::EsModule, path };
    Ok(Worker::new(vec![module]))
}
