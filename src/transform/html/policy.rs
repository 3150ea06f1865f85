//! A content security policy, parsed (CSP3 §2.2.1).

use std::collections::BTreeMap;

/// A policy: its directives, of which the first with a name counts.
#[derive(Debug, Default)]
pub(crate) struct Policy(BTreeMap<String, String>);

/// A use of a page that a directive decides about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "cli"), expect(dead_code, reason = "dictionaries ask for one alone"))]
pub(crate) enum Directive {
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

/// The names of directives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Names {
    /// The directive that decides.
    pub(crate) decides: &'static str,
    /// The most specific one that a policy usually has.
    pub(crate) own: &'static str,
}

impl Names {
    /// Tells where a source has to be added.
    pub(crate) fn remedy(self, source: &str) -> String {
        let Self { decides, own } = self;
        if decides == own {
            format!("add `{source}` to `{own}`")
        } else {
            format!("add a directive `{own}` with the sources of `{decides}` and `{source}`")
        }
    }
}

impl Policy {
    pub(crate) fn parse(text: &str) -> Self {
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
    #[cfg(feature = "cli")]
    pub(crate) fn directives(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Returns the sources that a directive allows, and the names of the one that decides and of the one that
    /// a remedy belongs to. Returns `None` if the policy does not restrict it.
    pub(crate) fn sources(&self, directive: Directive) -> Option<(Names, &str)> {
        let names = directive.names();
        let found = names.iter().find_map(|name| Some((*name, self.0.get(*name)?.as_str())));
        let (decides, sources) = found?;
        // A source in `default-src` would count for everything.
        let own = match decides {
            "default-src" => names.iter().copied().rev().nth(1).unwrap_or(decides),
            decides => decides,
        };
        Some((Names { decides, own }, sources))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_specific_directive_decides_and_the_first_of_a_name_counts() {
        let policy =
            Policy::parse("Default-Src 'none';script-src\t'self' ; script-src *;; img-src");
        let decides = |directive| {
            policy.sources(directive).map(|(names, sources)| (names.decides, names.own, sources))
        };
        let own = Some(("script-src", "script-src", "'self'"));
        assert_eq!(decides(Directive::ScriptElement), own);
        assert_eq!(decides(Directive::ScriptAttribute), own);
        assert_eq!(decides(Directive::StyleElement), Some(("default-src", "style-src", "'none'")));
        assert_eq!(decides(Directive::Image), Some(("img-src", "img-src", "")));
        assert_eq!(decides(Directive::Form), None);
    }
}
