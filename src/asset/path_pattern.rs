//! Patterns of paths, by which rules choose files.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use globset::{GlobBuilder, GlobMatcher};
use serde::Deserialize;
use worker_pack_runtime::Behaviour;

use crate::asset::glob;
use crate::asset::route::RoutePath;

/// A glob over whole paths. A `*` matches any characters, slashes included.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "Cow<'_, str>")]
pub struct PathPattern(GlobMatcher);

/// The characters with a meaning in patterns. A backslash takes it away.
const SPECIAL: [char; 7] = ['*', '?', '[', ']', '{', '}', '\\'];

impl PathPattern {
    /// Returns whether the pattern matches the path of a file, or that of its URL in a table with
    /// this behaviour.
    pub fn matches(&self, route: &RoutePath, behaviour: Behaviour) -> bool {
        self.0.is_match(route.as_str()) || self.0.is_match(&*route.url_path_in(behaviour))
    }

    /// Returns the pattern that matches a path and no other one. A path with a slash at its end is a
    /// folder, of which it matches all files.
    pub(crate) fn exactly(path: &str) -> String {
        let mut pattern = String::with_capacity(path.len());
        for c in path.chars() {
            if SPECIAL.contains(&c) {
                pattern.push('\\');
            }
            pattern.push(c);
        }
        if path.ends_with('/') {
            pattern.push_str("**");
        }
        pattern
    }

    /// Returns the key `paths` of a rule by path for a path, as it is written in `worker-pack.toml`.
    pub(crate) fn in_toml(path: &str) -> String {
        let pattern = Self::exactly(path);
        // By itself, a line break makes a text of several lines. The escapes of JSON are those of TOML.
        let text = if pattern.contains(['\n', '\r']) {
            serde_json::Value::from(pattern).to_string()
        } else {
            toml::Value::from(pattern).to_string()
        };
        format!("paths = {text}")
    }

    /// Returns whether the pattern contains the path of a file or folder, letter by letter, and then
    /// nothing or what lies below it: `/keys/a.pem` names that file, `/keys/*` the folder `/keys`.
    pub(crate) fn names(&self, path: &str) -> bool {
        let (literal, has_wildcards) = self.literal();
        match literal.strip_prefix(path) {
            Some("") => !has_wildcards,
            Some(rest) => rest.starts_with('/'),
            None => false,
        }
    }

    /// Returns whether the pattern has no wildcard.
    pub(crate) fn is_exact(&self) -> bool {
        !self.literal().1
    }

    /// Returns whether the pattern may match a path below a folder.
    pub(crate) fn may_match_below(&self, folder: &str) -> bool {
        let (literal, has_wildcards) = self.literal();
        let folder = format!("{folder}/");
        literal.starts_with(&folder) || has_wildcards && folder.starts_with(&literal)
    }

    /// Returns patterns of a table that match the same paths of URLs, if it has some.
    pub(crate) fn in_table(&self) -> Option<Vec<String>> {
        glob::in_table(self.0.glob().glob())
    }

    /// Returns the text before the first wildcard, and whether there is one.
    fn literal(&self) -> (String, bool) {
        let mut literal = String::new();
        let mut rest = self.0.glob().glob().chars();
        while let Some(c) = rest.next() {
            match c {
                '\\' => literal.extend(rest.next()),
                c if SPECIAL.contains(&c) => return (literal, true),
                c => literal.push(c),
            }
        }
        (literal, false)
    }
}

impl fmt::Display for PathPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.0.glob(), f)
    }
}

impl PartialEq for PathPattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.glob() == other.0.glob()
    }
}

impl Eq for PathPattern {}

impl FromStr for PathPattern {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if !text.starts_with(['/', '*']) {
            return Err(format!("`{text}` does not begin with `/` or `*`"));
        }
        // By default, the meaning of a backslash depends on the platform.
        let glob = GlobBuilder::new(text).backslash_escape(true).build();
        Ok(Self(glob.map_err(|error| error.to_string())?.compile_matcher()))
    }
}

impl TryFrom<Cow<'_, str>> for PathPattern {
    type Error = String;

    fn try_from(text: Cow<'_, str>) -> Result<Self, String> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> PathPattern {
        text.parse().unwrap()
    }

    #[test]
    fn patterns_match_files_and_their_urls() {
        for (text, matched) in [
            ("/examples/**", "/examples/a/b.js"),
            ("/examples/*", "/examples/a/b.js"),
            ("*.pem", "/keys/a.pem"),
            ("/about/", "/about/index.html"),
            ("/\\[slug\\].js", "/[slug].js"),
            ("/{a,b}.js", "/b.js"),
        ] {
            assert!(pattern(text).matches(&matched.into(), Behaviour::DEFAULT), "{text}");
        }
        assert!(!pattern("/examples/**").matches(&"/examples.js".into(), Behaviour::DEFAULT));
    }

    #[test]
    fn a_pattern_names_what_it_contains_letter_by_letter() {
        for (text, path, expected) in [
            ("/keys/a.pem", "/keys/a.pem", true),
            ("/keys/*.pem", "/keys/a.pem", false),
            ("/keys/a.pem*", "/keys/a.pem", false),
            ("/.git/**", "/.git", true),
            ("/.git*", "/.git", false),
            ("/**", "/.git", false),
            ("/\\[a\\].pem", "/[a].pem", true),
        ] {
            assert_eq!(pattern(text).names(path), expected, "{text} {path}");
        }
        let exact = PathPattern::exactly("/[a]*{b}?\\.pem");
        assert!(pattern(&exact).names("/[a]*{b}?\\.pem") && pattern(&exact).is_exact());
    }

    #[test]
    fn a_path_in_toml_is_the_pattern_of_this_path() {
        for path in ["/a.js", "/[slug].js", "/it's [a].js", "/a\"b.js", "/a\nb.js", "/keys/"] {
            let text = PathPattern::in_toml(path);
            let value: toml::Table = text.parse().unwrap();
            assert_eq!(value["paths"].as_str().unwrap(), PathPattern::exactly(path), "{text}");
            assert_eq!(text.lines().count(), 1, "{text}");
        }
        assert_eq!(PathPattern::in_toml("/keys/"), "paths = \"/keys/**\"");
    }

    #[test]
    fn a_pattern_may_match_below_the_folders_that_it_leads_into() {
        for (text, expected) in [
            ("/**", true),
            ("*.pem", true),
            ("/a/b/c.js", true),
            ("/a/b", false),
            ("/a*", true),
            ("/b/**", false),
        ] {
            assert_eq!(pattern(text).may_match_below("/a/b"), expected, "{text}");
        }
    }
}
