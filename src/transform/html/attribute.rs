//! Attribute values as a browser reads them.

use lol_html::html_content::Element;

/// Returns the value of an attribute, trimmed and with its character references decoded. An empty
/// value counts as missing.
pub(super) fn attribute(element: &Element<'_, '_>, name: &str) -> Option<String> {
    // lol_html returns the value as it stands in the source.
    let value = element.get_attribute(name)?;
    let value = html_escape::decode_html_entities(value.trim());
    (!value.is_empty()).then(|| value.into_owned())
}
