//! The command line: a client of the library like any other, and the only place that prints.
//!
//! Results go to standard output, everything else to standard error.

mod allowances;
mod args;
mod code_parser;
mod command;
mod config;
mod entry;
mod exit;
mod print;
mod terminal;
mod watch;

use std::process::ExitCode;

use clap::Parser;

use worker_pack::report::Printable;

use args::{Arguments, Command};
use exit::Exit;

/// Runs the command that the arguments ask for.
pub(crate) fn run() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(usage) => {
            // Help and version are not mistakes. clap chooses the stream for each text.
            let exit = if usage.use_stderr() { Exit::Usage } else { Exit::Success };
            let _ = printable(usage).print();
            return exit.into();
        }
    };
    let result = match arguments.command {
        Command::Build(arguments) => command::build::run(&arguments),
        Command::Serve(arguments) => command::serve::run(&arguments),
        Command::Weigh(arguments) => command::weigh::run(&arguments),
        Command::Check(arguments) => command::check::run(&arguments),
        Command::Init(arguments) => command::init::run(&arguments),
        Command::Report(arguments) => command::report::run(&arguments),
        Command::Diff(arguments) => command::diff::run(&arguments),
        Command::Probe(arguments) => command::probe::run(&arguments),
        Command::Cache(arguments) => command::cache::run(&arguments),
        Command::Explain(arguments) => command::explain::run(&arguments),
        Command::Completions(arguments) => command::completions::run(&arguments),
        Command::Man(arguments) => command::man::run(&arguments),
    };
    match result {
        Ok(()) => Exit::Success.into(),
        Err(failure) => {
            print::diagnostics::print_failure(&failure);
            failure.exit().into()
        }
    }
}

/// Returns the error of the arguments in a form that is safe to print: it may repeat an argument, so
/// the arguments are read again in their printable form.
fn printable(usage: clap::Error) -> clap::Error {
    let arguments = std::env::args_os().map(|it| Printable(&it.to_string_lossy()).to_string());
    Arguments::try_parse_from(arguments).err().unwrap_or(usage)
}
