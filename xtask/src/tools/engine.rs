//! The engine: the runtime, compiled to WebAssembly for Workers.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;
use fs_err as fs;

use super::cargo;
use super::npm_tools::Tools;
use super::wasm_target::{TARGET, Toolchain};
use crate::command::run;
use crate::files::{lock, scratch, target};

/// The WebAssembly features that the compiler uses. The optimiser needs them as flags. Every Worker
/// supports them.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
];

/// Builds the engine and returns its path.
pub(crate) fn build() -> Result<PathBuf> {
    let mut build = cargo::build("worker-pack-engine");
    build.args(["--profile", "engine", "--target", TARGET]);
    run(Toolchain::find()?.apply(&mut build))?;
    let compiled = target().join(TARGET).join("engine/worker_pack_engine.wasm");

    let _lock = lock("engine")?;
    let engine = scratch("engine.wasm");
    let staged = engine.with_extension("new");
    if let Some(optimizer) = optimizer() {
        run(Command::new(optimizer)
            .arg("-Os")
            .args(FEATURES)
            .arg(&compiled)
            .arg("-o")
            .arg(&staged))?;
    } else {
        eprintln!("wasm-opt is missing, so the engine is a little larger than it could be");
        fs::copy(&compiled, &staged)?;
    }
    // An unchanged engine keeps its time, so that Cargo does not compile worker-pack again.
    if fs::read(&engine).ok() == Some(fs::read(&staged)?) {
        fs::remove_file(&staged)?;
    } else {
        fs::rename(&staged, &engine)?;
    }
    Ok(engine)
}

/// Finds the optimiser for WebAssembly in `PATH` or among the installed tools from npm.
fn optimizer() -> Option<PathBuf> {
    let tool = Tools::installed("wasm-opt");
    which::which("wasm-opt").ok().or_else(|| tool.is_file().then_some(tool))
}
