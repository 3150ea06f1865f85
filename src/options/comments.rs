//! Patterns of comments that stay.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer};

/// A text that a comment contains. `*` stands for any text. Letters match in their case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommentPattern(String);

impl CommentPattern {
    /// Returns whether a comment contains the pattern. `text` comes without its delimiters.
    pub fn matches(&self, text: &str) -> bool {
        let mut rest = text;
        self.0.split('*').all(|part| match rest.find(part) {
            Some(at) => {
                rest = &rest[at + part.len()..];
                true
            }
            None => false,
        })
    }
}

impl FromStr for CommentPattern {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Err("a pattern of comments must not be empty; `*` matches all".to_owned());
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for CommentPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for CommentPattern {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_matches_if_it_contains_the_parts_in_their_order() {
        let matches =
            |pattern: &str, text| pattern.parse::<CommentPattern>().unwrap().matches(text);
        assert!(matches("cut:", " cut: here "));
        assert!(matches("begin*end", "begin the end"));
        assert!(matches("*", ""));
        assert!(!matches("begin*end", "end of the begin"));
        assert!(!matches("Cut", " cut: here "));
        assert!(" ".parse::<CommentPattern>().is_err());
    }
}
