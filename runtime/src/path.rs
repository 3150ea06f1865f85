//! Percent-encoding of paths (RFC 3986 §2.1): decoded once here, encoded again for `Location`.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

/// Why the path of a request cannot name an asset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathError {
    /// The path does not begin with a slash.
    NotAbsolute,
    /// A `%` that two hexadecimal digits do not follow.
    MalformedEscape,
    /// A NUL, escaped or not.
    Nul,
    /// Well-formed escapes whose bytes are not UTF-8. No asset has such a name.
    NotUtf8,
}

/// Decodes the path of a request target. What comes out is never decoded again, so `%2525` is the
/// three characters `%25`.
pub fn decode(raw: &str) -> Result<Cow<'_, str>, PathError> {
    if !raw.starts_with('/') {
        return Err(PathError::NotAbsolute);
    }
    let mut after_percent = raw.split('%').skip(1);
    let well_formed = |escape: &str| {
        escape.len() >= 2 && escape.as_bytes()[..2].iter().all(u8::is_ascii_hexdigit)
    };
    if !after_percent.all(well_formed) {
        return Err(PathError::MalformedEscape);
    }
    let decoded = percent_decode_str(raw).decode_utf8().map_err(|_| PathError::NotUtf8)?;
    if decoded.contains('\0') {
        return Err(PathError::Nul);
    }
    Ok(decoded)
}

/// Encodes a decoded path so that [`decode`] gives it back: what is not `pchar` or `/` (RFC 3986
/// §3.3) is escaped.
pub fn encode(decoded: &str) -> String {
    utf8_percent_encode(decoded, ESCAPED).to_string()
}

/// Encodes what cannot stand in the query of a URI (RFC 3986 §3.4). What is escaped already stays.
pub fn encode_query(query: &str) -> String {
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
    fn what_cannot_be_a_path_says_why() {
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
        fn an_encoded_path_decodes_to_itself(path in "/[^\0]*") {
            let encoded = encode(&path);
            prop_assert!(encoded.is_ascii());
            prop_assert_eq!(decode(&encoded).unwrap(), path);
        }
    }
}
