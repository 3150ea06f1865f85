//! The form of paths that browsers send (URL Standard, path state).

use std::borrow::Cow;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// Converts the path of a request target to the form that browsers send: without dot segments and
/// backslashes, and with characters escaped that a path cannot contain (URL Standard, path state).
pub fn normalize(raw: &str) -> Cow<'_, str> {
    let is_dot = |segment: &str| dots(segment).is_some();
    let is_normal = |byte: u8| (b'!'..=b'~').contains(&byte) && !br#""<>\^`{}"#.contains(&byte);
    if raw.bytes().all(is_normal) && !raw.split('/').any(is_dot) {
        return Cow::Borrowed(raw);
    }
    let slashes = raw.replace('\\', "/");
    let mut segments: Vec<&str> = Vec::new();
    // The text before the first slash is empty, or not part of a path.
    let mut all = slashes.split('/').skip(1).peekable();
    while let Some(segment) = all.next() {
        let is_last = all.peek().is_none();
        match dots(segment) {
            None => segments.push(segment),
            Some(up) => {
                if up == 2 {
                    segments.pop();
                }
                if is_last {
                    segments.push("");
                }
            }
        }
    }
    let path = format!("/{}", segments.join("/"));
    Cow::Owned(utf8_percent_encode(&path, NOT_IN_PATH).to_string())
}

/// Returns the number of dots in a dot segment: one or two dots, each perhaps escaped.
fn dots(segment: &str) -> Option<usize> {
    let mut rest = segment;
    let mut count = 0;
    while !rest.is_empty() {
        let escaped = rest.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("%2e"));
        rest = if escaped { &rest[3..] } else { rest.strip_prefix('.')? };
        count += 1;
    }
    (1..=2).contains(&count).then_some(count)
}

/// Replaces several slashes in a row by one.
pub(crate) fn collapse_slashes(path: &str) -> String {
    let mut collapsed = String::with_capacity(path.len());
    for character in path.chars() {
        if character != '/' || !collapsed.ends_with('/') {
            collapsed.push(character);
        }
    }
    collapsed
}

/// The characters that the URL Standard escapes in a path.
const NOT_IN_PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'}');
