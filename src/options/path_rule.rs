//! Rules by path: settings of some files that differ from those of the others.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer};
use worker_pack_runtime::Coding;

use super::MinifiedLanguage;
use super::off_or_list::{OFF, codings, languages};
use super::one_or_many::one_or_many;
use crate::asset::cache_policy::CachePolicy;
use crate::asset::content_type::ContentType;
use crate::asset::path_pattern::PathPattern;
use crate::named::named;

/// Settings of the files at some paths. A setting that is `None` stays as it is.
///
/// It is displayed, and parsed, as on the command line:
///
/// ```
/// use worker_pack::options::PathRule;
/// let rule: PathRule = "/examples/** minify=off cache=public, max-age=60".parse().unwrap();
/// assert_eq!(rule.to_string(), "/examples/** minify=off cache=public, max-age=60");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Written")]
pub struct PathRule {
    /// The paths of files or of their URLs, such as `/fonts/*`, `/about/` or `/index.html`.
    pub paths: Vec<PathPattern>,
    /// The languages that are minified. If there is none, every byte stays as it is.
    pub minify: Option<BTreeSet<MinifiedLanguage>>,
    /// The content codings of the encoded representations.
    pub encodings: Option<BTreeSet<Coding>>,
    /// The decision on publishing the files.
    pub publish: Option<Publish>,
    /// The cache policy.
    pub cache: Option<CachePolicy>,
    /// The value of `Content-Type`. The language that is minified follows from it.
    pub content_type: Option<ContentType>,
}

named! {
    /// The decision of a rule on publishing files.
    pub enum Publish {
        /// They are public, even if they would be left out. A file that may hold secrets, code of the
        /// server or configuration is public only if a rule contains its very path.
        Yes = "true",
        /// They are left out.
        No = "false",
    }
}

/// The names of the settings, in the order in which they are displayed.
const SETTINGS: [&str; 5] = ["minify", "encodings", "publish", "cache", "content-type"];

impl PathRule {
    /// Checks that the rule has paths and settings.
    fn checked(self) -> Result<Self, String> {
        let Self { paths, minify, encodings, publish, cache, content_type } = &self;
        let has_setting = minify.is_some()
            || encodings.is_some()
            || publish.is_some()
            || cache.is_some()
            || content_type.is_some();
        if paths.is_empty() {
            return Err("a rule needs `paths`, such as `/examples/**`".to_owned());
        }
        if !has_setting {
            let names = SETTINGS.map(|name| format!("`{name}`")).join(", ");
            return Err(format!("a rule needs a setting: one or more of {names}"));
        }
        Ok(self)
    }

    /// Returns the settings as on the command line.
    pub(crate) fn settings(&self) -> String {
        let Self { paths: _, minify, encodings, publish, cache, content_type } = self;
        let list =
            |names: Vec<&str>| if names.is_empty() { OFF.to_owned() } else { names.join(",") };
        let values = [
            minify.as_ref().map(|it| list(it.iter().map(|language| language.name()).collect())),
            encodings.as_ref().map(|it| list(it.iter().map(|coding| coding.token()).collect())),
            publish.map(|it| it.to_string()),
            cache.as_ref().map(policy),
            content_type.as_ref().map(ToString::to_string),
        ];
        let set = SETTINGS.iter().zip(values);
        let set = set.filter_map(|(name, value)| Some(format!("{name}={}", value?)));
        set.collect::<Vec<_>>().join(" ")
    }
}

impl fmt::Display for PathRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for path in &self.paths {
            write!(f, "{path} ")?;
        }
        f.write_str(&self.settings())
    }
}

impl FromStr for PathRule {
    type Err = String;

