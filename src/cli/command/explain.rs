//! `worker-pack explain`: the entries of `docs/diagnostics.md` in a terminal.

use std::fmt::{self, Write as _};
use std::io::{self, Write as _};

use worker_pack::report::Code;

use crate::cli::args::ExplainArguments;
use crate::cli::exit::Failure;
use crate::cli::terminal::{DIM, HEADING};

const DIAGNOSTICS: &str = include_str!("../../../docs/diagnostics.md");

/// The beginning of the heading of an entry.
const ENTRY: &str = "\n### ";
/// The beginning of the heading of a group of entries.
const GROUP: &str = "\n## ";
/// The line before and after an example.
const FENCE: &str = "```";

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

/// An entry of the page.
struct Entry {
    code: Code,
    /// The text after the heading.
    body: &'static str,
}

impl Entry {
    fn of(code: Code) -> Self {
        let heading = format!("{ENTRY}{code}\n");
        let (_, rest) =
            DIAGNOSTICS.split_once(&heading).expect("a test compares entries and codes");
        let end = [ENTRY, GROUP].iter().filter_map(|next| rest.find(next)).min();
        Self { code, body: rest[..end.unwrap_or(rest.len())].trim() }
    }

    fn first_sentence(&self) -> String {
        let paragraph = self.body.split("\n\n").next().unwrap_or_default().replace('\n', " ");
        match paragraph.split_once(". ") {
            Some((sentence, _)) => format!("{sentence}."),
            None => paragraph,
        }
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADING}{}{HEADING:#}\n", self.code)?;
        let mut in_example = false;
        for line in self.body.lines() {
            if line.starts_with(FENCE) {
                in_example = !in_example;
            } else if in_example {
                writeln!(f, "    {DIM}{line}{DIM:#}")?;
            } else {
                // `**Cause.** The rest` has a heading of its own.
                match line.strip_prefix("**").and_then(|line| line.split_once("**")) {
                    Some((heading, rest)) => writeln!(f, "{HEADING}{heading}{HEADING:#}{rest}")?,
                    None => writeln!(f, "{line}")?,
                }
            }
        }
        Ok(())
    }
}
