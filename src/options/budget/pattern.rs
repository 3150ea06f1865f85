//! Patterns of files in budgets, which need not know the fingerprints in names.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use globset::{GlobBuilder, GlobMatcher};
use serde::Deserialize;

use crate::asset::fingerprint;

/// A pattern of the paths of files. One without a slash is compared with the last name of a path only.
///
/// A name with a fingerprint is compared with and without it, so that `client.js` matches
/// `/_astro/client.BX3f9a1z.js`. With `!` before it, the files are excluded.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "Cow<'_, str>")]
pub struct FilePattern {
    text: String,
    glob: GlobMatcher,
    sense: Sense,
}

/// The effect of a pattern on the files that it matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sense {
    Include,
    Exclude,
}

/// The characters that `*` stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Star {
    /// All of them, slashes too, as in rules by path.
    Any,
    /// All but slashes, as in the globs of size-limit.
    WithinNames,
}

impl FilePattern {
    pub(crate) fn new(text: &str, star: Star) -> Result<Self, String> {
        let (plain, sense) = match text.strip_prefix('!') {
            Some(plain) => (plain, Sense::Exclude),
            None => (text, Sense::Include),
        };
        if plain.trim().is_empty() {
            return Err("a pattern of files must not be empty".to_owned());
        }
        if plain.contains('/') && !plain.starts_with(['/', '*']) {
            return Err(format!(
                "`{plain}` does not begin with `/` or `*`; write the path below the public folder, such as `/{plain}`"
            ));
        }
        let glob = GlobBuilder::new(plain)
            .backslash_escape(true)
            .literal_separator(star == Star::WithinNames)
            .build();
        let glob = glob.map_err(|error| error.to_string())?.compile_matcher();
        Ok(Self { text: text.to_owned(), glob, sense })
    }

    fn has(&self, path: &str) -> bool {
        let is_name = !self.glob.glob().glob().contains('/');
        let matches = |path: &str| {
            let name = path.rsplit('/').next().unwrap_or_default();
            self.glob.is_match(path) || is_name && self.glob.is_match(name)
        };
        matches(path) || matches(&fingerprint::without(path))
    }

    /// Returns whether some patterns choose a path: one that includes it, if there are such, and none that
    /// excludes it.
    pub(crate) fn choose(patterns: &[Self], path: &str) -> bool {
        let has = |sense| {
            let mut some = patterns.iter().filter(|pattern| pattern.sense == sense);
            some.any(|pattern| pattern.has(path))
        };
        let includes_all = patterns.iter().all(|pattern| pattern.sense == Sense::Exclude);
        (includes_all || has(Sense::Include)) && !has(Sense::Exclude)
    }
}

impl fmt::Display for FilePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl PartialEq for FilePattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for FilePattern {}

impl FromStr for FilePattern {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::new(text, Star::Any)
    }
}

impl TryFrom<Cow<'_, str>> for FilePattern {
    type Error = String;

    fn try_from(text: Cow<'_, str>) -> Result<Self, String> {
        text.parse()
    }
}

/// A media type, or a pattern of some: `text/javascript`, `image/*`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Cow<'_, str>")]
pub struct TypePattern(String);

/// Other names of the types of scripts, which are one type in budgets.
const SCRIPTS: [&str; 4] =
    ["application/javascript", "application/x-javascript", "text/ecmascript", "text/x-javascript"];

impl TypePattern {
    /// Returns whether the pattern matches a media type without parameters.
    pub(crate) fn has(&self, media_type: &str) -> bool {
        let own = if SCRIPTS.contains(&&*self.0) { "text/javascript" } else { &*self.0 };
        let other = if SCRIPTS.contains(&media_type) { "text/javascript" } else { media_type };
        match own.strip_suffix('*') {
            Some(prefix) => other.starts_with(prefix),
            None => other == own,
        }
    }
}

impl fmt::Display for TypePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for TypePattern {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let lower = text.trim().to_ascii_lowercase();
        let is_token = |part: &str| {
            let is_part = |c: char| c.is_ascii_alphanumeric() || "!#$&-^_.+*".contains(c);
            !part.is_empty() && part.chars().all(is_part)
        };
        match lower.split_once('/') {
            Some((group, kind)) if is_token(group) && is_token(kind) => Ok(Self(lower)),
            _ => Err(format!(
                "`{text}` is not a media type; write one such as `text/javascript`, `text/css` or `image/*`"
            )),
        }
    }
}

impl TryFrom<Cow<'_, str>> for TypePattern {
    type Error = String;

    fn try_from(text: Cow<'_, str>) -> Result<Self, String> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(patterns: &[&str], path: &str) -> bool {
        let patterns: Vec<FilePattern> =
            patterns.iter().map(|text| text.parse().unwrap()).collect();
        FilePattern::choose(&patterns, path)
    }

    #[test]
    fn files_are_matched_with_and_without_their_fingerprint() {
        let client = "/_astro/client.BX3f9a1z.js";
        for pattern in ["/_astro/client.*.js", "client.js", "/_astro/client.js", "*.js", "/**"] {
            assert!(chosen(&[pattern], client), "{pattern}");
        }
        for pattern in ["/client.js", "client.css", "/_astro/other.*.js"] {
            assert!(!chosen(&[pattern], client), "{pattern}");
        }
        assert!(!chosen(&["/_astro/*", "!client.js"], client));
        assert!(chosen(&["!*.css"], client));
        assert!(
            "_astro/a.js".parse::<FilePattern>().is_err() && "!".parse::<FilePattern>().is_err()
        );
    }

    #[test]
    fn types_are_matched_without_parameters() {
        let has = |pattern: &str, other: &str| pattern.parse::<TypePattern>().unwrap().has(other);
        assert!(has("application/javascript", "text/javascript") && has("image/*", "image/png"));
        assert!(has("Text/CSS", "text/css") && !has("text/css", "text/html"));
        assert!("javascript".parse::<TypePattern>().unwrap_err().contains("text/javascript"));
    }
}
