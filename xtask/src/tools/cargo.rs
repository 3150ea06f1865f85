//! Cargo.

use std::process::Command;

use crate::files::{repository, target};

/// The version of the workspace.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Makes a command that runs Cargo in a workspace: this one, or that of an example.
pub(crate) fn cargo(workspace: &str) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.current_dir(repository(workspace));
    cargo
}

/// Makes a command that compiles a package of this workspace below [`target`].
pub(crate) fn build(package: &str) -> Command {
    let mut build = cargo("");
    build.args(["build", "--locked", "--package", package, "--target-dir"]).arg(target());
    build
}
