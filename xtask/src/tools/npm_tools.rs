//! Tools from npm, which tests and benchmarks need.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;
use fs_err as fs;

use super::node::Node;
use crate::files::{lock, repository, scratch};

/// The folder of `xtask/` with the manifest, and of the scratch folder with the modules.
const FOLDER: &str = "tools";

/// The tools of `xtask/tools/package.json`, installed.
pub(crate) struct Tools {
    node: Node,
    folder: PathBuf,
}

impl Tools {
    /// Installs the tools, unless they were installed from the same lock file.
    pub(crate) fn install() -> Result<Self> {
        Self::install_from(FOLDER)
    }

    /// Installs the modules of another folder of `xtask/`.
    pub(crate) fn install_from(name: &str) -> Result<Self> {
        let tools = Self { node: Node::find()?, folder: scratch(name) };
        let _lock = lock(name)?;
        fs::create_dir_all(&tools.folder)?;
        let source = repository("xtask").join(name);
        // Scripts are copied too, since they look for modules beside themselves.
        for file in crate::files::entries(&source)? {
            fs::copy(&file, tools.folder.join(file.file_name().unwrap_or_default()))?;
        }
        tools.node.install(&tools.folder)?;
        Ok(tools)
    }

    /// Returns the folder of the manifest and of `node_modules`.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the path of a tool.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.folder.join("node_modules/.bin").join(name)
    }

    /// Returns the path of a tool, which may not be installed.
    pub(crate) fn installed(name: &str) -> PathBuf {
        scratch(FOLDER).join("node_modules/.bin").join(name)
    }

    /// Returns a value of `PATH` with the Node.js that the tools run on.
    pub(crate) fn search_path(&self) -> &OsStr {
        self.node.search_path()
    }

    /// Makes a command that runs Node.js here. `WORKER_PACK_TOOLS` contains the folder of the
    /// tools.
    pub(crate) fn node(&self) -> Command {
        let mut node = self.node.command("node", Path::new("."));
        node.env("WORKER_PACK_TOOLS", &self.folder);
        node
    }
}
