//! Diagnostics: notes, warnings and errors about files, as data that the command prints.

use std::cmp::Ordering;
use std::fmt;
use std::io;

use serde::{Deserialize, Serialize};

use crate::disk::Refused;
use crate::feedback::code::Code;
use crate::feedback::printable::Printable;
use crate::feedback::stage::Stage;

/// A note, warning or error about one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// The file, relative to the packed folder, with slashes.
    pub file: String,
    /// The severity.
    pub severity: Severity,
    /// The kind of diagnostic.
    pub code: Code,
    /// The stage that reported it.
    pub stage: Stage,
    /// The problem, as a lower-case fragment.
    pub message: String,
    /// The remedy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// The place in the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excerpt: Option<Excerpt>,
}

/// The severity of a diagnostic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The pack fails.
    Error,
    /// The pack succeeds, but the result is worse than it could be. An error under
    /// [`Strictness::Strict`](crate::options::Strictness::Strict).
    Warning,
    /// Information that may need no action.
    Note,
}

/// A place in a source text, with the line around it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Excerpt {
    /// The line, counted from 1.
    pub line: usize,
    /// The column in characters, counted from 1.
    pub column: usize,
    /// The line's text, at most [`Excerpt::WIDTH`] characters of it.
    pub text: String,
    /// The offset of the place in `text`, in characters.
    pub offset: usize,
}

impl Excerpt {
    /// Maximum number of characters in an excerpt, since minified files have very long lines.
    pub const WIDTH: usize = 100;

    /// Cuts the line around a byte offset out of a source text.
    pub fn at(source: &str, offset: usize) -> Self {
        // Parsers may report an offset past the end, or within a character.
        let offset = source.floor_char_boundary(offset);
        let line_start = source[..offset].rfind('\n').map_or(0, |newline| newline + 1);
        let line = source[..line_start].matches('\n').count() + 1;
        let column = source[line_start..offset].chars().count();
        let text = source[line_start..].lines().next().unwrap_or_default();
        let skipped = column.saturating_sub(Self::WIDTH / 2);
        Self {
            line,
            column: column + 1,
            text: text.chars().skip(skipped).take(Self::WIDTH).collect(),
            offset: column - skipped,
        }
    }
}

impl Diagnostic {
    /// Makes an error.
    pub(crate) fn error(code: Code, file: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, file, message)
    }

    /// Makes a warning.
    pub(crate) fn warning(code: Code, file: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, file, message)
    }

    /// Makes a note.
    pub(crate) fn note(code: Code, file: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Severity::Note, code, file, message)
    }

    /// Makes the error of a file of the site that cannot be read.
    pub(crate) fn unreadable(file: impl Into<String>, error: &io::Error) -> Self {
        let unreadable = |message| Self::error(Code::IngestUnreadable, file, message);
        match Refused::of(error) {
            None => unreadable(format!("cannot be read: {error}")),
            Some(Refused::Outside) => unreadable(
                "is not read: it is a symbolic link that leads out of the site".to_owned(),
            )
            .with_help("copy the file into the site"),
            // A link that was there before has been followed by now.
            Some(refused) => unreadable(format!("has changed while it was read: {refused}"))
                .with_help("pack the site when nothing is writing to it"),
        }
    }

    fn new(
        severity: Severity,
        code: Code,
        file: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        let (file, message) = (file.into(), message.into());
        Self { file, severity, code, stage: code.stage(), message, help: None, excerpt: None }
    }

    /// Returns the parts to sort by: within a file, problems are read from top to bottom.
    fn sort_key(&self) -> impl Ord + '_ {
        (&self.file, self.severity, &self.excerpt, self.code, &self.message, &self.help)
    }

    pub(crate) fn with_help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    pub(crate) fn with_excerpt(self, excerpt: Excerpt) -> Self {
        Self { excerpt: Some(excerpt), ..self }
    }
}

impl Ord for Diagnostic {
    fn cmp(&self, other: &Self) -> Ordering {
        self.sort_key().cmp(&other.sort_key())
    }
}

impl PartialOrd for Diagnostic {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Printable(&self.file))?;
        if let Some(excerpt) = &self.excerpt {
            write!(f, ":{}:{}", excerpt.line, excerpt.column)?;
        }
        write!(f, ": {}: {}", self.code, Printable(&self.message))?;
        match &self.help {
            Some(help) => write!(f, " ({})", Printable(help)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn excerpts_contain_the_line_and_count_characters() {
        let excerpt = Excerpt::at("one\ntwö x\nthree", 9);
        assert_eq!((excerpt.line, excerpt.column), (2, 5));
        assert_eq!((excerpt.text.as_str(), excerpt.offset), ("twö x", 4));
    }

    #[test]
    fn long_lines_are_cut_around_the_place() {
        let source = "x".repeat(10_000);
        let excerpt = Excerpt::at(&source, 5_000);
        assert_eq!(excerpt.column, 5_001);
        assert_eq!((excerpt.text.len(), excerpt.offset), (Excerpt::WIDTH, Excerpt::WIDTH / 2));
    }

    #[test]
    fn offsets_past_the_end_or_within_a_character_are_accepted() {
        assert_eq!(Excerpt::at("", 9).line, 1);
        assert_eq!(Excerpt::at("ö", 1).column, 1);
        assert_eq!(Excerpt::at("a\n", 99).line, 2);
    }

    #[test]
    fn diagnostics_of_a_file_are_sorted_by_severity_and_place() {
        let place = |line: usize| Excerpt::at("a\nb\nc\n", 2 * (line - 1));
        let at = |code, line| Diagnostic::warning(code, "a", "").with_excerpt(place(line));
        let sorted = [
            Diagnostic::error(Code::CacheUnusable, "a", ""),
            at(Code::XmlSyntaxError, 1),
            at(Code::CssSyntaxError, 2),
            at(Code::JsonSyntaxError, 2),
        ];
        let mut shuffled = sorted.clone();
        shuffled.reverse();
        shuffled.sort();
        assert_eq!(shuffled, sorted);
    }
}
