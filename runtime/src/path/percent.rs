//! Percent-encoding of paths and queries (RFC 3986 §2.1).

use std::borrow::Cow;

use percent_encoding::{
    AsciiSet, CONTROLS, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode,
};

use crate::behaviour::Compat;

/// A reason why the path of a request cannot name an asset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathError {
    /// The path does not begin with a slash.
    NotAbsolute,
    /// A `%` without two hexadecimal digits after it.
    MalformedEscape,
    /// A NUL, escaped or not.
    Nul,
    /// Well-formed escapes whose bytes are not UTF-8. Names of assets are always UTF-8.
    NotUtf8,
}

/// Decodes the path of a request target. The result is never decoded again, so `%2525` is the three
/// characters `%25`.
pub fn decode(raw: &str) -> Result<Cow<'_, str>, PathError> {
    if !raw.starts_with('/') {
        return Err(PathError::NotAbsolute);
    }
    if is_plain(raw) {
        return Ok(Cow::Borrowed(raw));
    }
    if !has_well_formed_escapes(raw) {
        return Err(PathError::MalformedEscape);
    }
    if raw.contains('\0') || raw.contains("%00") {
        return Err(PathError::Nul);
    }
    percent_decode_str(raw).decode_utf8().map_err(|_| PathError::NotUtf8)
}

/// Returns whether a path has neither escapes nor a NUL, like most paths: one look at each byte is
/// faster than the searches for either.
fn is_plain(raw: &str) -> bool {
    !raw.bytes().any(|byte| matches!(byte, b'%' | b'\0'))
}

fn has_well_formed_escapes(raw: &str) -> bool {
    let is_well_formed = |escape: &str| {
        escape.len() >= 2 && escape.as_bytes()[..2].iter().all(u8::is_ascii_hexdigit)
    };
    raw.split('%').skip(1).all(is_well_formed)
}

/// Encodes a decoded path, the reverse of [`decode`]: escapes every character but `pchar` and `/`
/// (RFC 3986 §3.3).
pub fn encode(decoded: &str) -> String {
    utf8_percent_encode(decoded, ESCAPED).to_string()
}

/// Encodes each segment of a decoded path like JavaScript's `encodeURIComponent`: the canonical
/// spelling, which Workers Static Assets do not redirect.
pub fn encode_segments(decoded: &str) -> String {
    utf8_percent_encode(decoded, NOT_IN_COMPONENT).to_string()
}

/// Returns whether a path equals [`encode_segments`] of a decoded one, without allocating it.
pub(crate) fn is_encoded_as(raw: &str, decoded: &str) -> bool {
    let mut parts = utf8_percent_encode(decoded, NOT_IN_COMPONENT);
    let rest = parts.try_fold(raw, |rest, part| rest.strip_prefix(part));
    rest.is_some_and(str::is_empty)
}

/// Decodes a path like Cloudflare's servers. They leave a segment (Workers) or the whole path
/// (Pages) encoded if one of its escapes is malformed or not UTF-8.
pub(super) fn decode_leniently(raw: &str, compat: Compat) -> String {
    let decode = |part: &str| match percent_decode_str(part).decode_utf8() {
        Ok(decoded) if has_well_formed_escapes(part) => decoded.into_owned(),
        _ => part.to_owned(),
    };
    match compat {
        Compat::Pages => decode(raw),
        Compat::Workers => raw.split('/').map(decode).collect::<Vec<_>>().join("/"),
    }
}

/// The characters that `encodeURIComponent` escapes, except the slash.
const NOT_IN_COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// Escapes characters that the query of a URI cannot contain (RFC 3986 §3.4). Escapes stay as they
/// are.
pub(crate) fn encode_query(query: &str) -> String {
    utf8_percent_encode(query, ESCAPED_IN_QUERY).to_string()
}

const ESCAPED_IN_QUERY: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>').add(b'\\').add(b'^').add(b'`');

const ESCAPED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn escapes_are_decoded_once() {
        assert_eq!(decode("/a%20b%2525").as_deref(), Ok("/a b%25"));
        assert_eq!(decode("/donn%C3%A9es").as_deref(), Ok("/données"));
    }

    #[test]
    fn invalid_paths_are_rejected_with_the_reason() {
        for raw in ["/%", "/%4", "/%zz", "/%%41", "/100% sure"] {
            assert_eq!(decode(raw), Err(PathError::MalformedEscape), "{raw}");
        }
        assert_eq!(decode("/a%00b"), Err(PathError::Nul));
        assert_eq!(decode("/%FF"), Err(PathError::NotUtf8));
        assert_eq!(decode("*"), Err(PathError::NotAbsolute));
        assert_eq!(decode(""), Err(PathError::NotAbsolute));
    }

    proptest! {
        #[test]
        fn decoding_never_panics(raw in ".*") {
            let _ = decode(&raw);
        }

        #[test]
        fn only_the_canonical_spelling_is_encoded_as_a_path(path in "/[a/@é%]{0,8}", raw in "/[a/@%4]{0,8}") {
            prop_assert!(is_encoded_as(&encode_segments(&path), &path));
            prop_assert_eq!(is_encoded_as(&raw, &path), raw == encode_segments(&path));
        }

        #[test]
        fn encoded_paths_decode_to_the_original(path in "/[^\0]*") {
            let encoded = encode(&path);
            prop_assert!(encoded.is_ascii());
            prop_assert_eq!(decode(&encoded).unwrap(), path);
        }
    }
}
