//! What Cargo knows of the workspace.

use std::env::consts;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::tools::node;

/// What Cargo knows of the workspace.
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    pub(crate) target: PathBuf,
    pub(crate) version: String,
}

impl Workspace {
    /// Asks Cargo.
    pub(crate) fn find() -> Result<Self, String> {
        let mut cargo = cargo();
        cargo.args(["metadata", "--no-deps", "--format-version=1"]);
        cargo.current_dir(env!("CARGO_MANIFEST_DIR"));
        let output = cargo.output().map_err(|error| format!("cannot run {cargo:?}: {error}"))?;
        let metadata: Value =
            serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())?;
        let package = metadata["packages"]
            .as_array()
            .and_then(|packages| packages.iter().find(|package| package["name"] == "worker-pack"))
            .ok_or("Cargo does not know of worker-pack")?;
        Ok(Self {
            root: text(&metadata["workspace_root"]).into(),
            target: text(&metadata["target_directory"]).into(),
            version: text(&package["version"]),
        })
    }

    /// Builds the program with an engine in it, and returns its path.
    pub(crate) fn build(&self, engine: &Path) -> Result<PathBuf, String> {
        let mut cargo = cargo();
        cargo.args(["build", "--release", "--locked", "--package", "worker-pack"]);
        node::run(cargo.current_dir(&self.root).env("WORKER_PACK_ENGINE", engine))?;
        Ok(self.target.join("release").join(format!("worker-pack{}", consts::EXE_SUFFIX)))
    }
}

/// Makes a command that runs Cargo.
pub(crate) fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// A string in JSON, empty if it is something else.
pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
