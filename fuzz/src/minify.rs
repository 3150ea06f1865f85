//! Minified files: they mean the same, and are minified once and for all.

use lightningcss::printer::PrinterOptions;
use lightningcss::stylesheet::{ParserOptions, StyleSheet};
use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::Value;
use worker_pack::fuzz;
use worker_pack::report::{Code, Outcome};

/// Minifies a text, which must be minified to itself afterwards. Returns the result, unless the text
/// stays as it is.
fn minified(media_type: &str, text: &str) -> Option<String> {
    let minify = |text: &str| {
        let (minified, outcome, diagnostics) =
            fuzz::minify(media_type, text).expect("the default options are valid");
        for diagnostic in diagnostics {
            // Code such as `"<script>"` cannot be shown to be safe in a page, before and after.
            let is_of_page = diagnostic.message.ends_with("would end the element");
            // A line break ends a string that is not closed, and follows a `\` that is not an escape. It is
            // lost, and the sheet stays as it is. lightningcss accepts some of these.
            let is_of_string = diagnostic.message.ends_with("a token was lost")
                && text.contains(['"', '\'', '\\'])
                && text.contains(['\n', '\r', '\u{c}']);
            let has_failed = diagnostic.code == Code::TransformMinifierFailed;
            let has_failed = has_failed && !is_of_page && !is_of_string;
            assert!(!has_failed, "{}", diagnostic.message);
        }
        (minified, outcome)
    };
    let (once, outcome) = minify(text);
    if outcome != Outcome::Minified {
        assert_eq!(once, text, "{outcome:?}");
        return None;
    }
    assert!(once.len() < text.len());
    let (twice, outcome) = minify(&once);
    assert!(twice.len() <= once.len());
    assert!(
        !matches!(outcome, Outcome::Untouched(reason) if reason.text() == "does not parse"),
        "its minified form does not parse: {once:?}"
    );
    Some(once)
}

/// Minifies a page.
pub(crate) fn html(data: &[u8]) {
    minified("text/html", &crate::text(data));
}

/// Minifies a style sheet, which lightningcss then prints as it prints the original.
pub(crate) fn css(data: &[u8]) {
    let text = crate::text(data);
    let Some(minified) = minified("text/css", &text) else { return };
    let print = |text: &str| {
        let sheet = StyleSheet::parse(text, ParserOptions::default()).ok()?;
        let options = PrinterOptions { minify: true, ..PrinterOptions::default() };
        Some(without_space_at_edges(&sheet.to_css(options).ok()?.code))
    };
    // The packer removes a byte order mark, which is not a part of the text.
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    // In what lightningcss does not know, it prints comments in the place of white space.
    if !text.contains("/*")
        && let Some(before) = print(text)
    {
        assert_eq!(print(&minified), Some(before), "{minified:?}");
    }
}

/// Removes white space at the edges of blocks and beside commas, and the last semicolon of a block.
/// lightningcss keeps them in what it does not know, where they have no meaning either: there, and in
/// unknown rules beside `:` and `!`.
fn without_space_at_edges(css: &str) -> String {
    let edges = if css.contains('@') { "()[]{},;:!" } else { "()[]{},;" };
    let is_edge = |c: char| edges.contains(c);
    let mut output = String::new();
    for c in css.chars() {
        if is_edge(c) {
            output.truncate(output.trim_end().len());
        }
        if c == '}' && output.ends_with(';') {
            output.pop();
        }
        // White space after a colon is at the edge of a value, and more than one character is as one.
        let is_before_value = |last: char| is_edge(last) || last == ':' || last.is_whitespace();
        if !(c.is_ascii_whitespace() && output.ends_with(is_before_value)) {
            output.push(if c.is_ascii_whitespace() { ' ' } else { c });
        }
    }
    output
}

/// Minifies an XML document, which keeps all but comments and white space.
pub(crate) fn xml(data: &[u8]) {
    let text = crate::text(data);
    for media_type in ["image/svg+xml", "application/rss+xml"] {
        if let Some(minified) = minified(media_type, &text) {
            let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
            assert_eq!(events(&minified), events(text), "{minified:?}");
        }
    }
}

/// Returns the parts of a document without comments and white space between tags.
fn events(text: &str) -> Vec<String> {
    let mut reader = Reader::from_str(text);
    let mut events: Vec<String> = Vec::new();
    // Text is one part, also where a comment was in it.
    let mut text = String::new();
    loop {
        let event = reader.read_event().expect("it has been minified, so it is well-formed");
        match &event {
            Event::Comment(_) => continue,
            Event::Text(more) => {
                text.push_str(more);
                continue;
            }
            _ => {}
        }
        if !text.trim_ascii().is_empty() {
            events.push(std::mem::take(&mut text));
        }
        text.clear();
        if matches!(event, Event::Eof) {
            return events;
        }
        events.push(format!("{event:?}"));
    }
}

/// Minifies a JSON text, which keeps its value.
pub(crate) fn json(data: &[u8]) {
    let text = crate::text(data);
    if let Some(minified) = minified("application/json", &text) {
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        // serde_json reads only values of a limited depth.
        if let Ok(value) = serde_json::from_str::<Value>(text) {
            assert_eq!(serde_json::from_str::<Value>(&minified).ok(), Some(value), "{minified:?}");
        }
        let tokens = |text: &str| text.split_ascii_whitespace().collect::<String>();
        assert_eq!(tokens(&minified), tokens(text));
    }
}
