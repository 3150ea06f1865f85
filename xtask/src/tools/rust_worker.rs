//! The example Worker in Rust, built by the real `worker-build`.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::iter;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::files as tree;
use crate::sites::project::scratch;
use crate::tools::node::run;
use crate::tools::npm_tools::Tools;
use crate::tools::wasm_target::{TARGET, Toolchain};

/// Builds the Worker, as its `wrangler.jsonc` says, and returns where it is.
pub(crate) fn build() -> Result<PathBuf, String> {
    let environment = Environment::prepare()?;
    let _lock = tree::lock(&scratch().join("rust-worker.lock"))?;
    let mut worker_build = Command::new(&environment.worker_build);
    worker_build.arg("--release").current_dir(folder());
    run(environment.apply(&mut worker_build))?;
    let build = folder().join("build");
    build.canonicalize().map_err(|error| tree::failed("find", &build, &error))
}

/// Checks the Worker's format, and that the lints find nothing.
pub(crate) fn check() -> Result<(), String> {
    run(Command::new("cargo").args(["fmt", "--check"]).current_dir(folder()))?;
    let mut clippy = Command::new("cargo");
    clippy.args(["clippy", "--release", "--locked", "--target", TARGET, "--all-targets"]);
    clippy.args(["--", "--deny", "warnings"]).current_dir(folder());
    run(Toolchain::find()?.apply(clippy.env("CARGO_TARGET_DIR", target())))
}

/// Where the example is.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/rust-worker")
}

/// What `worker-build` needs, so that it fetches nothing by itself: it would ask servers that not
/// every machine may reach, where Cargo and npm go.
///
/// A variable such as `WASM_OPT_BIN` overrides a program.
pub(crate) struct Environment {
    toolchain: Toolchain,
    worker_build: PathBuf,
    variables: Vec<(&'static str, OsString)>,
}

impl Environment {
    /// Installs what is missing.
    pub(crate) fn prepare() -> Result<Self, String> {
        let toolchain = Toolchain::find()?;
        let tools = Tools::install()?;
        let lock = folder().join("Cargo.lock");
        let lock =
            fs::read_to_string(&lock).map_err(|error| tree::failed("read", &lock, &error))?;
        // They are released together.
        let worker_build = program("WORKER_BUILD_BIN", || {
            install("worker-build", "worker-build", locked_version(&lock, "worker")?)
        })?;
        let wasm_bindgen = program("WASM_BINDGEN_BIN", || {
            install("wasm-bindgen-cli", "wasm-bindgen", locked_version(&lock, "wasm-bindgen")?)
        })?;
        let wasm_opt = program("WASM_OPT_BIN", || Ok(tools.program("wasm-opt")))?;
        let esbuild = program("ESBUILD_BIN", || Ok(tools.program("esbuild")))?;
        let variables = vec![
            ("WASM_BINDGEN_BIN", wasm_bindgen.into()),
            ("WASM_OPT_BIN", wasm_opt.into()),
            ("ESBUILD_BIN", esbuild.into()),
            // `cargo install worker-build` finds that it is installed.
            ("CARGO_INSTALL_ROOT", installed().into()),
            ("CARGO_TARGET_DIR", target().into()),
            ("PATH", path(&installed().join("bin"), tools.search_path())?),
        ];
        Ok(Self { toolchain, worker_build, variables })
    }

    /// Gives it to a command.
    pub(crate) fn apply<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        let variables = self.variables.iter().map(|(name, value)| (name, value));
        self.toolchain.apply(command.envs(variables))
    }
}

/// Returns the program that a variable names, or another one.
fn program(
    variable: &str,
    other: impl FnOnce() -> Result<PathBuf, String>,
) -> Result<PathBuf, String> {
    env::var_os(variable).map_or_else(other, |program| Ok(program.into()))
}

/// Where Cargo compiles the Worker.
fn target() -> PathBuf {
    scratch().join("rust-worker")
}

/// Where Cargo installs programs for the build.
fn installed() -> PathBuf {
    scratch().join("cargo")
}

/// Installs a program of a crate with Cargo, which does nothing if it has that version.
fn install(package: &str, program: &str, version: &str) -> Result<PathBuf, String> {
    let _lock = tree::lock(&scratch().join("cargo.lock"))?;
    run(Command::new("cargo")
        .args(["install", "--quiet", "--root"])
        .arg(installed())
        .arg(format!("{package}@{version}"))
        // It takes longer to compile them well than they will ever run.
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1")
        .env("CARGO_PROFILE_RELEASE_DEBUG", "false")
        .env_remove("CARGO_TARGET_DIR"))?;
    Ok(installed().join("bin").join(program))
}

/// Returns the version that a lock file has of a package.
fn locked_version<'l>(lock: &'l str, package: &str) -> Result<&'l str, String> {
    let entry = format!("\nname = \"{package}\"\nversion = \"");
    let version = lock.split_once(&entry).and_then(|(_, rest)| rest.split('"').next());
    version.ok_or_else(|| format!("the lock file of the Worker has no package `{package}`"))
}

/// Returns a value of `PATH` with a folder before the others.
fn path(first: &Path, others: &OsStr) -> Result<OsString, String> {
    let folders = iter::once(first.to_owned()).chain(env::split_paths(others));
    env::join_paths(folders).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_that_of_the_package_with_the_very_name() {
        let lock = "\n[[package]]\nname = \"a-b\"\nversion = \"1.0.0\"\n\
                    \n[[package]]\nname = \"a\"\nversion = \"2.0.0\"\nsource = \"x\"\n";
        assert_eq!(locked_version(lock, "a"), Ok("2.0.0"));
        assert!(locked_version(lock, "b").is_err());
    }
}
