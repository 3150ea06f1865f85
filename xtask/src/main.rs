//! `cargo xtask`: the tasks of the project that Cargo alone cannot do.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a task prints its result, and its progress to standard error"
)]

mod bench;
mod cli;
mod command;
mod files;
mod oracle;
mod server;
mod sites;
mod tools;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    match cli::Cli::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
