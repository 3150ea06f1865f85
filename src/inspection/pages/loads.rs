//! The files that a style sheet, a drawing or a script loads.

use std::borrow::Cow;

use cssparser::{Parser, ParserInput};
use quick_xml::escape::unescape;

use crate::asset::media_type::CodeLanguage;
use crate::transform::html::inventory::Purpose;
use crate::transform::reference::{Base, Reference, References, Role};
use crate::transform::{css, javascript, svg};

/// A URL that a text loads a file by.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Load {
    pub(super) url: String,
    pub(super) purpose: Purpose,
    /// The byte offset in the text.
    pub(super) offset: usize,
}

/// Returns what a text loads. One that is not understood loads nothing.
pub(super) fn loads(text: &str, language: CodeLanguage) -> Vec<Load> {
    match language {
        CodeLanguage::Css => {
            // The URL in a custom property stays, and may be loaded.
            let found = css::references(text).all.into_iter();
            let found = found.filter(|one| one.role == Role::Stays || is_loaded(one.role));
            of_references(text, found, Purpose::Image, unescape_css)
        }
        CodeLanguage::Svg => {
            let References { base: Base::Own, all, .. } = svg::references(text).unwrap_or_default()
            else {
                return Vec::new();
            };
            let found = all.into_iter().filter(|one| is_loaded(one.role));
            of_references(text, found, Purpose::Image, |url| unescape(url).ok())
        }
        CodeLanguage::JavaScript => {
            let found = javascript::references(text).unwrap_or_default().all.into_iter();
            let found = found.filter(|one| is_loaded(one.role));
            of_references(text, found, Purpose::Module, |url| Some(url.into()))
        }
        CodeLanguage::Json | CodeLanguage::Xml => Vec::new(),
    }
}

fn is_loaded(role: Role) -> bool {
    match role {
        Role::Loaded | Role::LoadedByCode | Role::Used => true,
        // What is preloaded is imported as well. What a script resolves may be a folder.
        Role::Preloaded | Role::Resolved | Role::Manifest | Role::Stays => false,
    }
}

/// Returns what references load. `unescape` reads a URL in the language of the text.
fn of_references<'t>(
    text: &'t str,
    references: impl Iterator<Item = Reference>,
    purpose: Purpose,
    unescape: impl Fn(&'t str) -> Option<Cow<'t, str>>,
) -> Vec<Load> {
    let load = |Reference { range, .. }: Reference| {
        let url = unescape(text[range.clone()].trim_ascii())?;
        // An escape that is not read may stand for anything.
        let is_file = !url.is_empty() && !url.starts_with('#') && !url.contains('\\');
        is_file.then(|| Load { url: url.into_owned(), purpose, offset: range.start })
    };
    references.filter_map(load).collect()
}

/// Reads a URL of a style sheet, which is written within quotes or without (CSS Syntax §4.3.7).
fn unescape_css(url: &str) -> Option<Cow<'_, str>> {
    if !url.contains('\\') {
        return Some(url.into());
    }
    let quote = if url.contains('"') { '\'' } else { '"' };
    let text = format!("{quote}{url}{quote}");
    let mut input = ParserInput::new(&text);
    let mut parser = Parser::new(&mut input);
    let read = parser.expect_string().ok()?;
    Some(Cow::Owned(read.as_ref().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn urls(text: &str, language: CodeLanguage) -> Vec<String> {
        loads(text, language).into_iter().map(|load| load.url).collect()
    }

    #[test]
    fn urls_of_a_style_sheet_are_found_in_every_form_and_depth() {
        let source = "@import 'a.css'; @import/**/url(b.css); @media print { p { background:\
            url( \"c.png\" ), image-set(url(d.png) 1x, 'h.png' type('image/png')) } }\
            i { content: 'no.png'; mask: url(#e) }\
            @font-face { src: local('F'), url('f.woff2') format('woff2') } /* url(g.png) */\
            b { background: url(i.png?a&b), url(j\\ \\6b.png) }";
        let expected =
            ["a.css", "b.css", "c.png", "d.png", "h.png", "f.woff2", "i.png?a&b", "j k.png"];
        assert_eq!(urls(source, CodeLanguage::Css), expected);
        assert!(urls("", CodeLanguage::Css).is_empty());
    }

    #[test]
    fn modules_that_a_script_loads_are_found_and_folders_are_not() {
        let source =
            "import './a.js'; import b from 'b'; import('/c.js?d&e'); new URL('.', import.meta.url);
            new Worker(new URL('d.js', import.meta.url))";
        assert_eq!(urls(source, CodeLanguage::JavaScript), ["./a.js", "/c.js?d&e", "d.js"]);
    }

    #[test]
    fn pictures_that_a_drawing_loads_are_found() {
        let source = "<svg xmlns=\"http://www.w3.org/2000/svg\"><image href=\"a.png?b&amp;c\"/>\
            <use href=\"#d\"/><a href=\"/e/\"/></svg>";
        assert_eq!(urls(source, CodeLanguage::Svg), ["a.png?b&c"]);
    }
}
