//! A Node.js that is new enough for Astro, from the machine or from npm.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::files as tree;
use crate::say;
use crate::sites::project::scratch;

/// The oldest version that Astro 7 runs on.
const OLDEST: (u32, u32) = (22, 12);

/// The version that is installed where the machine's is older.
const INSTALLED: &str = "node@22";

/// With these a program asks nobody for anything, and tells nobody about itself.
pub(crate) const QUIET: [(&str, &str); 4] = [
    ("ASTRO_TELEMETRY_DISABLED", "1"),
    ("CLOUDFLARE_CF_FETCH_ENABLED", "false"),
    ("WRANGLER_SEND_ERROR_REPORTS", "false"),
    ("WRANGLER_SEND_METRICS", "false"),
];

/// Where `node` is found.
pub(crate) struct Node {
    /// The value of `PATH` with the right `node` first.
    path: OsString,
}

impl Node {
    /// Finds Node.js, or installs one below `folder` with npm.
    pub(crate) fn find(folder: &Path) -> Result<Self, String> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        if version(&path).is_some_and(|version| version >= OLDEST) {
            return Ok(Self { path });
        }
        let modules = folder.join("node");
        let bin = modules.join("node_modules/node/bin");
        let mut folders = vec![bin.clone()];
        folders.extend(std::env::split_paths(&path));
        let path = std::env::join_paths(folders).map_err(|error| error.to_string())?;
        tree::create_folder(folder)?;
        let _lock = tree::lock(&folder.join("node.lock"))?;
        if !bin.join("node").exists() {
            say(&format!("installing {INSTALLED}: the machine's is older than Astro wants\n"));
            tree::create_folder(&modules)?;
            let mut npm = Command::new("npm");
            npm.arg("install").arg("--prefix").arg(&modules).args(["--no-save", INSTALLED]);
            run(&mut npm)?;
        }
        match version(&path) {
            Some(found) if found >= OLDEST => Ok(Self { path }),
            found => Err(format!("Node.js {OLDEST:?} or newer is needed, found {found:?}")),
        }
    }

    /// The value of `PATH` that has it.
    pub(crate) fn search_path(&self) -> &OsStr {
        &self.path
    }

    /// Makes a command that runs with this Node.js, in a folder.
    pub(crate) fn command(&self, program: &str, folder: &Path) -> Command {
        let mut command = Command::new(self.program(program));
        command.current_dir(folder).env("PATH", &self.path).envs(QUIET);
        // Logs of wrangler and of the Workers runtime are not for the home folder.
        command.env("XDG_CONFIG_HOME", scratch().join("config"));
        command
    }

    /// Installs the modules of a folder, unless they are those of the same lock file.
    pub(crate) fn install(&self, folder: &Path) -> Result<(), String> {
        let lock = folder.join("package-lock.json");
        let installed = folder.join("node_modules/.installed-lock.json");
        let wanted = fs::read(&lock).map_err(|error| tree::failed("read", &lock, &error))?;
        if fs::read(&installed).is_ok_and(|installed| installed == wanted) {
            return Ok(());
        }
        tree::remove(&installed)?;
        // Not `npm ci`: it wants optional packages of other platforms in the lock file, which npm
        // itself leaves out of it.
        let mut npm = self.command("npm", folder);
        npm.args(["install", "--no-save", "--no-audit", "--no-fund", "--loglevel", "error"]);
        run(&mut npm)?;
        fs::write(&installed, wanted).map_err(|error| tree::failed("write", &installed, &error))
    }

    /// A command is looked up in the `PATH` of this process, not in that of the command.
    fn program(&self, name: &str) -> PathBuf {
        std::env::split_paths(&self.path)
            .map(|folder| folder.join(name))
            .find(|path| path.exists())
            .unwrap_or_else(|| name.into())
    }
}

/// Returns the major and minor version of the first `node` on a path.
fn version(path: &OsStr) -> Option<(u32, u32)> {
    let node = Node { path: path.to_owned() };
    let output = node.command("node", Path::new(".")).arg("--version").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let mut numbers = text.trim().trim_start_matches('v').split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

/// Runs a command, and fails if it does. What it prints is progress, not a result of the task.
pub(crate) fn run(command: &mut Command) -> Result<(), String> {
    run_for_output(command.stdout(std::io::stderr()))
}

/// Runs a command whose output is the result, and fails if it does.
pub(crate) fn run_for_output(command: &mut Command) -> Result<(), String> {
    let status = command.status();
    let words: Vec<_> = std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| word.to_string_lossy())
        .collect();
    let words = words.join(" ");
    let status = status.map_err(|error| format!("cannot run `{words}`: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("`{words}` failed: {status}")) }
}
