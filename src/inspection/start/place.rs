//! The place in the build of an error in a module of the started Worker.

use super::stack::{Frame, Thrown};
use crate::feedback::diagnostic::Diagnostic;
use crate::inspection::subject::Subject;
use crate::inspection::subject::text::TextFile;

/// Maximum number of characters of a log that a message shows.
const SHOWN: usize = 300;

/// Makes a finding at the innermost frame of an error that is in the build.
pub(super) fn located(
    subject: &Subject,
    thrown: &Thrown,
    find: impl FnOnce(Option<&TextFile>, usize) -> Diagnostic,
) -> Diagnostic {
    match thrown.frames.iter().find_map(|frame| Some((module(subject, frame)?, frame))) {
        Some((file, frame)) => find(Some(file), offset(&file.text, frame)),
        None => find(None, 0),
    }
}

/// Finds the module of a frame in the build: the packed Worker has it below `server/`.
fn module<'s>(subject: &'s Subject, frame: &Frame) -> Option<&'s TextFile> {
    let name = frame.module.trim_start_matches("worker:").trim_start_matches('/');
    let name = name.strip_prefix("server/")?;
    let is_it =
        |file: &&TextFile| file.name.strip_suffix(name).is_some_and(|folder| folder.ends_with('/'));
    subject.server().iter().find(is_it)
}

/// Returns the byte offset of a place.
fn offset(text: &str, frame: &Frame) -> usize {
    let before: usize = text.split_inclusive('\n').take(frame.line - 1).map(str::len).sum();
    let line = text[before..].lines().next().unwrap_or_default();
    let mut units = frame.column.saturating_sub(1);
    let mut within = 0;
    for c in line.chars() {
        if units == 0 {
            break;
        }
        units = units.saturating_sub(c.len_utf16());
        within += c.len_utf8();
    }
    before + within
}

/// Shortens a log for a message.
pub(super) fn shown(log: &str) -> String {
    let line = log.lines().find(|line| !line.trim().is_empty()).unwrap_or("without a message");
    line.trim().chars().take(SHOWN).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_in_utf_16() {
        let text = "one\n'😀' + two\n";
        let at = |line, column| {
            let frame = Frame { module: String::new(), line, column };
            &text[offset(text, &frame)..]
        };
        assert_eq!(at(2, 8), "two\n");
        assert_eq!(at(1, 1), text);
        assert_eq!(at(9, 9), "");
    }
}
