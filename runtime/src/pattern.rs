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
/// The time is at most proportional to the product of both lengths: a pattern decides no more than
/// once, for each of its parts, which places of the text that part may begin at.
pub fn matches<'r>(pattern: &'r str, text: &'r str) -> Option<Captures<'r>> {
    matches_counting(pattern, text, |_| {})
}

/// Matches as [`matches`] does, and tells `steps` about each number of bytes that it looks at.
fn matches_counting<'r>(
    pattern: &'r str,
    text: &'r str,
    steps: impl FnMut(usize),
) -> Option<Captures<'r>> {
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
    Beginnings::find(&tokens, text, steps)?.captures()
}

/// Replaces each `:name` by the capture of that name. A name also replaces the beginning of a longer
/// one, as for Cloudflare; among several, the first capture counts. A name without a capture stays.
///
/// A capture is not searched for names: otherwise a request could make the result grow without bounds.
pub fn substitute<'t>(text: &'t str, captures: &Captures<'_>) -> Cow<'t, str> {
    let mut substituted = String::new();
    // The part of the text that is done.
    let mut done = 0;
    for (colon, _) in text.match_indices(':') {
        let is_here = |(name, _): &&(&str, &str)| text[colon + 1..].starts_with(name);
        if let Some((name, value)) = captures.iter().find(is_here) {
            substituted.push_str(&text[done..colon]);
            substituted.push_str(value);
            done = colon + 1 + name.len();
        }
    }
    if done == 0 {
        return Cow::Borrowed(text);
    }
    substituted.push_str(&text[done..]);
    Cow::Owned(substituted)
}

/// The places of a text at which the rest of a pattern may begin.
struct Beginnings<'a, 'r> {
    tokens: &'a [Token<'r>],
    text: &'r str,
    /// For each number of tokens that are left out at the front, and each place of the text: whether
    /// the other tokens match the text from that place to its end.
    rows: Vec<Vec<bool>>,
}

impl<'a, 'r> Beginnings<'a, 'r> {
    /// Finds the places, from the last token to the first. Returns none if a token may not begin
    /// anywhere.
    fn find(tokens: &'a [Token<'r>], text: &'r str, mut steps: impl FnMut(usize)) -> Option<Self> {
        let mut rows = vec![Vec::new(); tokens.len() + 1];
        rows[tokens.len()] = vec![false; text.len() + 1];
        rows[tokens.len()][text.len()] = true;
        for (index, token) in tokens.iter().enumerate().rev() {
            let row = token.beginnings(text, &rows[index + 1], &mut steps);
            if !row.contains(&true) {
                return None;
            }
            rows[index] = row;
        }
        Some(Self { tokens, text, rows })
    }

    /// Returns the captures of a match of the whole text, if the first token may begin at its start.
    fn captures(&self) -> Option<Captures<'r>> {
        self.rows[0][0].then_some(())?;
        let mut captures = Vec::new();
        let mut at = 0;
        for (token, next) in self.tokens.iter().zip(&self.rows[1..]) {
            let begin = at;
            at = token.longest_end(self.text, begin, next)?;
            if let Token::Wildcard { name, .. } = token {
                captures.push((*name, &self.text[begin..at]));
            }
        }
        Some(captures)
    }
}

