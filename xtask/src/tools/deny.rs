//! Comparison of the dependencies with `deny.toml`, by `cargo deny`.

use std::process::{Command, Stdio};

use anyhow::Result;
use clap::{Args, ValueEnum};

use super::rust_worker::install;
use crate::command::run;
use crate::files::repository;

/// The version of cargo-deny.
const VERSION: &str = "0.20.2";

/// The database of known vulnerabilities, which cargo-deny clones.
const ADVISORIES: &str = "https://github.com/RustSec/advisory-db";

/// Options of `cargo xtask deny`.
#[derive(Args)]
pub(crate) struct Options {
    /// Compare these alone
    #[arg(long, value_name = "CHECK")]
    only: Option<Check>,
}

/// A comparison that needs no database.
#[derive(Clone, Copy, ValueEnum)]
enum Check {
    Bans,
    Licenses,
    Sources,
}

/// Compares the dependencies of the workspace and of the example Workers.
pub(crate) fn run_task(options: &Options) -> Result<()> {
    let mut checks = match options.only {
        Some(Check::Bans) => vec!["bans"],
        Some(Check::Licenses) => vec!["licenses"],
        Some(Check::Sources) => vec!["sources"],
        None => vec!["bans", "licenses", "sources"],
    };
    if options.only.is_none() {
        if has_advisories() {
            checks.push("advisories");
        } else {
            println!("skipped the known vulnerabilities: their database cannot be had");
        }
    }
    let program = install("cargo-deny", "cargo-deny", VERSION)?;
    let examples = ["examples/rust-worker/Cargo.toml", "examples/rust-ssr/Cargo.toml"];
    for manifest in ["Cargo.toml"].into_iter().chain(examples) {
        let mut deny = Command::new(&program);
        deny.arg("--manifest-path").arg(repository(manifest));
        deny.arg("--config").arg(repository("deny.toml")).arg("check").args(&checks);
        run(&mut deny)?;
    }
    Ok(())
}

/// Returns whether the database can be had from this machine.
fn has_advisories() -> bool {
    let mut git = Command::new("git");
    git.args(["ls-remote", "--quiet", "--exit-code", ADVISORIES, "HEAD"]);
    git.env("GIT_TERMINAL_PROMPT", "0").stdout(Stdio::null()).stderr(Stdio::null());
    git.status().is_ok_and(|status| status.success())
}
