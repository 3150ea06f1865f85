//! The entries of `docs/diagnostics.md`, one for each code.

use std::fmt;

use worker_pack::report::Code;

use super::terminal::{DIM, HEADING};

const DIAGNOSTICS: &str = include_str!("../../docs/diagnostics.md");

/// The beginning of the heading of an entry.
const ENTRY: &str = "\n### ";
/// The beginning of the heading of a group of entries.
const GROUP: &str = "\n## ";
/// The line before and after an example.
const FENCE: &str = "```";

/// An entry of the page.
pub(crate) struct Entry {
    code: Code,
    /// The text after the heading.
    body: &'static str,
}

impl Entry {
    /// Returns the entry of a code.
    pub(crate) fn of(code: Code) -> Self {
        let heading = format!("{ENTRY}{code}\n");
        let (_, rest) =
            DIAGNOSTICS.split_once(&heading).expect("a test compares entries and codes");
        let end = [ENTRY, GROUP].iter().filter_map(|next| rest.find(next)).min();
        Self { code, body: rest[..end.unwrap_or(rest.len())].trim() }
    }

    /// Returns its text in Markdown, without the heading.
    pub(crate) fn body(&self) -> &'static str {
        self.body
    }

    /// Returns its first sentence.
    pub(crate) fn first_sentence(&self) -> String {
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
