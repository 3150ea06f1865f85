//! Paths with wildcards, as `_headers` and `_redirects` have them.
//!
//! `*` stands for any characters, and is called `splat`; `:name` for those of one segment, in a host
//! name for those of one label. A pattern that begins with `https://` is matched against the host and
//! the path, any other against the path alone.

use std::borrow::Cow;

/// What the wildcards of a pattern stand for, by name.
pub type Captures<'r> = Vec<(&'r str, &'r str)>;

/// How many wildcards a pattern has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wildcards {
    /// None: it matches itself alone.
    None,
    /// Some, each of another name.
    Some,
    /// Two of one name, with which Cloudflare never matches anything.
    Ambiguous,
}

/// Returns how many wildcards a pattern has.
pub fn wildcards(pattern: &str) -> Wildcards {
    names(&tokens(pattern))
}

fn names(tokens: &[Token<'_>]) -> Wildcards {
    let mut kind = Wildcards::None;
    for (index, token) in tokens.iter().enumerate() {
        let Token::Wildcard { name, .. } = token else { continue };
        let is_same = |other: &Token<'_>| matches!(other, Token::Wildcard { name: other, .. } if other == name);
        if tokens[..index].iter().any(is_same) {
            return Wildcards::Ambiguous;
        }
        kind = Wildcards::Some;
    }
    kind
}

/// A part of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'p> {
    Literal(&'p str),
    /// A wildcard that does not match some characters.
    Wildcard {
        name: &'p str,
        without: &'static [u8],
    },
}

/// Matches a pattern, and returns what its wildcards stand for. Each takes as much as it can, the
/// first before the others. A pattern with two of one name matches nothing.
///
/// The time is bounded by the product of both lengths, whatever the pattern.
pub fn matches<'r>(pattern: &'r str, text: &'r str) -> Option<Captures<'r>> {
    let literal = pattern.find(['*', ':']).unwrap_or(pattern.len());
    // Of a pattern with a host, the colon after the scheme is the first.
    if !text.starts_with(&pattern[..literal]) {
        return None;
    }
    let tokens = tokens(pattern);
    if names(&tokens) == Wildcards::Ambiguous {
        return None;
    }
    let mut attempt = Attempt {
        tokens: &tokens,
        text,
        failed: vec![false; tokens.len() * (text.len() + 1)],
        captures: Vec::new(),
    };
    attempt.run(0, 0).then(|| {
        attempt.captures.reverse();
        attempt.captures
    })
}

/// Puts what wildcards stand for in the place of `:name`, one name after the other. A name takes the
/// place of the beginning of a longer one, too, as it does for Cloudflare; one that the pattern does
/// not have stays.
pub fn substitute<'t>(text: &'t str, captures: &Captures<'_>) -> Cow<'t, str> {
    let mut substituted = Cow::Borrowed(text);
    for (name, value) in captures {
        let placeholder = [":", name].concat();
        if substituted.contains(&placeholder) {
            substituted = Cow::Owned(substituted.replace(&placeholder, value));
        }
    }
    substituted
}

struct Attempt<'a, 'r> {
    tokens: &'a [Token<'r>],
    text: &'r str,
    /// From which places in the text the tokens from one on are known not to match.
    failed: Vec<bool>,
    /// The last first.
    captures: Captures<'r>,
}

impl<'r> Attempt<'_, 'r> {
    /// Matches the tokens from one on with the text from a place on.
    fn run(&mut self, token: usize, at: usize) -> bool {
        let Some(next) = self.tokens.get(token) else { return at == self.text.len() };
        let known = token * (self.text.len() + 1) + at;
        if self.failed[known] {
            return false;
        }
        let matched = match *next {
            Token::Literal(literal) => {
                self.text[at..].starts_with(literal) && self.run(token + 1, at + literal.len())
            }
            Token::Wildcard { name, without } => self.wildcard(token, at, name, without),
        };
        self.failed[known] = !matched;
        matched
    }

    fn wildcard(&mut self, token: usize, at: usize, name: &'r str, without: &[u8]) -> bool {
        let rest = &self.text[at..];
        let longest = rest.bytes().position(|byte| without.contains(&byte)).unwrap_or(rest.len());
        let shortest = usize::from(name != SPLAT);
        for len in (shortest..=longest).rev() {
            if rest.is_char_boundary(len) && self.run(token + 1, at + len) {
                self.captures.push((name, &rest[..len]));
                return true;
            }
        }
        false
    }
}

/// What `*` is called.
pub(crate) const SPLAT: &str = "splat";

fn tokens(pattern: &str) -> Vec<Token<'_>> {
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

/// What patterns with a host begin with.
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

/// Takes `:name` off the front of a text.
pub(crate) fn placeholder(text: &str) -> Option<(&str, &str)> {
    let after = text.strip_prefix(':')?;
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let len = after.bytes().position(|byte| !is_word(byte)).unwrap_or(after.len());
    after.as_bytes().first().filter(|first| first.is_ascii_alphabetic())?;
    Some(after.split_at(len))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn wildcards_stand_for_what_they_match() {
        for (pattern, text, expected) in [
            ("/a", "/a", Some(vec![])),
            ("/a", "/a/", None),
            ("/*", "/", Some(vec![("splat", "")])),
            ("/a/*", "/a/b/c", Some(vec![("splat", "b/c")])),
            ("/a/*", "/a", None),
            ("/:x/:y", "/a/b", Some(vec![("x", "a"), ("y", "b")])),
            ("/:x", "/", None),
            ("/:x", "/a/b", None),
            ("/:x-:y", "/a-b-c", Some(vec![("x", "a-b"), ("y", "c")])),
            ("/*.jpg", "/a/b.jpg.jpg", Some(vec![("splat", "a/b.jpg")])),
            ("/a:", "/a:", Some(vec![])),
            ("https://a.example/*", "https://a.example/b", Some(vec![("splat", "b")])),
            ("https://:x.example/b", "https://a.example/b", Some(vec![("x", "a")])),
            ("https://:x.example/b", "https://a.b.example/b", None),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn no_pattern_takes_long() {
        let pattern = format!("/{}x", ":a-".repeat(30));
        assert_eq!(matches(&pattern, &format!("/{}", "-".repeat(2000))), None);
    }

    proptest! {
        #[test]
        fn matching_never_panics(pattern in "/[a:*é/-]{0,12}", text in "/[aé/-]{0,12}") {
            let _ = matches(&pattern, &text);
        }

        #[test]
        fn a_literal_matches_itself_alone(path in "/[a-z/]{0,12}", other in "/[a-z/]{0,12}") {
            prop_assert!(matches(&path, &path).is_some());
            prop_assert_eq!(matches(&path, &other).is_some(), path == other);
        }
    }
}
