//! The files that a style sheet, a drawing or a script loads.

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
            let is_loaded = |role| role == Role::Stays || is_loaded(role);
            of_references(text, css::references(text), Purpose::Image, is_loaded)
        }
        CodeLanguage::Svg => {
            let found = svg::references(text).unwrap_or_default();
            of_references(text, found, Purpose::Image, is_loaded)
        }
        CodeLanguage::JavaScript => {
            let found = javascript::references(text).unwrap_or_default();
            of_references(text, found, Purpose::Module, is_loaded)
        }
        CodeLanguage::Json | CodeLanguage::Xml => Vec::new(),
    }
}

fn is_loaded(role: Role) -> bool {
    match role {
        Role::Loaded | Role::LoadedByCode | Role::Used => true,
        // What a script resolves may be a folder.
        Role::Resolved | Role::Manifest | Role::Stays => false,
    }
}

fn of_references(
    text: &str,
    references: References,
    purpose: Purpose,
    is_loaded: impl Fn(Role) -> bool,
) -> Vec<Load> {
    let References { base: Base::Own, all, .. } = references else { return Vec::new() };
    let load = |Reference { range, role }: Reference| {
        let url = unescape(text[range.clone()].trim_ascii()).ok()?;
        // An escape of CSS or JavaScript may stand for anything.
        let is_file = !url.is_empty() && !url.starts_with('#') && !url.contains('\\');
        (is_loaded(role) && is_file).then(|| Load {
            url: url.into_owned(),
            purpose,
            offset: range.start,
        })
    };
    all.into_iter().filter_map(load).collect()
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
            @font-face { src: local('F'), url('f.woff2') format('woff2') } /* url(g.png) */";
        let expected = ["a.css", "b.css", "c.png", "d.png", "h.png", "f.woff2"];
        assert_eq!(urls(source, CodeLanguage::Css), expected);
        assert!(urls("", CodeLanguage::Css).is_empty());
    }

    #[test]
    fn modules_that_a_script_loads_are_found_and_folders_are_not() {
        let source =
            "import './a.js'; import b from 'b'; import('/c.js'); new URL('.', import.meta.url);
            new Worker(new URL('d.js', import.meta.url))";
        assert_eq!(urls(source, CodeLanguage::JavaScript), ["./a.js", "/c.js", "d.js"]);
    }

    #[test]
    fn pictures_that_a_drawing_loads_are_found() {
        let source = "<svg xmlns=\"http://www.w3.org/2000/svg\"><image href=\"a.png?b&amp;c\"/>\
            <use href=\"#d\"/><a href=\"/e/\"/></svg>";
        assert_eq!(urls(source, CodeLanguage::Svg), ["a.png?b&c"]);
    }
}
