//! The example Workers in Rust, built by the real `worker-build`.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use clap::Args;
use fs_err as fs;

use super::cargo::cargo;
use super::node::prepend;
use super::npm_tools::Tools;
use super::wasm_target::{TARGET, Toolchain};
use crate::command::run;
use crate::files::{lock, read, repository, scratch, write};
use crate::sites;

/// The folder of the smallest example, whose lock file names the versions of the tools.
pub(crate) const FOLDER: &str = "examples/rust-worker";

/// Options of `cargo xtask rust-worker`.
#[derive(Args)]
pub(crate) struct Options {
    /// The folder of the Worker's crate in this repository
    #[arg(long = "crate", value_name = "FOLDER", default_value = FOLDER)]
    folder: String,

    /// Check the format and the lints instead of building
    #[arg(long)]
    check: bool,

    /// Pack this build instead of the site's
    #[arg(long, value_name = "FOLDER", conflicts_with = "check")]
    dist: Option<PathBuf>,
}

/// Builds the Worker and prints its folder, or checks it.
pub(crate) fn run_task(options: &Options) -> Result<()> {
    let source = repository(&options.folder);
    let dist = match &options.dist {
        Some(dist) => Some(dist.clone()),
        None => build_site(&source)?,
    };
    let name = source.file_name().unwrap_or_default().to_string_lossy();
    let copy = match options.dist {
        Some(_) => format!("{name}-of-dist"),
        None => format!("{name}-copy"),
    };
    let _lock = lock("rust-worker")?;
    let folder = match &dist {
        None => source.clone(),
        Some(dist) => copy_for(&source, dist, &copy)?,
    };
    if options.check {
        return check(&source, &folder);
    }
    println!("{}", Environment::prepare()?.build(&folder)?.display());
    Ok(())
}

/// Builds the site of a Worker's crate if it renders on the server, and returns the output folder, which is
/// not the one that the crate packs.
fn build_site(source: &Path) -> Result<Option<PathBuf>> {
    let Some(dist) = packed_folder(source)? else { return Ok(None) };
    let mut names = dist.split('/').filter(|name| sites::SERVERS.contains(name));
    names.next_back().map(sites::build_server).transpose()
}

/// Returns the folder that a crate packs, if its build script names it by a literal.
fn packed_folder(source: &Path) -> Result<Option<String>> {
    let script = fs::read_to_string(source.join("build.rs"))?;
    let rest = script.split_once("from_dir(\"").map(|(_, rest)| rest);
    let folder = rest.and_then(|rest| rest.split('"').next());
    Ok(folder.map(str::to_owned))
}

/// Copies the crate to a folder in which it packs another build, and returns the folder.
fn copy_for(source: &Path, dist: &Path, name: &str) -> Result<PathBuf> {
    let (folder, own) = (scratch(name), repository(""));
    let text = |path: &Path| path.to_str().map(str::to_owned).context("a path is not UTF-8");
    let (dist, own) = (text(&dist.canonicalize()?)?, text(&own.canonicalize()?)?);
    let packed = packed_folder(source)?.context("build.rs names no folder to pack")?;
    let replaced = [
        ("build.rs", packed, dist),
        ("Cargo.toml", "../../runtime".to_owned(), format!("{own}/runtime")),
        ("Cargo.toml", "../..".to_owned(), own),
    ];
    let mut files = read(source, &["build", "target", ".wrangler", "node_modules"])?;
    for (name, from, to) in replaced {
        let file = files.get_mut(Path::new(name)).with_context(|| format!("{name} is missing"))?;
        *file = String::from_utf8(file.clone())?.replace(&from, &to).into_bytes();
    }
    write(&files, &folder, &["build", "target", ".wrangler"])?;
    Ok(folder)
}

/// Checks the format of a crate, and the lints in a copy of it, if it has one.
pub(super) fn check(source: &Path, copy: &Path) -> Result<()> {
    run(Command::new("cargo").current_dir(source).args(["fmt", "--all", "--check"]))?;
    let mut clippy = Command::new("cargo");
    clippy.args([
        "clippy",
        "--release",
        "--locked",
        "--workspace",
        "--target",
        TARGET,
        "--all-targets",
    ]);
    clippy.args(["--", "--deny", "warnings"]).env("CARGO_TARGET_DIR", target());
    run(Toolchain::find()?.apply(clippy.current_dir(copy)))
}

