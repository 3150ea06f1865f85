//! Cache policies of files.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::asset::route::RoutePath;

/// A rule for reusing a response, displayed as the value of `Cache-Control` (RFC 9111 §5.2).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum CachePolicy {
    /// Reusable for a year without revalidation, since the content never changes (RFC 8246).
    Immutable,
    /// Reusable after revalidation.
    Revalidate,
    /// Not to be stored.
    NoStore,
    /// The directives in the text.
    Custom(String),
}

impl fmt::Display for CachePolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Immutable => "public, max-age=31536000, immutable",
            Self::Revalidate => "public, max-age=0, must-revalidate",
            Self::NoStore => "no-store",
            Self::Custom(value) => value,
        })
    }
}

impl FromStr for CachePolicy {
    type Err = String;

    /// Parses `immutable`, `revalidate`, `no-store`, or a list of directives. A value that one of these
    /// names stands for is that policy.
    fn from_str(text: &str) -> Result<Self, String> {
        let named = [Self::Immutable, Self::Revalidate, Self::NoStore];
        if let Some(policy) = named.into_iter().find(|policy| policy.to_string() == text) {
            return Ok(policy);
        }
        match text {
            "immutable" => Ok(Self::Immutable),
            "revalidate" => Ok(Self::Revalidate),
            "no-store" => Ok(Self::NoStore),
            directives => match directives.split(',').find(|text| !is_directive(text)) {
                None => Ok(Self::Custom(directives.to_owned())),
                Some(directive) => Err(format!(
                    "`{}` is not a cache directive; write `name` or `name=value`, such as \
                     `public, max-age=60`, or one of `immutable`, `revalidate`, `no-store`",
                    directive.trim()
                )),
            },
        }
    }
}

/// Returns whether a text is `token [ "=" ( token / quoted-string ) ]` (RFC 9111 §5.2).
fn is_directive(text: &str) -> bool {
    let is_token = |text: &str| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        !text.is_empty() && text.bytes().all(allowed)
    };
    let is_quoted = |text: &str| {
        let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
        inner.is_some_and(|inner| {
            inner.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'"')
        })
    };
    match text.trim_matches([' ', '\t']).split_once('=') {
        None => is_token(text.trim_matches([' ', '\t'])),
        Some((name, value)) => is_token(name) && (is_token(value) || is_quoted(value)),
    }
}

impl TryFrom<String> for CachePolicy {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<CachePolicy> for String {
    fn from(policy: CachePolicy) -> Self {
        policy.to_string()
    }
}

impl CachePolicy {
    /// Returns the policy of a file that no rule has one for: immutable if Astro put a hash into its
    /// name, else revalidate.
    pub fn of(route: &RoutePath) -> Self {
        if is_hashed_by_astro(route) { Self::Immutable } else { Self::Revalidate }
    }
}

/// Returns whether a file name contains a hash from Astro's bundler: the file is below `_astro`, and
/// its name is `name.HASH.ext`, `name.HASH_variant.ext` (images) or `HASH.ext` (fonts).
///
/// Files that were put into `public/_astro` by hand have names without a hash.
fn is_hashed_by_astro(route: &RoutePath) -> bool {
    let below_astro = route.as_str().split('/').rev().skip(1).any(|folder| folder == "_astro");
    let mut parts = route.file_name().rsplit('.');
    let (Some(_extension), Some(hashed)) = (parts.next(), parts.next()) else { return false };
    let hash = match parts.next() {
        // `hero.Dk3jabcd_Z1a2b3c.webp`: the hash of the source image comes first.
        Some(_name) => hashed
            .get(..8)
            .filter(|hash| hashed.len() == hash.len() || hashed[hash.len()..].starts_with('_')),
        None => Some(hashed).filter(|name| name.len() >= 16 && name.bytes().all(is_hex)),
    };
    below_astro && hash.is_some_and(looks_random)
}

fn is_hex(byte: u8) -> bool {
    byte.is_ascii_hexdigit()
}

/// Returns whether a text can be a hash in URL-safe base64, and not a word or number such as
/// `Settings`, `thirteen` or `20240115`.
fn looks_random(text: &str) -> bool {
    let bytes = text.as_bytes();
    // A word may begin with a capital letter.
    let is_word = bytes.iter().skip(1).all(u8::is_ascii_lowercase);
    let is_number = bytes.iter().all(u8::is_ascii_digit);
    bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        && !is_word
        && !is_number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_hashed_by_astro_are_immutable_by_default() {
        for (path, policy) in [
            ("/_astro/Counter.D4f5G6h7.js", CachePolicy::Immutable),
            ("/_astro/index.B-_x9aZ0.css", CachePolicy::Immutable),
            ("/_astro/hero.Dk3jabcd_Z1a2b3c.webp", CachePolicy::Immutable),
            ("/docs/_astro/hero.Dk3jabcd.avif", CachePolicy::Immutable),
            ("/_astro/fonts/0123456789abcdef.woff2", CachePolicy::Immutable),
            ("/_astro/jquery.js", CachePolicy::Revalidate),
            ("/_astro/jquery.min.js", CachePolicy::Revalidate),
            ("/_astro/jquery.thirteen.js", CachePolicy::Revalidate),
            ("/_astro/page.Settings.js", CachePolicy::Revalidate),
            ("/_astro/release.20240115.js", CachePolicy::Revalidate),
            ("/assets/Counter.D4f5G6h7.js", CachePolicy::Revalidate),
            ("/index.html", CachePolicy::Revalidate),
        ] {
            assert_eq!(CachePolicy::of(&path.into()), policy, "{path}");
        }
    }

    #[test]
    fn values_that_are_not_cache_directives_are_rejected() {
        for value in
            ["max-age:300, private", "public,, max-age=1", "a b", "x\r\nSet-Cookie: a=b", ""]
        {
            assert!(value.parse::<CachePolicy>().is_err(), "{value:?}");
        }
        for value in ["public, s-maxage=60, stale-while-revalidate=5", "private=\"set-cookie\""] {
            assert!(value.parse::<CachePolicy>().is_ok(), "{value:?}");
        }
        for policy in [CachePolicy::Immutable, CachePolicy::Revalidate, CachePolicy::NoStore] {
            assert_eq!(policy.to_string().parse(), Ok(policy));
        }
    }
}
