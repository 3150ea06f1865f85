//! `worker-pack man`.

use std::io::Write as _;
use std::path::Path;

use clap::CommandFactory as _;
use clap_mangen::Man;

use crate::cli::args::{Arguments, ManArguments};
use crate::cli::exit::Failure;
use crate::cli::print::ignore_broken_pipe;

/// Prints the manual page of the command, or writes those of all commands.
pub(crate) fn run(arguments: &ManArguments) -> Result<(), Failure> {
    let command = Arguments::command();
    match &arguments.out {
        Some(folder) => write(command, folder),
        None => print(command),
    }
}

fn print(command: clap::Command) -> Result<(), Failure> {
    let mut stdout = std::io::stdout().lock();
    ignore_broken_pipe(Man::new(command).render(&mut stdout).and_then(|()| stdout.flush()))
}

/// Writes a page for the command and one for each of its subcommands.
fn write(command: clap::Command, folder: &Path) -> Result<(), Failure> {
    let written =
        std::fs::create_dir_all(folder).and_then(|()| clap_mangen::generate_to(command, folder));
    written.map_err(|source| Failure::Unwritable { path: folder.to_owned(), source })
}
