//! The parts of a pattern.

/// A part of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'p> {
    Literal(&'p str),
    /// A wildcard that matches any characters but some.
    Wildcard {
        name: &'p str,
        without: &'static [u8],
    },
}

/// The name of `*`.
pub(crate) const SPLAT: &str = "splat";

/// Splits a pattern into its parts.
pub(super) fn tokens(pattern: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let (host, path) = match pattern.strip_prefix(SCHEME) {
        Some(rest) => {
            tokens.push(Token::Literal(SCHEME));
            rest.split_at(rest.find('/').unwrap_or(rest.len()))
        }
        None => ("", pattern),
    };
    add_tokens(&mut tokens, host, b"/.");
    add_tokens(&mut tokens, path, b"/");
    tokens
}

/// The start of patterns with a host.
pub const SCHEME: &str = "https://";

fn add_tokens<'p>(tokens: &mut Vec<Token<'p>>, mut rest: &'p str, without: &'static [u8]) {
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('*') {
            tokens.push(Token::Wildcard { name: SPLAT, without: b"" });
            rest = after;
        } else if let Some((name, after)) = placeholder(rest) {
            tokens.push(Token::Wildcard { name, without });
            rest = after;
        } else {
            let end = (1..rest.len())
                .find(|&end| {
                    rest.is_char_boundary(end)
                        && (rest[end..].starts_with('*') || placeholder(&rest[end..]).is_some())
                })
                .unwrap_or(rest.len());
            tokens.push(Token::Literal(&rest[..end]));
            rest = &rest[end..];
        }
    }
}

/// Splits `:name` off the front of a text.
pub fn placeholder(text: &str) -> Option<(&str, &str)> {
    let after = text.strip_prefix(':')?;
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let len = after.bytes().position(|byte| !is_word(byte)).unwrap_or(after.len());
    after.as_bytes().first().filter(|first| first.is_ascii_alphabetic())?;
    Some(after.split_at(len))
}
