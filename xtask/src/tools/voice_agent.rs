//! The voice agent of `examples/voice-agent`: an Astro site, a Worker in Rust and a stub of the voice
//! service. Everything is done by the scripts of its `package.json`, in a copy.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use clap::Args;

use super::node::Node;
use super::rust_worker::{self, Environment};
use super::system;
use crate::command::{run, run_for_output};
use crate::files::{self, Files, lock, repository, scratch, write};
use crate::server::process::Process;

/// The folder of the example.
const FOLDER: &str = "examples/voice-agent";

/// The folders that its scripts write into. A copy keeps those of the crate.
const NOT_SOURCES: [&str; 4] = ["build", "node_modules", "target", ".wrangler"];

/// The same below the folder of its Astro site.
const NOT_SOURCES_OF_SITE: [&str; 3] = ["site/dist", "site/.astro", "site/.wrangler"];

/// Options of `cargo xtask voice-agent`.
#[derive(Args)]
pub(crate) struct Options {
    /// Run the tests instead of serving
    #[arg(long, conflicts_with_all = ["figures", "check"])]
    test: bool,

    /// Print the figures of the plan, as measured here, beside their targets
    #[arg(long, conflicts_with = "check")]
    figures: bool,

    /// Check the format and the lints of the Worker
    #[arg(long)]
    check: bool,

    /// Listen on this port. 0 is any free one
    #[arg(long, value_name = "PORT", default_value_t = 8787)]
    port: u16,
}

/// Serves the example until standard input ends, or does what an option says.
pub(crate) fn run_task(options: &Options) -> Result<()> {
    let example = Example::copy()?;
    if options.check {
        run(&mut example.script("build:site")?)?;
        return rust_worker::check(&repository(FOLDER), &example.folder);
    }
    if options.test {
        return run_for_output(&mut example.script("test")?);
    }
    if options.figures {
        return run_for_output(&mut example.script("figures")?);
    }
    run(&mut example.script("build")?)?;
    // Not by npm, which does not pass on the signal that ends the servers.
    let mut start = example.command("node")?;
    start.arg("dev/start.mjs").env("PORT", options.port.to_string());
    Process::start(&mut start)?.run_until_input_ends()
}

/// A copy of the example, with its npm packages.
struct Example {
    folder: PathBuf,
    node: Node,
    environment: Environment,
    /// Keeps other processes from using the copy at the same time.
    _lock: std::fs::File,
}

impl Example {
    fn copy() -> Result<Self> {
        let folder = scratch("voice-agent");
        let lock = lock("voice-agent")?;
        let mut sources = files::read(&repository(FOLDER), &NOT_SOURCES)?;
        sources.retain(|path, _| !NOT_SOURCES_OF_SITE.iter().any(|other| path.starts_with(other)));
        rename_crates(&mut sources)?;
        write(&sources, &folder, &NOT_SOURCES)?;
        let node = Node::find()?;
        node.install(&folder)?;
        Ok(Self { folder, node, environment: Environment::prepare()?, _lock: lock })
    }

    /// Makes a command that runs a program in the copy.
    fn command(&self, program: &str) -> Result<Command> {
        let mut command = self.node.command(program, &self.folder);
        self.environment.apply(&mut command);
        command.env("WORKER_PACK_CHROMIUM", system::find("chromium")?);
        command.env("WORKER_PACK_ESPEAK", system::find("espeak-ng")?);
        Ok(command)
    }

    /// Makes a command that runs a script of `package.json`.
    fn script(&self, name: &str) -> Result<Command> {
        let mut npm = self.command("npm")?;
        npm.args(["run", "--silent", name]);
        Ok(npm)
    }
}

/// Makes the crate find those of this repository from the copy.
fn rename_crates(sources: &mut Files) -> Result<()> {
    let own = repository("").canonicalize()?;
    let own = own.to_str().context("the path of the repository is not UTF-8")?;
    let manifest = sources.get_mut(Path::new("Cargo.toml")).context("Cargo.toml is missing")?;
    let text = String::from_utf8(manifest.clone())?;
    *manifest = text.replace("\"../..", &format!("\"{own}")).into_bytes();
    Ok(())
}
