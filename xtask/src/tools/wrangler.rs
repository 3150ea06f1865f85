//! `wrangler`, as users have it, but for what it would ask or tell others.

use std::process::Command;

use crate::server::process;
use crate::sites::project::scratch;
use crate::tools::node;
use crate::tools::npm_tools::Tools;
use crate::tools::rust_worker::Environment;

/// Runs wrangler. What it builds, it builds like [`crate::tools::rust_worker`].
pub(crate) fn run(arguments: &[&str]) -> Result<(), String> {
    let mut wrangler = command(&Tools::install()?);
    wrangler.args(arguments);
    // The others are packed already, and need nothing that takes long to install.
    if arguments.iter().any(|argument| argument.contains("rust-worker")) {
        Environment::prepare()?.apply(&mut wrangler);
    }
    if arguments.first() != Some(&"dev") {
        return node::run_for_output(&mut wrangler);
    }
    wrangler.stdin(std::process::Stdio::null());
    let mut process = wrangler.spawn().map_err(|error| format!("cannot run wrangler: {error}"))?;
    let result = process::until_input_ends(|| process::is_running(&mut process));
    process::end(process);
    result
}

/// Makes a command that runs wrangler.
pub(crate) fn command(tools: &Tools) -> Command {
    let mut wrangler = tools.node();
    // Not the program, which starts another process with this file.
    wrangler.arg(tools.folder().join("node_modules/wrangler/wrangler-dist/cli.js"));
    // Programs that it starts find the home folder; what it keeps for itself is not for there.
    wrangler.env("XDG_CACHE_HOME", scratch().join("cache")).env("CI", "1");
    wrangler
}
