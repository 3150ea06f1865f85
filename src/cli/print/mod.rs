//! The output of the command: summaries, JSON, diagnostics and the progress bar.

pub(crate) mod annotations;
pub(crate) mod diagnostics;
pub(crate) mod difference;
pub(crate) mod inspection;
pub(crate) mod json;
pub(crate) mod markdown;
pub(crate) mod migration;
pub(crate) mod next_steps;
pub(crate) mod page;
pub(crate) mod probe;
pub(crate) mod progress_bar;
pub(crate) mod sarif;
pub(crate) mod site_weight;
pub(crate) mod summary;
pub(crate) mod weight;

use std::io;

use crate::cli::exit::Failure;

/// Converts the result of printing. A reader that closes the pipe is not an error.
pub(crate) fn ignore_broken_pipe(printed: io::Result<()>) -> Result<(), Failure> {
    match printed {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        printed => printed.map_err(|source| Failure::Output { source }),
    }
}
