//! Declarations in an attribute of HTML or XML, whose quotes may be written as character references.

use super::references;
use crate::transform::reference::References;

/// Returns the references of a value with declarations, or with one value, of an attribute. Returns `None` if it
/// is written with character references other than those of quotes around a URL, and `&amp;` within.
pub(crate) fn references_in_attribute(value: &str) -> Option<References> {
    Some(references(&without_quote_references(value)?))
}

/// The character references of quotes.
const QUOTES: [(&str, char); 5] =
    [("&quot;", '"'), ("&#34;", '"'), ("&#x22;", '"'), ("&#39;", '\''), ("&apos;", '\'')];

/// Returns the declarations of an attribute with quotes in the place of their character references, each at
/// its place. Returns `None` if a reference stands for anything else outside of a URL's query.
fn without_quote_references(value: &str) -> Option<String> {
    if !value.contains('&') {
        return Some(value.to_owned());
    }
    let mut plain = String::with_capacity(value.len());
    let mut is_open = false;
    let mut rest = value;
    while let Some(at) = rest.find('&') {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some((written, quote)) = QUOTES.iter().find(|(written, _)| rest.starts_with(written))
        {
            let spaces = " ".repeat(written.len() - 1);
            // Spaces are outside of the text in quotes.
            if is_open {
                plain.push(*quote);
                plain.push_str(&spaces);
            } else {
                plain.push_str(&spaces);
                plain.push(*quote);
            }
            is_open = !is_open;
            rest = &rest[written.len()..];
        } else if rest.starts_with("&amp;") && is_open {
            plain.push_str("&amp;");
            rest = &rest["&amp;".len()..];
        } else {
            return None;
        }
    }
    plain.push_str(rest);
    Some(plain)
}
