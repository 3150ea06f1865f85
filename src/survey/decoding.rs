//! The text of a page in any encoding, as browsers decode it.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// The bytes in which browsers look for the encoding of a page (HTML §13.2.3.2).
const PRESCAN: usize = 1024;

/// The language of a document, which decides where it names its encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Markup {
    Html,
    Xhtml,
    Svg,
}

/// Decodes a page: by its byte order mark, else as UTF-8 if it is, else as it says itself.
pub(super) fn decode(bytes: &[u8], markup: Markup) -> Cow<'_, str> {
    if Encoding::for_bom(bytes).is_none()
        && let Ok(text) = str::from_utf8(bytes)
    {
        return Cow::Borrowed(text);
    }
    let fallback = match markup {
        Markup::Html => WINDOWS_1252,
        Markup::Xhtml | Markup::Svg => UTF_8,
    };
    // A byte order mark takes precedence over the encoding that is named.
    named(bytes, markup).unwrap_or(fallback).decode(bytes).0
}

/// Returns the encoding that a document names.
fn named(bytes: &[u8], markup: Markup) -> Option<&'static Encoding> {
    let start = &bytes[..bytes.len().min(PRESCAN)];
    let start = WINDOWS_1252.decode_without_bom_handling(start).0.to_ascii_lowercase();
    let (start, key) = match markup {
        Markup::Html => (&*start, "charset"),
        Markup::Xhtml | Markup::Svg => (start.split("?>").next()?, "encoding"),
    };
    let labels = start.split(key).skip(1).filter_map(|rest| {
        let rest = rest.trim_start().strip_prefix('=')?.trim_start_matches(['"', '\'', ' ']);
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !"-_:.".contains(c));
        Encoding::for_label(&rest.as_bytes()[..end.unwrap_or(rest.len())])
    });
    // A page in UTF-16 could not be read so far.
    labels.map(Encoding::output_encoding).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_decoded_as_browsers_do() {
        let decoded = |bytes: &[u8], markup| decode(bytes, markup).into_owned();
        assert_eq!(decoded(b"caf\xe9", Markup::Html), "caf\u{e9}");
        assert_eq!(decoded(b"\xff\xfea\0\xe9\0", Markup::Html), "a\u{e9}");
        assert_eq!(decoded(b"\xfe\xff\0a\0\xe9", Markup::Xhtml), "a\u{e9}");
        assert_eq!(
            decoded(b"\xef\xbb\xbf<meta charset=koi8-r>\xc3\xa9", Markup::Html).chars().last(),
            Some('\u{e9}')
        );
        for meta in ["<meta charset=koi8-r>", "<META content='text/html; Charset = \"KOI8-R\"'>"] {
            let page = [meta.as_bytes(), b"\xc1"].concat();
            assert!(decoded(&page, Markup::Html).ends_with('\u{430}'), "{meta}");
        }
        let xml = b"<?xml version='1.0' encoding='windows-1251'?><a>\xe0</a>";
        assert!(decoded(xml, Markup::Xhtml).contains('\u{430}'));
    }
}
