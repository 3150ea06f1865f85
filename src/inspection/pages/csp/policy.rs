//! A content security policy, parsed (CSP3 §2.2.1).

use std::collections::BTreeMap;

/// A policy: its directives, of which the first with a name counts.
#[derive(Debug, Default)]
pub(super) struct Policy(BTreeMap<String, String>);

/// A use of a page that a directive decides about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Directive {
    ScriptElement,
    ScriptAttribute,
    StyleElement,
    StyleAttribute,
    Image,
    Font,
    Media,
    Frame,
    Object,
    Manifest,
    Connect,
    Form,
}

impl Directive {
    /// Returns the directives that decide, the first that a policy has (CSP3 §6.8.3).
    fn names(self) -> &'static [&'static str] {
        match self {
            Self::ScriptElement => &["script-src-elem", "script-src", "default-src"],
            Self::ScriptAttribute => &["script-src-attr", "script-src", "default-src"],
            Self::StyleElement => &["style-src-elem", "style-src", "default-src"],
            Self::StyleAttribute => &["style-src-attr", "style-src", "default-src"],
            Self::Image => &["img-src", "default-src"],
            Self::Font => &["font-src", "default-src"],
            Self::Media => &["media-src", "default-src"],
            Self::Frame => &["frame-src", "child-src", "default-src"],
            Self::Object => &["object-src", "default-src"],
            Self::Manifest => &["manifest-src", "default-src"],
            Self::Connect => &["connect-src", "default-src"],
            // `default-src` does not count here.
            Self::Form => &["form-action"],
        }
    }
}

impl Policy {
    pub(super) fn parse(text: &str) -> Self {
        let mut directives = BTreeMap::new();
        for directive in text.split(';') {
            let directive = directive.trim();
            let (name, value) =
                directive.split_once(|c: char| c.is_ascii_whitespace()).unwrap_or((directive, ""));
            if !name.is_empty() {
                directives.entry(name.to_ascii_lowercase()).or_insert_with(|| value.to_owned());
            }
        }
        Self(directives)
    }

    /// Returns the directives with their values.
    pub(super) fn directives(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Returns the sources that a directive allows, and the name of the one that decides. Returns `None` if
    /// the policy does not restrict it. The name is the most specific one that a remedy can be added to.
    pub(super) fn sources(&self, directive: Directive) -> Option<(&'static str, &str)> {
        let names = directive.names();
        let found = names.iter().find_map(|name| Some((*name, self.0.get(*name)?.as_str())));
        let (name, sources) = found?;
        // A source in `default-src` would count for everything, so the remedy is a directive of its own.
        let name = match name {
            "default-src" => names.iter().copied().rev().nth(1).unwrap_or(name),
            name => name,
        };
        Some((name, sources))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_specific_directive_decides_and_the_first_of_a_name_counts() {
        let policy =
            Policy::parse("Default-Src 'none';script-src\t'self' ; script-src *;; img-src");
        assert_eq!(policy.sources(Directive::ScriptElement), Some(("script-src", "'self'")));
        assert_eq!(policy.sources(Directive::ScriptAttribute), Some(("script-src", "'self'")));
        assert_eq!(policy.sources(Directive::StyleElement), Some(("style-src", "'none'")));
        assert_eq!(policy.sources(Directive::Image), Some(("img-src", "")));
        assert_eq!(policy.sources(Directive::Form), None);
    }
}
