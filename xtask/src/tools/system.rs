//! Programs that neither Cargo nor npm installs.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::command::{output, run, version};
use crate::files::lock;

/// The first release of Firefox for which Debian has long-term support and which knows dictionaries.
const MIN_FIREFOX: u32 = 153;

/// Finds a program that Debian has in a package of the same name. On a machine of CI it is
/// installed.
pub(crate) fn find(name: &str) -> Result<PathBuf> {
    if which::which(name).is_err() && is_ci() {
        install(name)?;
    }
    which::which(name).with_context(|| format!("`{name}` is missing: `apt-get install {name}`"))
}

/// Finds a Firefox that knows dictionaries, if there is one. On a machine of CI it is installed, also
/// in the place of an older one.
///
/// # Errors
///
/// If there is none on a machine of CI.
pub(crate) fn find_firefox() -> Result<Option<PathBuf>> {
    let name = "firefox-esr";
    if let Some(found) = recent_firefox(name) {
        return Ok(Some(found));
    }
    if !is_ci() {
        return Ok(None);
    }
    install(name)?;
    let found = recent_firefox(name);
    ensure!(found.is_some(), "`{name}` is older than {MIN_FIREFOX}, and knows no dictionaries");
    Ok(found)
}

fn recent_firefox(name: &str) -> Option<PathBuf> {
    let path = which::which(name).ok()?;
    let version = version(&path).ok()?;
    (major(&version)? >= MIN_FIREFOX).then_some(path)
}

/// Returns the first number of a line such as `Mozilla Firefox 153.8.0esr`.
fn major(version: &str) -> Option<u32> {
    let digits = version.split(|letter: char| !letter.is_ascii_digit());
    digits.into_iter().find(|digits| !digits.is_empty())?.parse().ok()
}

/// Installs the newest package of a name.
fn install(name: &str) -> Result<()> {
    let _lock = lock("apt")?;
    run(Command::new("apt-get").args(["update", "--quiet"]))?;
    run(Command::new("apt-get")
        .args(["install", "--yes", "--quiet", "--no-install-recommends", name])
        .env("DEBIAN_FRONTEND", "noninteractive"))
}

/// Checks whether this is a machine of CI, on which the tests may install packages.
fn is_ci() -> bool {
    env::var_os("CI").is_some_and(|ci| ci == "true") && is_root()
}

fn is_root() -> bool {
    output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_the_first_number() {
        assert_eq!(major("Mozilla Firefox 153.8.0esr"), Some(153));
        assert_eq!(major("Mozilla Firefox"), None);
    }
}
