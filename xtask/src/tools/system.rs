//! Programs that neither Cargo nor npm installs.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::command::{output, run};
use crate::files::lock;

/// Finds a program that Debian has in a package of the same name. On a machine of CI it is
/// installed.
pub(crate) fn find(name: &str) -> Result<PathBuf> {
    if let Ok(found) = which::which(name) {
        return Ok(found);
    }
    if env::var_os("CI").is_some_and(|ci| ci == "true") && is_root() {
        let _lock = lock("apt")?;
        run(Command::new("apt-get").args(["update", "--quiet"]))?;
        run(Command::new("apt-get")
            .args(["install", "--yes", "--quiet", "--no-install-recommends", name])
            .env("DEBIAN_FRONTEND", "noninteractive"))?;
    }
    which::which(name).with_context(|| format!("`{name}` is missing: `apt-get install {name}`"))
}

fn is_root() -> bool {
    output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}
