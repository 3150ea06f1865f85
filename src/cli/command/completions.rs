//! `worker-pack completions`.

use std::io::Write as _;

use clap::CommandFactory as _;

use crate::cli::args::{Arguments, CompletionsArguments};
use crate::cli::exit::Failure;
use crate::cli::print::ignore_broken_pipe;

/// Prints the script with which a shell completes the command.
pub(crate) fn run(arguments: &CompletionsArguments) -> Result<(), Failure> {
    let mut command = Arguments::command();
    let name = command.get_name().to_owned();
    // clap's generator panics if its output fails, so it writes into memory.
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, name, &mut script);
    let mut stdout = std::io::stdout().lock();
    ignore_broken_pipe(stdout.write_all(&script).and_then(|()| stdout.flush()))
}
