//! Patterns of paths, as in `_headers` and `_redirects`.
//!
//! `*`, called `splat`, matches any characters; `:name` matches one segment of a path or one label of
//! a host name. A pattern that begins with `https://` is matched against the host and the path, any
//! other against the path alone.

use std::borrow::Cow;

use beginnings::Beginnings;
use token::{Token, tokens};

mod beginnings;
mod token;

pub use token::{SCHEME, placeholder};

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

/// Returns the text that patterns with a host are matched against. Hosts have no case (RFC 3986
/// §3.2.2), and those of patterns are in lower case.
pub(crate) fn host_and_path(host: Option<&str>, path: &str) -> String {
    [SCHEME, &host.unwrap_or_default().to_ascii_lowercase(), path].concat()
}

/// Returns the kind of a pattern.
pub fn wildcards(pattern: &str) -> Wildcards {
    names(&tokens(pattern))
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

#[cfg(test)]
mod tests;
