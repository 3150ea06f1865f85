//! Edits of a text that keep what is around them: line breaks, indentation and comments.

use std::ops::Range;

/// Returns the line break that a text uses.
pub(crate) fn line_break(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

/// A replacement of a part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TextEdit {
    pub(crate) range: Range<usize>,
    pub(crate) text: String,
}

impl TextEdit {
    pub(crate) fn insert(position: usize, text: impl Into<String>) -> Self {
        Self { range: position..position, text: text.into() }
    }

    pub(crate) fn remove(range: Range<usize>) -> Self {
        Self { range, text: String::new() }
    }
}

/// Applies edits, which do not overlap. Insertions at the same position stay in their order.
pub(crate) fn apply(text: &str, mut edits: Vec<TextEdit>) -> String {
    edits.sort_by_key(|edit| (edit.range.start, edit.range.end));
    let mut result = String::with_capacity(text.len());
    let mut end = 0;
    for edit in edits {
        result.push_str(&text[end..edit.range.start.max(end)]);
        result.push_str(&edit.text);
        end = edit.range.end.max(end);
    }
    result.push_str(&text[end..]);
    result
}

/// Returns the position after white space and comments. `end` is a limit.
pub(crate) fn after_trivia(text: &str, mut position: usize, end: usize) -> usize {
    loop {
        let rest = &text[position..end];
        let trimmed = rest.trim_start();
        position += rest.len() - trimmed.len();
        let length = if trimmed.starts_with("//") {
            trimmed.find('\n').unwrap_or(trimmed.len())
        } else if trimmed.starts_with("/*") {
            trimmed.find("*/").map_or(trimmed.len(), |index| index + 2)
        } else {
            return position;
        };
        position += length;
    }
}

/// Returns the position after what else is on a line, if that is white space and comments that end there.
/// Otherwise, returns `None`.
pub(crate) fn end_of_line(text: &str, mut position: usize) -> Option<usize> {
    loop {
        let rest = &text[position..];
        let trimmed = rest.trim_start_matches([' ', '\t']);
        let start = position + rest.len() - trimmed.len();
        if trimmed.is_empty() || trimmed.starts_with('\n') || trimmed.starts_with("\r\n") {
            return Some(position);
        }
        if trimmed.starts_with("//") {
            let line = trimmed.find('\n').map_or(trimmed, |index| &trimmed[..index]);
            return Some(start + line.trim_end().len());
        }
        let length = trimmed.strip_prefix("/*").and_then(|it| it.find("*/")).map(|it| it + 4)?;
        if trimmed[..length].contains('\n') {
            return None;
        }
        position = start + length;
    }
}

/// Returns the position after the rest of a line of TOML with its line break, if the rest is white space and a
/// comment. Otherwise, returns `None`.
pub(crate) fn end_of_toml_line(text: &str, position: usize) -> Option<usize> {
    let rest = &text[position..];
    let length = rest.find('\n').map_or(rest.len(), |index| index + 1);
    let line = rest[..length].trim();
    (line.is_empty() || line.starts_with('#')).then_some(position + length)
}

/// Returns the white space at the beginning of the line with a position.
pub(crate) fn indentation(text: &str, position: usize) -> &str {
    let start = text[..position].rfind('\n').map_or(0, |index| index + 1);
    let line = &text[start..];
    let length = line.find(|c| c != ' ' && c != '\t').unwrap_or(line.len());
    &line[..length]
}

/// Returns the white space by which a text indents one level: that of its first indented line.
pub(crate) fn indentation_unit(text: &str) -> &str {
    let is_code = |line: &&str| !line.trim_start().starts_with('*') && !line.trim().is_empty();
    let mut indented = text.lines().filter(is_code).map(|line| indentation(line, 0));
    indented.find(|space| !space.is_empty()).unwrap_or("  ")
}