/// The programs that `worker-build` needs. It would download missing ones from servers that not
/// every machine can reach, unlike those of Cargo and npm.
///
/// A variable such as `WASM_OPT_BIN` overrides a program.
pub(crate) struct Environment {
    toolchain: Toolchain,
    worker_build: PathBuf,
    variables: Vec<(&'static str, OsString)>,
}

impl Environment {
    /// Installs the missing programs.
    pub(crate) fn prepare() -> Result<Self> {
        let toolchain = Toolchain::find()?;
        let tools = Tools::install()?;
        let lock = fs::read_to_string(repository(FOLDER).join("Cargo.lock"))?;
        // `worker-build` is released together with `worker`.
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
            // For `cargo install worker-build`, which then does nothing.
            ("CARGO_INSTALL_ROOT", installed().into()),
            ("CARGO_TARGET_DIR", target().into()),
            ("PATH", prepend(&installed().join("bin"), tools.search_path())?),
        ];
        Ok(Self { toolchain, worker_build, variables })
    }

    /// Builds a Worker with the command of its `wrangler.jsonc`, and returns its folder.
    pub(crate) fn build(&self, folder: &Path) -> Result<PathBuf> {
        let mut worker_build = Command::new(&self.worker_build);
        worker_build.arg("--release").current_dir(folder);
        run(self.apply(&mut worker_build))?;
        Ok(folder.join("build").canonicalize()?)
    }

    /// Returns the program that a variable names, such as `WASM_OPT_BIN`.
    pub(crate) fn program(&self, variable: &str) -> Result<&OsStr> {
        let found = self.variables.iter().find(|(name, _)| *name == variable);
        Ok(&found.with_context(|| format!("{variable} is not set"))?.1)
    }

    /// Makes a command run in this environment.
    pub(crate) fn apply<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        let variables = self.variables.iter().map(|(name, value)| (name, value));
        self.toolchain.apply(command.envs(variables))
    }
}

/// Returns the program that a variable names, or another one.
fn program(variable: &str, other: impl FnOnce() -> Result<PathBuf>) -> Result<PathBuf> {
    env::var_os(variable).map_or_else(other, |program| Ok(program.into()))
}

/// Returns the folder that Cargo compiles the Worker into.
pub(crate) fn target() -> PathBuf {
    scratch("rust-worker")
}

/// Returns the folder that Cargo installs programs for the build into.
fn installed() -> PathBuf {
    scratch("cargo")
}

/// Installs a program of a package with Cargo, unless it is installed in that version.
pub(super) fn install(package: &str, program: &str, version: &str) -> Result<PathBuf> {
    let _lock = lock("cargo")?;
    run(cargo("")
        .args(["install", "--quiet", "--root"])
        .arg(installed())
        .arg(format!("{package}@{version}"))
        // Optimising them takes longer than running them.
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
        .env("CARGO_PROFILE_RELEASE_DEBUG", "false")
        .env_remove("CARGO_TARGET_DIR"))?;
    Ok(installed().join("bin").join(program))
}

/// Finds the version of a package in a lock file.
fn locked_version<'l>(lock: &'l str, package: &str) -> Result<&'l str> {
    let entry = format!("\nname = \"{package}\"\nversion = \"");
    let version = lock.split_once(&entry).and_then(|(_, rest)| rest.split('"').next());
    version.with_context(|| format!("the Worker's lock file does not contain `{package}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locked_versions_are_found_by_the_exact_name() {
        let lock = "\n[[package]]\nname = \"a-b\"\nversion = \"1.0.0\"\n\
                    \n[[package]]\nname = \"a\"\nversion = \"2.0.0\"\nsource = \"x\"\n";
        assert_eq!(locked_version(lock, "a").unwrap(), "2.0.0");
        assert!(locked_version(lock, "b").is_err());
    }
}
