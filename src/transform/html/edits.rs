//! Edits of start tags, by their places in the source.

use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

use lol_html::{Settings, element, rewrite_str};

use super::document::{Document, Element, NodeData, ROOT, Scripting};
use super::parse;

/// A replacement of a part of the source.
#[derive(Debug)]
pub(super) struct Edit {
    pub(super) range: Range<usize>,
    pub(super) text: String,
}

/// Returns the places of the start tags of elements of a name, in the order of the source.
///
/// # Errors
/// If lol_html cannot tell how a browser would parse the page.
pub(super) fn start_tags(source: &str, name: &'static str) -> Result<Vec<Range<usize>>, String> {
    let found = Rc::new(RefCell::new(Vec::new()));
    let state = Rc::clone(&found);
    let settings = Settings::new().append_element_content_handler(element!(name, move |element| {
        if element.namespace_uri() == "http://www.w3.org/1999/xhtml" {
            state.borrow_mut().push(element.source_location().bytes());
        }
        Ok(())
    }));
    rewrite_str(source, settings).map_err(|error| error.to_string())?;
    Ok(found.take())
}

/// Returns the element that a start tag makes, by itself.
pub(super) fn element_of(tag: &str) -> Option<(Document, usize)> {
    let document = parse(tag, Scripting::On).ok()?;
    let is_it = |element: &Element| {
        tag.get(1..).is_some_and(|rest| {
            let name = &*element.name.local;
            rest.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
        })
    };
    let found = (ROOT..document.nodes.len()).find(
        |id| matches!(&document.node(*id).data, NodeData::Element(element) if is_it(element)),
    )?;
    Some((document, found))
}

/// Applies edits, which are in the order of the source and do not overlap.
pub(super) fn apply(source: &str, edits: &[Edit]) -> String {
    let mut edited = String::with_capacity(source.len());
    let mut copied = 0;
    for Edit { range, text } in edits {
        edited.push_str(&source[copied..range.start]);
        edited.push_str(text);
        copied = range.end;
    }
    edited.push_str(&source[copied..]);
    edited
}

/// Returns the place of the value of an attribute in a start tag, with its quotation marks (HTML §13.2.5.32).
pub(super) fn value_in(tag: &str, name: &str) -> Option<Range<usize>> {
    let bytes = tag.as_bytes();
    let is_space = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_whitespace);
    let is_end = |at: usize| bytes.get(at).is_none_or(|byte| *byte == b'>');
    let mut at = 1;
    while !is_space(at) && !is_end(at) && bytes[at] != b'/' {
        at += 1;
    }
    loop {
        while is_space(at) || bytes.get(at) == Some(&b'/') {
            at += 1;
        }
        if is_end(at) {
            return None;
        }
        let start = at;
        at += 1;
        while !is_space(at) && !is_end(at) && !matches!(bytes[at], b'/' | b'=') {
            at += 1;
        }
        let own = &tag[start..at];
        while is_space(at) {
            at += 1;
        }
        if bytes.get(at) != Some(&b'=') {
            continue;
        }
        at += 1;
        while is_space(at) {
            at += 1;
        }
        let value = at;
        match bytes.get(at) {
            Some(quote @ (b'"' | b'\'')) => {
                let len = tag[at + 1..].find(char::from(*quote))?;
                at += len + 2;
            }
            _ => {
                while !is_space(at) && !is_end(at) {
                    at += 1;
                }
            }
        }
        if own.eq_ignore_ascii_case(name) {
            return Some(value..at);
        }
    }
}

/// Returns a value as it is written in an attribute, in double quotation marks.
pub(super) fn quoted(value: &str) -> String {
    format!("\"{}\"", value.replace('&', "&amp;").replace('"', "&quot;"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_of_an_attribute_is_found_as_a_browser_finds_it() {
        for (tag, expected) in [
            ("<meta content='a b'>", Some("'a b'")),
            ("<meta\nhttp-equiv=x CONTENT = \"a\"/>", Some("\"a\"")),
            ("<meta content=a/b>", Some("a/b")),
            ("<meta data-content=a content=b>", Some("b")),
            ("<meta x='content=a' content=b>", Some("b")),
            ("<meta content>", None),
            ("<meta content=\"a>", None),
        ] {
            let found = value_in(tag, "content").map(|range| &tag[range]);
            assert_eq!(found, expected, "{tag}");
        }
    }
}
