//! The content security policies of pages.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;

use crate::named::named;

named! {
    /// The content security policies that are made for pages.
    #[derive(Default)]
    pub enum Csp {
        /// None.
        #[default]
        Off = "off",
        /// Each page has a policy that lists the hashes of the inline code that it ships, and the sources of the
        /// scripts and style sheets that it loads. A page with a policy of its own keeps that, with the hashes of
        /// what it ships.
        Hashes = "hashes",
        /// The same, and scripts run by their hashes alone: a page that loads each of its scripts and modules by the
        /// hash of its bytes has `'strict-dynamic'` (CSP3 §8.2). This needs [`Integrity::Modules`](super::Integrity).
        StrictDynamic = "strict-dynamic",
    }
}

named! {
    /// The treatment of attributes with code in pages with a policy: `style`, and handlers of events.
    #[derive(Default)]
    pub enum CspAttributes {
        /// The policy blocks them, and the report names each.
        #[default]
        Block = "block",
        /// The policy lists their hashes, with `'unsafe-hashes'`, in a directive of their own.
        Hash = "hash",
    }
}

/// A directive that is added to the policies of pages, such as `script-src https://example.com`. If pages have a
/// directive of that name, its sources are added there.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct CspDirective {
    name: String,
    sources: Vec<String>,
}

impl CspDirective {
    /// Returns the name, in lower case.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the sources, or what else the value consists of.
    pub fn sources(&self) -> impl Iterator<Item = &str> {
        self.sources.iter().map(String::as_str)
    }
}

impl FromStr for CspDirective {
    type Err = String;

    /// Parses a directive (CSP3 §2.3).
    fn from_str(text: &str) -> Result<Self, String> {
        let mut words = text.split_ascii_whitespace();
        let name = words.next().unwrap_or_default().to_ascii_lowercase();
        let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if name.is_empty() || !name.chars().all(is_name) {
            return Err(format!(
                "`{text}` does not begin with the name of a directive, such as `script-src`"
            ));
        }
        let sources: Vec<String> = words.map(str::to_owned).collect();
        // A semicolon ends a directive, and a comma a policy.
        let is_part = |c: char| c.is_ascii_graphic() && c != ';' && c != ',';
        match sources.iter().find(|source| !source.chars().all(is_part)) {
            Some(source) => Err(format!(
                "`{source}` cannot be in a directive: it has a semicolon, a comma, or a character that is not ASCII"
            )),
            None => Ok(Self { name, sources }),
        }
    }
}

impl TryFrom<String> for CspDirective {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl fmt::Display for CspDirective {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        self.sources.iter().try_for_each(|source| write!(f, " {source}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directives_are_displayed_as_they_are_parsed() {
        for (text, shown) in [
            ("script-src https://example.com", "script-src https://example.com"),
            (" Frame-Ancestors\t'none' ", "frame-ancestors 'none'"),
            ("upgrade-insecure-requests", "upgrade-insecure-requests"),
        ] {
            assert_eq!(text.parse::<CspDirective>().unwrap().to_string(), shown);
        }
    }

    #[test]
    fn what_would_end_the_directive_is_an_error() {
        for text in ["", "'self'", "script-src a; b", "img-src a,b", "img-src \u{e4}", "a:b"] {
            assert!(text.parse::<CspDirective>().is_err(), "{text}");
        }
    }
}
