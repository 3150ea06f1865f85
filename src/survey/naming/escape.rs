//! Escapes of source texts, behind which a checksum may be hidden: those of JavaScript and JSON, of
//! URLs and of HTML.

use memchr::{memchr3, memmem};

/// Escapes within escapes, as in a script that is a string of another one.
const MAX_LEVELS: usize = 3;

/// Backslashes that are read as one escape. More of them are read piece by piece, so that the time for a
/// long run of them is proportional to its length.
const MAX_BACKSLASHES: usize = 16;

/// Returns a text without escapes of ASCII characters. Returns `None` if it contains none.
pub(super) fn unescaped(text: &[u8]) -> Option<Vec<u8>> {
    let mut latest = unescaped_once(text)?;
    for _ in 1..MAX_LEVELS {
        let Some(next) = unescaped_once(&latest) else { break };
        latest = next;
    }
    Some(latest)
}

fn unescaped_once(text: &[u8]) -> Option<Vec<u8>> {
    let mut plain = Vec::new();
    let mut copied = 0;
    let mut at = 0;
    while let Some(found) = memchr3(b'\\', b'%', b'&', &text[at..]) {
        at += found;
        match escape(&text[at..]) {
            Some((replacement, len)) => {
                plain.extend_from_slice(&text[copied..at]);
                plain.extend(replacement);
                at += len;
                copied = at;
            }
            None => at += 1,
        }
    }
    if copied == 0 {
        return None;
    }
    plain.extend_from_slice(&text[copied..]);
    Some(plain)
}

/// Reads the escape at the start of a text. Returns its character, if it has one, and its length.
fn escape(text: &[u8]) -> Option<(Option<u8>, usize)> {
    match text[0] {
        b'\\' => backslash(text),
        b'%' => Some((Some(hex(text.get(1..3)?)?), 3)),
        _ => reference(text),
    }
}

/// Reads an escape of JavaScript or JSON.
fn backslash(text: &[u8]) -> Option<(Option<u8>, usize)> {
    // In a string within a string, backslashes are escaped themselves.
    let count = text.iter().take(MAX_BACKSLASHES).take_while(|byte| **byte == b'\\').count();
    let rest = &text[count..];
    let first = *rest.first()?;
    let (character, len) = match first {
        b'u' if rest.get(1) == Some(&b'{') => {
            let end = rest.iter().take(10).position(|byte| *byte == b'}')?;
            (Some(hex(&rest[2..end])?), end + 1)
        }
        b'u' => (Some(hex(rest.get(1..5)?)?), 5),
        b'x' => (Some(hex(rest.get(1..3)?)?), 3),
        b'n' | b'r' | b't' | b'b' | b'f' | b'v' => (Some(b' '), 1),
        // A line that continues on the next one.
        b'\n' => (None, 1),
        b'\r' => (None, if rest.get(1) == Some(&b'\n') { 2 } else { 1 }),
        other if other.is_ascii_punctuation() => (Some(other), 1),
        _ => return None,
    };
    Some((character, count + len))
}

/// Reads a character reference of HTML.
fn reference(text: &[u8]) -> Option<(Option<u8>, usize)> {
    const NAMES: [(&str, u8); 6] = [
        ("plus;", b'+'),
        ("sol;", b'/'),
        ("equals;", b'='),
        ("lowbar;", b'_'),
        ("UnderBar;", b'_'),
        ("amp;", b'&'),
    ];
    let rest = &text[1..];
    if let Some((name, character)) =
        NAMES.iter().find(|(name, _)| rest.starts_with(name.as_bytes()))
    {
        return Some((Some(*character), 1 + name.len()));
    }
    let digits = rest.strip_prefix(b"#")?;
    let (digits, radix, prefix) = match digits.first()? {
        b'x' | b'X' => (&digits[1..], 16, 3),
        _ => (digits, 10, 2),
    };
    let is_digit = |byte: &&u8| char::from(**byte).is_digit(radix);
    let len = digits.iter().take(8).take_while(is_digit).count();
    let number = u32::from_str_radix(str::from_utf8(&digits[..len]).ok()?, radix).ok()?;
    let semicolon = usize::from(digits.get(len) == Some(&b';'));
    Some((Some(ascii(number)?), prefix + len + semicolon))
}

fn hex(digits: &[u8]) -> Option<u8> {
    let digit = |number: u32, byte: &u8| Some(number << 4 | char::from(*byte).to_digit(16)?);
    ascii(digits.iter().try_fold(0, digit)?)
}

fn ascii(number: u32) -> Option<u8> {
    u8::try_from(number).ok().filter(u8::is_ascii)
}

/// Returns the bytes of a text in UTF-16 that are ASCII. Returns `None` for other texts.
pub(super) fn narrowed(bytes: &[u8]) -> Option<Vec<u8>> {
    let start = &bytes[..bytes.len().min(64)];
    memmem::find(start, b"\0")?;
    Some(bytes.iter().copied().filter(|byte| *byte != 0).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_of_each_language_are_read() {
        for escaped in [
            "a+b/c=",
            "a\\u002bb\\/c\\x3d",
            "a\\u{2b}b\\u002Fc=",
            "a%2Bb%2fc%3D",
            "a%252Bb%2fc%3D",
            "a&#43;b&#x2F;c&equals;",
            "a&plus;b&sol;c&#61",
            "a&amp;#43;b&#47c=",
            "a\\\\u002bb\\\\/c=",
            "a+\\\nb\\\r\n/c=",
        ] {
            let plain = unescaped(escaped.as_bytes()).unwrap_or_else(|| escaped.into());
            assert_eq!(str::from_utf8(&plain).unwrap(), "a+b/c=", "{escaped}");
        }
        assert_eq!(unescaped(b"100% of AT&T \\p &eacute; %zz \\u00e9"), None);
        assert_eq!(unescaped(b"a\\nb").unwrap(), b"a b");
    }

    #[test]
    fn the_end_of_a_text_may_be_within_an_escape() {
        for text in ["\\", "\\\\", "\\u", "\\u00", "\\u{", "\\x", "%", "%2", "&", "&#", "&#x", "&p"]
        {
            let _ = unescaped(text.as_bytes());
        }
    }

    #[test]
    fn texts_in_utf_16_are_narrowed() {
        assert_eq!(narrowed(b"\xff\xfea\0b\0").unwrap(), b"\xff\xfeab");
        assert_eq!(narrowed(b"plain"), None);
    }
}
