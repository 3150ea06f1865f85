//! Paths of requests: normalised and percent-decoded once (RFC 3986 §2.1), and encoded for `Location`.

use std::borrow::Cow;

use percent_encoding::{
    AsciiSet, CONTROLS, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode,
};

use crate::behaviour::{Behaviour, Compat, Fidelity};

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
    validate(raw)?;
    if is_plain(raw) {
        return Ok(Cow::Borrowed(raw));
    }
    percent_decode_str(raw).decode_utf8().map_err(|_| PathError::NotUtf8)
}

/// Checks a path without decoding it. Of a valid path, [`decode`] fails only if it is not UTF-8.
fn validate(raw: &str) -> Result<(), PathError> {
    if !raw.starts_with('/') {
        return Err(PathError::NotAbsolute);
    }
    if is_plain(raw) {
        return Ok(());
    }
    if !has_well_formed_escapes(raw) {
        return Err(PathError::MalformedEscape);
    }
    if raw.contains('\0') || raw.contains("%00") {
        return Err(PathError::Nul);
    }
    Ok(())
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

/// The path of a request, normalised and decoded once.
///
/// Whatever depends on the path reads it here: who answers, redirects, header rules, the lookup of an
/// asset, and the server. So no spelling means one thing to one of them and another to the next.
#[derive(Clone, Debug)]
pub(crate) struct RequestPath<'r> {
    normal: Cow<'r, str>,
    decoded: Decoded,
}

/// A decoded path.
#[derive(Clone, Debug)]
enum Decoded {
    /// The same text as the normal path.
    Same,
    Other(String),
    /// It cannot name an asset.
    Invalid(PathError),
}

impl<'r> RequestPath<'r> {
    /// Reads the path of a request target, as a table's behaviour requires.
    pub(crate) fn new(raw: &'r str, behaviour: Behaviour) -> Self {
        let normal = normalize(raw);
        let is_absolute = raw.starts_with(['/', '\\']);
        let decoded = match behaviour.fidelity {
            Fidelity::Improved if !is_absolute => Err(PathError::NotAbsolute),
            Fidelity::Improved => decode(&normal),
            Fidelity::Strict => Ok(Cow::Owned(decode_leniently(&normal, behaviour.compat))),
        };
        let decoded = match decoded {
            Err(error) => Decoded::Invalid(error),
            // Workers Static Assets read several slashes in a row as one.
            Ok(path) if behaviour.compat == Compat::Workers && path.contains("//") => {
                Decoded::Other(collapse_slashes(&path))
            }
            Ok(path) if path == normal => Decoded::Same,
            Ok(path) => Decoded::Other(path.into_owned()),
        };
        Self { normal, decoded }
    }

    /// Returns the path in the form that browsers send.
    pub(crate) fn normal(&self) -> &str {
        &self.normal
    }

    /// Returns the path in the form that browsers send.
    pub(crate) fn into_normal(self) -> Cow<'r, str> {
        self.normal
    }

    /// Returns the decoded path, as assets are looked up.
    ///
    /// # Errors
    /// If the path cannot name an asset.
    pub(crate) fn decoded(&self) -> Result<&str, PathError> {
        match &self.decoded {
            Decoded::Same => Ok(&self.normal),
            Decoded::Other(path) => Ok(path),
            Decoded::Invalid(error) => Err(*error),
        }
    }

    /// Returns the decoded path, or the root for a path that cannot name an asset.
    pub(crate) fn decoded_or_root(&self) -> &str {
        self.decoded().unwrap_or("/")
    }
}

/// Replaces several slashes in a row by one.
pub(crate) fn collapse_slashes(path: &str) -> String {
    let mut collapsed = String::with_capacity(path.len());
    for character in path.chars() {
        if character != '/' || !collapsed.ends_with('/') {
            collapsed.push(character);
        }
    }
    collapsed
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
fn decode_leniently(raw: &str, compat: Compat) -> String {
    let decode = |part: &str| match percent_decode_str(part).decode_utf8() {
        Ok(decoded) if has_well_formed_escapes(part) => decoded.into_owned(),
        _ => part.to_owned(),
    };
    match compat {
        Compat::Pages => decode(raw),
        Compat::Workers => raw.split('/').map(decode).collect::<Vec<_>>().join("/"),
    }
}

/// Converts the path of a request target to the form that browsers send: without dot segments and
/// backslashes, and with characters escaped that a path cannot contain (URL Standard, path state).
pub fn normalize(raw: &str) -> Cow<'_, str> {
    let is_dot = |segment: &str| dots(segment).is_some();
    let is_normal = |byte: u8| (b'!'..=b'~').contains(&byte) && !br#""<>\^`{}"#.contains(&byte);
    if raw.bytes().all(is_normal) && !raw.split('/').any(is_dot) {
        return Cow::Borrowed(raw);
    }
    let slashes = raw.replace('\\', "/");
    let mut segments: Vec<&str> = Vec::new();
    // The text before the first slash is empty, or not part of a path.
    let mut all = slashes.split('/').skip(1).peekable();
    while let Some(segment) = all.next() {
        let is_last = all.peek().is_none();
        match dots(segment) {
            None => segments.push(segment),
            Some(up) => {
                if up == 2 {
                    segments.pop();
                }
                if is_last {
                    segments.push("");
                }
            }
        }
    }
    let path = format!("/{}", segments.join("/"));
    Cow::Owned(utf8_percent_encode(&path, NOT_IN_PATH).to_string())
}

/// Returns the number of dots in a dot segment: one or two dots, each perhaps escaped.
fn dots(segment: &str) -> Option<usize> {
    let mut rest = segment;
    let mut count = 0;
    while !rest.is_empty() {
        let escaped = rest.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("%2e"));
        rest = if escaped { &rest[3..] } else { rest.strip_prefix('.')? };
        count += 1;
    }
    (1..=2).contains(&count).then_some(count)
}

/// The characters that the URL Standard escapes in a path.
const NOT_IN_PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'}');

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
