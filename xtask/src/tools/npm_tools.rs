//! What tests and measurements need beside Cargo: npm's tools, and a browser.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::files as tree;
use crate::sites::project::scratch;
use crate::tools::node::{Node, run};

/// The tools of `xtask/tools/package.json`, installed.
pub(crate) struct Tools {
    node: Node,
    folder: PathBuf,
}

impl Tools {
    /// Installs the tools, unless those of the same lock file are.
    pub(crate) fn install() -> Result<Self, String> {
        Self::install_from("tools", &[])
    }

    /// Installs those of another folder in `xtask/`, and puts some scripts beside them.
    pub(crate) fn install_from(name: &str, scripts: &[&str]) -> Result<Self, String> {
        let tools = Self { node: Node::find(&scratch())?, folder: scratch().join(name) };
        let _lock = tree::lock(&scratch().join(format!("{name}.lock")))?;
        tree::create_folder(&tools.folder)?;
        for file in ["package.json", "package-lock.json"].iter().chain(scripts) {
            let from = Path::new(env!("CARGO_MANIFEST_DIR")).join(name).join(file);
            fs::copy(&from, tools.folder.join(file))
                .map_err(|error| tree::failed("copy", &from, &error))?;
        }
        tools.node.install(&tools.folder)?;
        Ok(tools)
    }

    /// The folder whose `node_modules` has them.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The program that a package has under a name.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.folder.join("node_modules/.bin").join(name)
    }

    /// The value of `PATH` that has their Node.js.
    pub(crate) fn search_path(&self) -> &OsStr {
        self.node.search_path()
    }

    /// Makes a command that runs Node.js here. `WORKER_PACK_TOOLS` tells it where the tools are.
    pub(crate) fn node(&self) -> Command {
        let mut node = self.node.command("node", Path::new("."));
        node.env("WORKER_PACK_TOOLS", &self.folder);
        node
    }
}

/// Finds Chromium, which npm does not have. A machine of CI gets it.
pub(crate) fn chromium() -> Result<PathBuf, String> {
    if let Some(found) = find_program("chromium") {
        return Ok(found);
    }
    if std::env::var_os("CI").is_some_and(|ci| ci == "true") && is_root() {
        let _lock = tree::lock(&scratch().join("apt.lock"))?;
        run(Command::new("apt-get").args(["update", "--quiet"]))?;
        run(Command::new("apt-get")
            .args(["install", "--yes", "--quiet", "--no-install-recommends", "chromium"])
            .env("DEBIAN_FRONTEND", "noninteractive"))?;
    }
    find_program("chromium")
        .ok_or_else(|| "there is no Chromium here: `apt-get install chromium`".to_owned())
}

/// Looks a program up in `PATH`.
pub(crate) fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|path| path.is_file())
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}
