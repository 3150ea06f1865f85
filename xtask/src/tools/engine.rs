//! The engine, compiled for Workers.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::files::{self as tree, failed};
use crate::say;
use crate::sites::project::scratch;
use crate::tools::cargo::{Workspace, cargo};
use crate::tools::node;
use crate::tools::wasm_target::{TARGET, Toolchain};

/// The WebAssembly features that the compiler uses, which the optimiser has to be told of. Every
/// Worker has them.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
];

/// Builds the engine, and returns its path.
pub(crate) fn build() -> Result<PathBuf, String> {
    let workspace = Workspace::find()?;
    let mut compile = cargo();
    compile.args(["build", "--profile", "engine", "--locked", "--target", TARGET]);
    compile.args(["--package", "worker-pack-engine"]);
    Toolchain::find()?.apply(compile.current_dir(&workspace.root));
    node::run(&mut compile)?;
    let compiled = workspace.target.join(TARGET).join("engine/worker_pack_engine.wasm");

    let engine = scratch().join("engine.wasm");
    tree::create_folder(&scratch())?;
    let _lock = tree::lock(&scratch().join("engine.lock"))?;
    let staged = engine.with_extension("new");
    if let Some(optimizer) = optimizer() {
        let mut optimize = Command::new(optimizer);
        optimize.arg("-Os").args(FEATURES).arg(&compiled).arg("-o").arg(&staged);
        node::run(&mut optimize)?;
    } else {
        say("wasm-opt is not to be found: the engine is a little larger than it could be\n");
        fs::copy(&compiled, &staged).map_err(|error| failed("copy", &compiled, &error))?;
    }
    fs::rename(&staged, &engine).map_err(|error| failed("write", &engine, &error))?;
    Ok(engine)
}

/// Finds the optimiser of WebAssembly, in `PATH` or among the tools from npm.
fn optimizer() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let tools = scratch().join("tools/node_modules/.bin");
    std::env::split_paths(&path)
        .chain([tools])
        .map(|folder: PathBuf| folder.join("wasm-opt"))
        .find(|program: &PathBuf| Path::is_file(program))
}
