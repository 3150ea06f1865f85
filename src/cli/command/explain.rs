//! `worker-pack explain`: the entries of `docs/diagnostics.md` in a terminal.

use std::fmt::Write as _;
use std::io::{self, Write as _};

use worker_pack::report::Code;

use crate::cli::args::ExplainArguments;
use crate::cli::entry::Entry;
use crate::cli::exit::Failure;
use crate::cli::terminal::HEADING;

/// Prints the entry of a code, or a line for each code.
pub(crate) fn run(arguments: &ExplainArguments) -> Result<(), Failure> {
    let text = match arguments.code {
        Some(code) => Entry::of(code).to_string(),
        None => list(),
    };
    let mut stdout = anstream::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        // A reader such as `head` has stopped reading.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        printed => printed.map_err(|source| Failure::Output { source }),
    }
}

/// Renders each code with the first sentence of its entry.
fn list() -> String {
    let width = Code::ALL.into_iter().map(|code| code.name().len()).max().unwrap_or_default();
    let mut text = String::new();
    for code in Code::ALL {
        let sentence = Entry::of(code).first_sentence();
        let name = code.name();
        let _ = writeln!(text, "{HEADING}{name:width$}{HEADING:#}  {sentence}");
    }
    text
}
