//! Node.js in a version that Astro supports, from the machine or from npm.

use std::env;
use std::ffi::{OsStr, OsString};
use std::iter;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};
use fs_err as fs;

use crate::command::{output, run};
use crate::files::{lock, remove, repository, scratch};

/// The oldest version that Astro 7 supports.
const MIN_VERSION: (u32, u32) = (22, 12);

/// The version that is installed where the machine's is older.
const INSTALLED: &str = "node@22";

/// Variables with which a program neither fetches nor reports anything.
pub(crate) const QUIET: [(&str, &str); 4] = [
    ("ASTRO_TELEMETRY_DISABLED", "1"),
    ("CLOUDFLARE_CF_FETCH_ENABLED", "false"),
    ("WRANGLER_SEND_ERROR_REPORTS", "false"),
    ("WRANGLER_SEND_METRICS", "false"),
];

/// An installation of Node.js.
pub(crate) struct Node {
    /// A value of `PATH` with its folder first.
    path: OsString,
}

impl Node {
    /// Finds Node.js, or installs it from npm.
    pub(crate) fn find() -> Result<Self> {
        let path = env::var_os("PATH").unwrap_or_default();
        if version(&path).is_some_and(|version| version >= MIN_VERSION) {
            return Ok(Self { path });
        }
        let modules = scratch("node");
        let bin = modules.join("node_modules/node/bin");
        let path = prepend(&bin, &path)?;
        let _lock = lock("node")?;
        if !bin.join("node").exists() {
            eprintln!("installing {INSTALLED}, since Astro does not support the machine's Node.js");
            fs::create_dir_all(&modules)?;
            let mut npm = Command::new("npm");
            run(npm.arg("install").arg("--prefix").arg(&modules).args(["--no-save", INSTALLED]))?;
        }
        let found = version(&path);
        ensure!(
            found >= Some(MIN_VERSION),
            "Node.js {MIN_VERSION:?} or newer is needed, found {found:?}"
        );
        Ok(Self { path })
    }

    /// Returns a value of `PATH` with its folder first.
    pub(crate) fn search_path(&self) -> &OsStr {
        &self.path
    }

    /// Makes a command that runs with this Node.js in a folder.
    pub(crate) fn command(&self, program: &str, folder: &Path) -> Command {
        // A command is looked up in the `PATH` of this process, not in its own.
        let found = which::which_in(program, Some(&self.path), folder);
        let mut command = Command::new(found.unwrap_or_else(|_| program.into()));
        command.current_dir(folder).env("PATH", &self.path).envs(QUIET);
        // Keeps logs of wrangler and workerd out of the home folder.
        command.env("XDG_CONFIG_HOME", scratch("config"));
        command
    }

    /// Runs a script of the repository with some arguments, and returns its output.
    pub(crate) fn script(&self, script: &str, arguments: &[&OsStr]) -> Result<String> {
        output(self.command("node", Path::new(".")).arg(repository(script)).args(arguments))
    }

    /// Installs the modules of a folder, unless they were installed from the same lock file.
    pub(crate) fn install(&self, folder: &Path) -> Result<()> {
        let installed = folder.join("node_modules/.installed-lock.json");
        let wanted = fs::read(folder.join("package-lock.json"))?;
        if fs::read(&installed).is_ok_and(|installed| installed == wanted) {
            return Ok(());
        }
        remove(&installed)?;
        // Not `npm ci`: it expects optional packages of other platforms in the lock file, and npm
        // itself leaves them out.
        let mut npm = self.command("npm", folder);
        run(npm.args(["install", "--no-save", "--no-audit", "--no-fund", "--loglevel", "error"]))?;
        Ok(fs::write(&installed, wanted)?)
    }
}

/// Returns a value of `PATH` with a folder before the others.
pub(crate) fn prepend(folder: &Path, path: &OsStr) -> Result<OsString> {
    Ok(env::join_paths(iter::once(folder.to_owned()).chain(env::split_paths(path)))?)
}

/// Returns the major and minor version of the first `node` on a path.
fn version(path: &OsStr) -> Option<(u32, u32)> {
    let node = Node { path: path.to_owned() };
    let text = output(node.command("node", Path::new(".")).arg("--version")).ok()?;
    let mut numbers = text.trim().trim_start_matches('v').split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}
