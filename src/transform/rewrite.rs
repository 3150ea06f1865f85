//! Rewrites the references of a text: fingerprints are inserted into file names. Nothing else changes.
//!
//! A fingerprint needs no escape in any language: a dot and hexadecimal digits. Afterwards the text is
//! parsed again, and must be the same as before but for them.

use super::reference::{Reference, References};
use super::{app_manifest, css, html, javascript, svg};
use crate::asset::media_type::{CodeLanguage, Language};

/// A text to insert.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Insertion {
    /// The place in the source, in bytes.
    pub(crate) at: usize,
    /// A fingerprint, or an attribute of a page.
    pub(crate) text: String,
}

/// Inserts texts into a source. Returns `None` if a place is not in it.
pub(crate) fn insert(source: &str, insertions: &[Insertion]) -> Option<String> {
    let len: usize = insertions.iter().map(|insertion| insertion.text.len()).sum();
    let mut result = String::with_capacity(source.len() + len);
    let mut copied = 0;
    for Insertion { at, text } in insertions {
        result.push_str(source.get(copied..*at)?);
        result.push_str(text);
        copied = *at;
    }
    result.push_str(source.get(copied..)?);
    Some(result)
}

/// Rewrites a text. Returns `None` if its parser would not see the same text but for what is inserted, or
/// the language is not one whose references are rewritten.
pub(crate) fn rewrite(
    source: &str,
    language: Language,
    insertions: &[Insertion],
) -> Option<String> {
    // Whatever is inserted is looked for afterwards.
    if insertions.iter().any(|insertion| source.contains(&insertion.text)) {
        return None;
    }
    let result = insert(source, insertions)?;
    let is_same = match language {
        Language::Html => html::differ_by(source, &result, insertions),
        Language::Code(CodeLanguage::Css) => css::differ_by(source, &result, insertions),
        Language::Code(CodeLanguage::Svg) => svg::differ_by(source, &result, insertions),
        Language::Code(CodeLanguage::Json) => app_manifest::differ_by(source, &result, insertions),
        Language::Code(CodeLanguage::JavaScript) => {
            javascript::differ_by(source, &result, insertions)
        }
        Language::Code(CodeLanguage::Xml) => false,
    };
    is_same.then_some(result)
}

/// Returns whether a text is another one with insertions.
pub(super) fn is_rewritten(before: &str, after: &str, insertions: &[Insertion]) -> bool {
    before == after
        || before.len() < after.len() && {
            let remove = |text: String, one: &Insertion| text.replace(&one.text, "");
            before == insertions.iter().fold(after.to_owned(), remove)
        }
}

/// Returns whether two texts with their references are the same but for insertions in these.
pub(super) fn differ_in_references(
    (before, one): (&str, &References),
    (after, other): (&str, &References),
    insertions: &[Insertion],
) -> bool {
    let is_same = |(one, other): (&Reference, &Reference)| {
        is_rewritten(&before[one.range.clone()], &after[other.range.clone()], insertions)
    };
    one.all.len() == other.all.len()
        && one.all.iter().zip(&other.all).all(is_same)
        && outside(before, one) == outside(after, other)
}

/// Returns a text without its references.
fn outside(text: &str, references: &References) -> String {
    let mut rest = String::with_capacity(text.len());
    let mut copied = 0;
    for Reference { range, .. } in &references.all {
        rest.push_str(text.get(copied..range.start).unwrap_or_default());
        copied = copied.max(range.end);
    }
    rest.push_str(&text[copied..]);
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn insertion(source: &str, before: &str) -> Insertion {
        Insertion { at: source.find(before).unwrap(), text: ".0123456789abcdef".to_owned() }
    }

    #[test]
    fn references_of_every_language_are_rewritten() {
        for (language, source) in [
            (Language::Html, "<!doctype html><img src='a.png?x#y' alt=b.png>"),
            (Language::Html, "<script>import('./a.png'); 'b.png'</script>"),
            (Language::Html, "<style>a{b:url(a.png)}c{content:'b.png'}</style>"),
            (
                Language::Html,
                "<script type=importmap>{\"imports\":{\"a\":\"/a.png\",\"b.png\":\"c\"}}</script>",
            ),
            (Language::Code(CodeLanguage::Css), "c{d:url(a.png)}e{f:'b.png'}"),
            (
                Language::Code(CodeLanguage::Svg),
                "<svg xmlns='http://www.w3.org/2000/svg'><image href='a.png'/>b.png</svg>",
            ),
            (
                Language::Code(CodeLanguage::JavaScript),
                "f(new URL('a.png', import.meta.url), 'b.png')",
            ),
            (Language::Code(CodeLanguage::Json), r#"{"icons":[{"src":"a.png","type":"b.png"}]}"#),
        ] {
            let result = rewrite(source, language, &[insertion(source, ".png")]).unwrap();
            assert_eq!(result, source.replacen("a.png", "a.0123456789abcdef.png", 1));
        }
    }

    #[test]
    fn a_change_of_anything_else_is_refused() {
        for (language, source, before) in [
            (Language::Html, "<p>a.png", ".png"),
            (Language::Html, "<img alt=a.png>", ".png"),
            (Language::Html, "<script>'a.png'</script>", ".png"),
            (Language::Html, "<script>'a.js'; import('./b.js')</script>", ".js"),
            (Language::Html, "<script type=importmap>{\"a.js\":{}}</script>", ".js"),
            (Language::Html, "<style>a{content:'a.png'}</style>", ".png"),
            (Language::Html, "<img src=a.png>", "mg"),
            (Language::Html, "<p>.0123456789abcdef<img src=a.png>", ".png"),
            (Language::Code(CodeLanguage::Json), "\"a.png\"", ".png"),
            (Language::Code(CodeLanguage::Json), r#"{"icons":[{"type":"a.png"}]}"#, ".png"),
            (Language::Code(CodeLanguage::Svg), "<svg><title>a.png</title></svg>", ".png"),
            (Language::Code(CodeLanguage::JavaScript), "'a.png'", ".png"),
            (Language::Code(CodeLanguage::Css), "a{b:1}", "1"),
        ] {
            let result = rewrite(source, language, &[insertion(source, before)]);
            assert!(result.is_none(), "{source}: {result:?}");
        }
        assert_eq!(insert("é", &[Insertion { at: 1, text: ".0".to_owned() }]), None);
    }
}
