//! wrangler, without its questions and reports.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::npm_tools::Tools;
use super::rust_worker::Environment;
use crate::command::run_for_output;
use crate::files::scratch;
use crate::server::process::Process;

/// Runs wrangler. `wrangler dev` serves until standard input ends.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let mut wrangler = command(&Tools::install()?);
    wrangler.args(arguments);
    // Only these Workers are built by wrangler, with programs that take long to install.
    if arguments.iter().any(|argument| is_of_crate(argument)) {
        Environment::prepare()?.apply(&mut wrangler);
    }
    match arguments.first().map(String::as_str) {
        Some("dev") => Process::start(&mut wrangler)?.run_until_input_ends(),
        _ => run_for_output(&mut wrangler),
    }
}

/// Returns whether an argument makes wrangler run in the folder of a crate.
fn is_of_crate(argument: &str) -> bool {
    let folder = argument.strip_prefix("--cwd=").map(Path::new);
    folder.is_some_and(|folder| folder.join("Cargo.toml").is_file())
}

/// Makes a command that runs wrangler.
pub(crate) fn command(tools: &Tools) -> Command {
    let mut wrangler = tools.node();
    // Not the program itself, which starts another process with this file.
    wrangler.arg(tools.folder().join("node_modules/wrangler/wrangler-dist/cli.js"));
    // Keeps its cache out of the home folder, which the programs that it starts still find.
    wrangler.env("XDG_CACHE_HOME", scratch("cache")).env("CI", "1");
    wrangler
}