    /// Parses `PATHS SETTING=VALUE …`. Words that begin neither a path nor a setting belong to what
    /// is before them, since paths and values may contain spaces.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut paths = Vec::<String>::new();
        let mut values = Vec::<(&str, String)>::new();
        for word in text.split(' ') {
            let setting = word.split_once('=').filter(|(name, _)| SETTINGS.contains(name));
            match (setting, values.last_mut(), paths.last_mut()) {
                (Some((name, value)), ..) => values.push((name, value.to_owned())),
                (None, Some((_, value)), _) => value.extend([" ", word]),
                (None, None, _) if word.starts_with(['/', '*']) => paths.push(word.to_owned()),
                (None, None, Some(path)) => path.extend([" ", word]),
                (None, None, None) => {
                    return Err(format!("`{text}` does not begin with a path, such as `/fonts/*`"));
                }
            }
        }
        if values.is_empty() {
            // Most often the name of a setting is misspelt.
            let names = SETTINGS.map(|name| format!("`{name}=…`")).join(", ");
            return Err(format!("`{text}` has none of {names} after the path"));
        }
        let paths = paths.iter().map(|path| path.trim_end().parse());
        let mut rule = Self { paths: paths.collect::<Result<_, _>>()?, ..Self::default() };
        for (name, value) in values {
            let value = value.trim_end();
            match name {
                "minify" => rule.minify = Some(languages(&split(value))?),
                "encodings" => rule.encodings = Some(codings(&split(value))?),
                "publish" => rule.publish = Some(value.parse()?),
                "cache" => rule.cache = Some(value.parse()?),
                _ => rule.content_type = Some(value.parse()?),
            }
        }
        rule.checked()
    }
}

/// Returns a cache policy as it is written.
fn policy(policy: &CachePolicy) -> String {
    match policy {
        CachePolicy::Immutable => "immutable".to_owned(),
        CachePolicy::Revalidate => "revalidate".to_owned(),
        CachePolicy::NoStore => "no-store".to_owned(),
        CachePolicy::Custom(directives) => directives.clone(),
    }
}

fn split(list: &str) -> Vec<String> {
    list.split(',').map(str::to_owned).collect()
}

/// A rule as in `worker-pack.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Written {
    #[serde(deserialize_with = "one_or_many")]
    paths: Vec<String>,
    #[serde(default, deserialize_with = "some_list")]
    minify: Option<Vec<String>>,
    #[serde(default, deserialize_with = "some_list")]
    encodings: Option<Vec<String>>,
    publish: Option<bool>,
    cache: Option<CachePolicy>,
    content_type: Option<ContentType>,
}

fn some_list<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Vec<String>>, D::Error> {
    one_or_many(from).map(Some)
}

impl TryFrom<Written> for PathRule {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let Written { paths, minify, encodings, publish, cache, content_type } = written;
        let rule = Self {
            paths: paths.iter().map(|path| path.parse()).collect::<Result<_, _>>()?,
            minify: minify.map(|names| languages(&names)).transpose()?,
            encodings: encodings.map(|names| codings(&names)).transpose()?,
            publish: publish.map(|is_public| if is_public { Publish::Yes } else { Publish::No }),
            cache,
            content_type,
        };
        rule.checked()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_displayed_as_they_are_parsed() {
        for text in [
            "/examples/** minify=off",
            "/my files/* *.pem minify=html,css encodings=br,gzip publish=true",
            "/a encodings=off publish=false cache=immutable",
            "/a cache=no-store",
            "/a cache=public, s-maxage=60, stale-while-revalidate=5 content-type=text/html; charset=x",
        ] {
            assert_eq!(text.parse::<PathRule>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn faults_of_rules_are_named() {
        for (text, message) in [
            ("", "`` does not begin with a path"),
            ("fonts cache=immutable", "does not begin with a path"),
            ("/a", "has none of `minify=…`"),
            ("/a minfy=off", "has none of `minify=…`"),
            ("/a minify=off cahce=immutable", "`off cahce=immutable` is not one of"),
            ("/a minify=off,css", "`off` is not one of"),
            ("/a encodings=identity", "`identity` is not one of"),
            ("/a publish=yes", "`yes` is not one of"),
            ("/a cache=max-age:3", "is not a cache directive"),
            ("/a content-type=text", "`text` is not a media type"),
            ("/[ minify=off", "unclosed character class"),
        ] {
            let error = text.parse::<PathRule>().unwrap_err();
            assert!(error.contains(message), "{text}: {error}");
        }
    }
}
