//! Patterns of paths, as in `_headers` and `_redirects`.
//!
//! `*`, called `splat`, matches any characters; `:name` matches one segment of a path or one label of
//! a host name. A pattern that begins with `https://` is matched against the host and the path, any
//! other against the path alone.

use std::borrow::Cow;

/// The text that each wildcard of a pattern matched, by name.
pub type Captures<'r> = Vec<(&'r str, &'r str)>;

/// A kind of pattern, by its wildcards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wildcards {
    /// A pattern without wildcards, which matches only itself.
    None,
    /// Wildcards with different names.
    Some,
    /// Two wildcards with the same name. For Cloudflare such a pattern matches nothing.
    Ambiguous,
}

/// Returns the kind of a pattern.
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
    /// A wildcard that matches any characters but some.
    Wildcard {
        name: &'p str,
        without: &'static [u8],
    },
}

/// Matches a pattern, and returns its captures. Wildcards are greedy, the first one most. A pattern
/// with two wildcards of the same name matches nothing.
///
/// Each pair of a token and a place in the text is tried once, so the time is polynomial for every
/// pattern.
pub fn matches<'r>(pattern: &'r str, text: &'r str) -> Option<Captures<'r>> {
    // Most patterns do not match, which their literal start shows without an allocation. In a
    // pattern with a host it ends at the colon of the scheme.
    let literal = pattern.find(['*', ':']).unwrap_or(pattern.len());
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

/// Replaces each `:name` by the capture of that name, one name after the other. A name also replaces
/// the beginning of a longer one, as for Cloudflare. A name without a capture stays.
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
    /// For each token and place in the text: whether the tokens from there on failed to match.
    failed: Vec<bool>,
    /// The captures, the last one first.
    captures: Captures<'r>,
}

impl<'r> Attempt<'_, 'r> {
    /// Matches the tokens after `token` with the text after `at`.
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
        // A name matches at least one character, and `*` perhaps none.
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

/// The name of `*`.
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
    fn wildcards_capture_the_text_that_they_match() {
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
    fn ambiguous_patterns_match_nothing() {
        assert_eq!(wildcards("/:a/:a"), Wildcards::Ambiguous);
        assert_eq!(matches("/:a/:a", "/b/b"), None);
    }

    /// Without a memory of failures there would be 60 over 30 ways to try.
    #[test]
    fn patterns_that_match_all_but_the_end_are_rejected() {
        let names: String =
            (0..30).map(|number: u32| [":a", &number.to_string(), "-"].concat()).collect();
        assert_eq!(matches(&format!("/{names}x"), &format!("/{}", "a-".repeat(60))), None);
    }

    proptest! {
        #[test]
        fn matching_never_panics(pattern in "/[a:*é/-]{0,12}", text in "/[aé/-]{0,12}") {
            let _ = matches(&pattern, &text);
        }

        #[test]
        fn patterns_without_wildcards_match_only_themselves(path in "/[a-z/]{0,12}", other in "/[a-z/]{0,12}") {
            prop_assert!(matches(&path, &path).is_some());
            prop_assert_eq!(matches(&path, &other).is_some(), path == other);
        }
    }
}
