//! Rewrites the references of a text: fingerprints are inserted into file names. Nothing else changes.
//!
//! What is inserted needs no escape in any language: a dot and hexadecimal digits. Afterwards the text is
//! parsed again, and must be the same as before but for them.

use super::{css, html};
use crate::asset::media_type::{CodeLanguage, Language};

/// A text to insert.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Insertion {
    /// The place in the source, in bytes.
    pub(crate) at: usize,
    /// A dot and hexadecimal digits.
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
        Language::Code(_) => false,
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

#[cfg(test)]
mod tests {
    use super::*;

    fn insertion(source: &str, before: &str) -> Insertion {
        Insertion { at: source.find(before).unwrap(), text: ".0123456789abcdef".to_owned() }
    }

    #[test]
    fn references_of_pages_and_style_sheets_are_rewritten() {
        for (language, source) in [
            (Language::Html, "<!doctype html><img src='a.png?x#y' alt=b.png>"),
            (Language::Code(CodeLanguage::Css), "c{d:url(a.png)}e{f:'b.png'}"),
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
            (Language::Html, "<img src=a.png>", "mg"),
            (Language::Html, "<p>.0123456789abcdef<img src=a.png>", ".png"),
            (Language::Code(CodeLanguage::Json), "\"a.png\"", ".png"),
            (Language::Code(CodeLanguage::Css), "a{b:1}", "1"),
        ] {
            let result = rewrite(source, language, &[insertion(source, before)]);
            assert!(result.is_none(), "{source}: {result:?}");
        }
        assert_eq!(insert("é", &[Insertion { at: 1, text: ".0".to_owned() }]), None);
    }
}
