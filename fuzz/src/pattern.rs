//! Patterns: matched as by trying everything, in a time that no text can blow up.

use std::collections::HashSet;

use worker_pack_runtime::packer::pattern::{
    Captures, SCHEME, Wildcards, matches, placeholder, substitute, wildcards,
};

/// The longest pattern and text that are tried in every way, in bytes.
const MAX_LEN: usize = 256;

/// The longest path that the runtime matches, in bytes.
const MAX_PATH: usize = 16 * 1024;

/// Matches the first line as a pattern with the second one as text, and substitutes in the third.
pub(crate) fn pattern(data: &[u8]) {
    let text = crate::text(data);
    let mut lines = text.splitn(3, '\n');
    let mut line = || lines.next().unwrap_or_default();
    let (pattern, text, destination) = (line(), line(), line());
    let found = matches(pattern, text);
    if pattern.len() <= MAX_LEN && text.len() <= MAX_LEN {
        let expected = match wildcards(pattern) {
            Wildcards::Ambiguous => None,
            _ => tried(pattern, text),
        };
        assert_eq!(found, expected, "{pattern:?} {text:?}");
    }
    if let Some(captures) = found {
        let values: usize = captures.iter().map(|(_, value)| value.len()).sum();
        assert!(values <= text.len(), "captures overlap: {captures:?}");
        let longest = captures.iter().map(|(_, value)| value.len()).max().unwrap_or_default();
        let colons = destination.matches(':').count();
        let substituted = substitute(destination, &captures);
        assert!(substituted.len() <= destination.len() + colons * longest);
    }
    // Long enough that an algorithm which tries everything would not end.
    let copies = MAX_PATH / text.len().max(1);
    let _ = matches(pattern, &text.repeat(copies.min(64)));
}

/// Matches by trying every length of every wildcard, the longest first.
fn tried<'r>(pattern: &'r str, text: &'r str) -> Option<Captures<'r>> {
    let (scheme, rest) = match pattern.strip_prefix(SCHEME) {
        Some(rest) => (SCHEME, rest),
        None => ("", pattern),
    };
    let host = if scheme.is_empty() { 0 } else { rest.find('/').unwrap_or(rest.len()) };
    let text = text.strip_prefix(scheme)?;
    let mut trial = Trial { path: rest.len() - host, failed: HashSet::new() };
    let mut captures = trial.rest(rest, text)?;
    captures.reverse();
    Some(captures)
}

struct Trial {
    /// The length of the pattern's path. More than that is left while its host is matched.
    path: usize,
    /// The lengths of a rest of the pattern and of the text that do not match.
    failed: HashSet<(usize, usize)>,
}

impl Trial {
    /// Returns the captures of the rest of a pattern, from the last to the first.
    fn rest<'r>(&mut self, pattern: &'r str, text: &'r str) -> Option<Captures<'r>> {
        let Some(first) = pattern.chars().next() else {
            return text.is_empty().then(Vec::new);
        };
        if self.failed.contains(&(pattern.len(), text.len())) {
            return None;
        }
        let without: &[u8] = if pattern.len() > self.path { b"/." } else { b"/" };
        let found = match (pattern.strip_prefix('*'), placeholder(pattern)) {
            (Some(after), _) => self.wildcard(("splat", after), text, text.len(), 0),
            (_, Some(name)) => {
                let longest = text.bytes().position(|byte| without.contains(&byte));
                self.wildcard(name, text, longest.unwrap_or(text.len()), 1)
            }
            (None, None) => text
                .strip_prefix(first)
                .and_then(|text| self.rest(&pattern[first.len_utf8()..], text)),
        };
        if found.is_none() {
            self.failed.insert((pattern.len(), text.len()));
        }
        found
    }

    fn wildcard<'r>(
        &mut self,
        (name, after): (&'r str, &'r str),
        text: &'r str,
        longest: usize,
        shortest: usize,
    ) -> Option<Captures<'r>> {
        (shortest..=longest).rev().filter(|len| text.is_char_boundary(*len)).find_map(|len| {
            let mut captures = self.rest(after, &text[len..])?;
            captures.push((name, &text[..len]));
            Some(captures)
        })
    }
}
