//! Patterns in the rules for modules, as wrangler reads them.
//!
//! Its library (`glob-to-regexp`) knows `*` and, between slashes, `**`. All other characters stand for
//! themselves.

/// The texts that `*` stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Star {
    /// Parts of a path, as for the files of a folder: `*` is within a part, `**/` any number of parts.
    InParts,
    /// Any text, as for the specifiers of imports.
    Any,
}

/// A piece of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece {
    One(char),
    /// Any text without a slash.
    WithinPart,
    /// Any number of whole parts, each with its slash but for the last one of a path.
    Parts,
    Anything,
}

/// A pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Glob(Vec<Piece>);

impl Glob {
    pub(super) fn new(pattern: &str, star: Star) -> Self {
        let all: Vec<char> = pattern.chars().collect();
        let mut pieces = Vec::new();
        let mut at = 0;
        while let Some(&one) = all.get(at) {
            if one != '*' {
                pieces.push(Piece::One(one));
                at += 1;
                continue;
            }
            let before = at.checked_sub(1).map(|before| all[before]);
            let stars = all[at..].iter().take_while(|one| **one == '*').count();
            at += stars;
            let is_edge = |one: Option<char>| matches!(one, None | Some('/'));
            pieces.push(match star {
                Star::Any => Piece::Anything,
                Star::InParts if stars > 1 && is_edge(before) && is_edge(all.get(at).copied()) => {
                    // The slash is a part of what the stars stand for.
                    at += 1;
                    Piece::Parts
                }
                Star::InParts => Piece::WithinPart,
            });
        }
        Self(pieces)
    }

    /// Returns whether it matches a whole text. That costs at most the product of both lengths.
    pub(super) fn matches(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().collect();
        // The places in the text at which the rest of the pattern may begin.
        let mut places = vec![false; text.len() + 1];
        places[0] = true;
        for piece in &self.0 {
            let mut next = vec![false; text.len() + 1];
            let mut is_open = false;
            for at in 0..=text.len() {
                match piece {
                    Piece::One(one) => {
                        if places[at] && text.get(at) == Some(one) {
                            next[at + 1] = true;
                        }
                    }
                    Piece::Anything => {
                        is_open |= places[at];
                        next[at] = is_open;
                    }
                    Piece::WithinPart => {
                        is_open |= places[at];
                        next[at] = is_open;
                        is_open &= text.get(at) != Some(&'/');
                    }
                    Piece::Parts => {
                        let is_end_of_part =
                            at == text.len() || at.checked_sub(1).is_some_and(|it| text[it] == '/');
                        next[at] = places[at] || is_open && is_end_of_part;
                        is_open |= places[at];
                    }
                }
            }
            places = next;
        }
        places[text.len()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_the_paths_that_wrangler_matches() {
        let matches = |pattern, text| Glob::new(pattern, Star::InParts).matches(text);
        for (pattern, text) in [
            ("**/*.js", "a.js"),
            ("**/*.js", "a/b/c.js"),
            ("*.js", "a.js"),
            ("lib/**", "lib/a/b.txt"),
            ("lib/**", "lib/"),
            ("**", "a/b"),
            ("a/**/b", "a/b"),
            ("a/**/b", "a/x/y/b"),
            ("**/*.wasm?module", "a.wasm?module"),
            ("[a].js", "[a].js"),
            ("{a,b}.js", "{a,b}.js"),
            ("a**b", "axb"),
            ("", ""),
        ] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [
            ("*.js", "a/b.js"),
            ("**/*.js", "a.mjs"),
            ("lib/**", "lib"),
            ("a/**/b", "ab"),
            ("a/**/b", "a/xb"),
            ("?.js", "a.js"),
            ("{a,b}.js", "a.js"),
            ("a**b", "a/b"),
            ("a.js", "axjs"),
        ] {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }

    #[test]
    fn patterns_for_specifiers_match_across_slashes() {
        let matches = |pattern, text| Glob::new(pattern, Star::Any).matches(text);
        assert!(matches("**/*.wasm", "./index_bg.wasm"));
        assert!(matches("*.txt", "../a/b.txt"));
        assert!(!matches("**/*.wasm", "index_bg.wasm"), "a package");
    }
}
