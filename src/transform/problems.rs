//! Diagnostics about texts that are not minified, or not wholly.

use super::SyntaxError;
use super::dialect::Dialect;
use crate::feedback::code::Code;
use crate::feedback::diagnostic::{Diagnostic, Excerpt};

/// Reports code that does not parse. `offset` is the start of the code in `text`, in bytes.
pub(super) fn invalid(
    name: &str,
    dialect: Dialect,
    error: &SyntaxError,
    text: &str,
    offset: usize,
) -> Diagnostic {
    let message = format!("not valid {}: {}", dialect.name(), error.message);
    Diagnostic::warning(dialect.syntax_error(), name, message)
        .with_excerpt(Excerpt::at(text, offset + error.offset))
}

/// Reports a page that would become another one, because browsers correct its markup.
pub(super) fn corrected(name: &str) -> Diagnostic {
    let message = "not minified: browsers correct its markup, and the minified page in another way";
    // A note and not a warning, because the page works as before.
    Diagnostic::note(Code::HtmlCorrectedMarkup, name, message)
        .with_help("correct the markup; until then the page is served unchanged")
}

/// Reports a bug in a minifier.
pub(super) fn failed(name: &str, dialect: Dialect, message: &str) -> Diagnostic {
    let message = format!("not minified: the {} minifier failed: {message}", dialect.name());
    // A note and not a warning, because the author of the file did nothing wrong.
    Diagnostic::note(Code::TransformMinifierFailed, name, message)
        .with_help("it is served unchanged; this is a bug in worker-pack, please report it")
}

/// Reports rules that are not compiled.
pub(super) fn lost(name: &str, losses: &[String]) -> Option<Diagnostic> {
    let (first, rest) = losses.split_first()?;
    let more = match rest.len() {
        0 => String::new(),
        1 => ", and in another rule something else".to_owned(),
        count => format!(", and in {count} other rules something else"),
    };
    let message = format!("not compiled for `css-targets`: {first} would be lost{more}");
    Some(Diagnostic::note(Code::CssLostDeclaration, name, message).with_help(
        "such a rule is served as it is written, and the others are compiled; write it in another \
         way, or name newer browsers",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feedback::diagnostic::Severity;

    #[test]
    fn a_minifier_that_fails_is_a_note_that_asks_for_a_report() {
        let note = failed("data.json", Dialect::Json, "it panicked");
        assert_eq!((note.code, note.severity), (Code::TransformMinifierFailed, Severity::Note));
        assert!(note.message.contains("the JSON minifier failed: it panicked"), "{note}");
        assert!(note.help.is_some_and(|help| help.contains("please report it")));
    }
}
