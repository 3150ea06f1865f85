//! The place in the build of an error in a module of the started Worker.

use super::stack::{Frame, Thrown};
use crate::feedback::diagnostic::Diagnostic;
use crate::inspection::code::origin::Origin;
use crate::inspection::subject::Subject;
use crate::inspection::subject::text::TextFile;

/// Maximum number of characters of a log that a message shows.
const SHOWN: usize = 300;

/// Minimum length of a line by which its source is recognised, in bytes.
const MIN_LINE: usize = 12;

/// Makes a finding at the innermost frame of an error that is in the build, or in the source that its module
/// was made of.
pub(super) fn located(
    subject: &Subject,
    thrown: &Thrown,
    find: impl FnOnce(Option<&TextFile>, usize) -> Diagnostic,
) -> Diagnostic {
    match thrown.frames.iter().find_map(|frame| Some((module(subject, frame)?, frame))) {
        Some((file, frame)) => {
            let offset = offset(&file.text, frame);
            match source(subject, file, offset) {
                Some((source, offset)) => find(Some(source), offset),
                None => find(Some(file), offset),
            }
        }
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

/// Finds the line of a module in the source that the bundler names, if it is written there once.
fn source<'s>(
    subject: &'s Subject,
    module: &TextFile,
    offset: usize,
) -> Option<(&'s TextFile, usize)> {
    let Origin::Project(path) = Origin::of(&module.text, offset) else { return None };
    let file = subject.sources().iter().find(|file| path.ends_with(&*file.name))?;
    let start = module.text[..offset].rfind('\n').map_or(0, |newline| newline + 1);
    let line = module.text[start..].lines().next()?.trim();
    let plain = |text: &str| text.replace(['"', '`'], "'");
    // The bundler writes quotation marks in its own way, each of which is one byte.
    let (text, line) = (plain(&file.text), plain(line));
    let line = line.trim_end_matches(';');
    let mut places = text.match_indices(line);
    let (found, _) = places.next()?;
    (line.len() >= MIN_LINE && places.next().is_none()).then_some((file, found))
}

/// Returns the byte offset of a place.
fn offset(text: &str, frame: &Frame) -> usize {
    let before: usize =
        text.split_inclusive('\n').take(frame.line.saturating_sub(1)).map(str::len).sum();
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