impl Token<'_> {
    /// Returns for each place whether this token may begin there, given the places at which the
    /// next one may begin.
    fn beginnings(&self, text: &str, next: &[bool], steps: &mut impl FnMut(usize)) -> Vec<bool> {
        let mut row = vec![false; text.len() + 1];
        match *self {
            Token::Literal(literal) => {
                for at in 0..=text.len().saturating_sub(literal.len()) {
                    steps(1);
                    if next.get(at + literal.len()) == Some(&true) {
                        steps(literal.len());
                        row[at] = text.as_bytes()[at..].starts_with(literal.as_bytes());
                    }
                }
            }
            Token::Wildcard { name, without } => {
                // A name matches at least one character, and `*` perhaps none.
                let may_be_empty = name == SPLAT;
                let mut reaches_next = false;
                for at in (0..=text.len()).rev() {
                    steps(1);
                    let goes_on = text.as_bytes().get(at).is_some_and(|it| !without.contains(it));
                    reaches_next &= goes_on;
                    let is_boundary = text.is_char_boundary(at);
                    row[at] = is_boundary && (reaches_next || may_be_empty && next[at]);
                    reaches_next |= is_boundary && next[at];
                }
            }
        }
        row
    }

    /// Returns the last place at which this token may end if it begins at `at`.
    fn longest_end(&self, text: &str, at: usize, next: &[bool]) -> Option<usize> {
        match *self {
            Token::Literal(literal) => Some(at + literal.len()),
            Token::Wildcard { name, without } => {
                let rest = &text.as_bytes()[at..];
                let longest =
                    rest.iter().position(|byte| without.contains(byte)).unwrap_or(rest.len());
                let shortest = usize::from(name != SPLAT);
                (at + shortest..=at + longest)
                    .rev()
                    .find(|&end| text.is_char_boundary(end) && next[end])
            }
        }
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
pub fn placeholder(text: &str) -> Option<(&str, &str)> {
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

    #[test]
    fn names_in_a_capture_are_not_replaced() {
        let captures = vec![("a", ":b:b:b"), ("b", "x"), ("ab", "y")];
        assert_eq!(substitute("/:a/:b/:ab/:c", &captures), "/:b:b:b/x/:b:b:bb/:c");
        assert_eq!(substitute("/c:", &captures), Cow::Borrowed("/c:"));
    }

    /// The bytes that a pattern of these lengths may look at: each part of the pattern once for each
    /// place of the text.
    fn allowed_steps(pattern: &str, text: &str) -> usize {
        2 * (pattern.len() + 1) * (text.len() + 1)
    }

    fn steps(pattern: &str, text: &str) -> usize {
        let mut steps = 0;
        matches_counting(pattern, text, |more| steps += more);
        steps
    }

    #[test]
    fn steps_grow_linearly_with_the_text() {
        let names: String =
            (0..30).map(|number: u32| [":a", &number.to_string(), "-"].concat()).collect();
        for pattern in [
            "/blog/:year-:month-:day-:slug",
            "/blog/:a:b:c:d",
            "/*a*",
            "/*-:a-*x",
            &format!("/{names}x"),
            "https://:a.:b.:c.example/*",
        ] {
            for part in ["-", "a-", "a", "-a.", "é-", ".a"] {
                let start = &pattern[..pattern.find([':', '*']).unwrap()];
                let start = if start == "https" { "https://" } else { start };
                let [short, long] = [1000, 4000].map(|count| {
                    let text = [start, &part.repeat(count)].concat();
                    let steps = steps(pattern, &text);
                    assert!(steps <= allowed_steps(pattern, &text), "{pattern} {part} {steps}");
                    steps
                });
                assert!(long <= 4 * short + 100, "{pattern} {part}: {short} then {long}");
            }
        }
    }

    /// Matches by trying every length of every wildcard: the meaning of a pattern, in the time that
    /// the crate must not take.
    fn backtracked<'r>(tokens: &[Token<'r>], text: &'r str) -> Option<Captures<'r>> {
        let Some((first, rest)) = tokens.split_first() else {
            return text.is_empty().then(Vec::new);
        };
        let Token::Wildcard { name, without } = first else {
            let Token::Literal(literal) = first else { unreachable!() };
            return backtracked(rest, text.strip_prefix(literal)?);
        };
        let longest = text.bytes().position(|it| without.contains(&it)).unwrap_or(text.len());
        (usize::from(*name != SPLAT)..=longest).rev().find_map(|len| {
            let (value, after) = text.is_char_boundary(len).then(|| text.split_at(len))?;
            let mut captures = backtracked(rest, after)?;
            captures.insert(0, (*name, value));
            Some(captures)
        })
    }

    proptest! {
        #[test]
        fn matching_never_panics(pattern in "/[a:*é/-]{0,12}", text in "/[aé/-]{0,12}") {
            let _ = matches(&pattern, &text);
        }

        #[test]
        fn steps_are_bounded_by_the_product_of_both_lengths(
            pattern in "/(:[ab]|[*]|[a./-]){0,12}", text in "/[a./-]{0,60}",
        ) {
            prop_assert!(steps(&pattern, &text) <= allowed_steps(&pattern, &text));
        }

        #[test]
        fn wildcards_are_greedy_the_first_one_most(
            pattern in "(https://)?/?(:[abc]|[*]|[aé./-]){0,6}", text in "(https://)?/?[aé./-]{0,12}",
        ) {
            let tokens = tokens(&pattern);
            let expected =
                if names(&tokens) == Wildcards::Ambiguous { None } else { backtracked(&tokens, &text) };
            prop_assert_eq!(matches(&pattern, &text), expected);
        }

        #[test]
        fn patterns_without_wildcards_match_only_themselves(path in "/[a-z/]{0,12}", other in "/[a-z/]{0,12}") {
            prop_assert!(matches(&path, &path).is_some());
            prop_assert_eq!(matches(&path, &other).is_some(), path == other);
        }
    }
}
