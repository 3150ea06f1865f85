//! The sources that a directive of a policy allows (CSP3 §2.3.1).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256, Sha384, Sha512};
use url::Url;

use crate::inspection::pages::reading::is_own;
use crate::transform::html::inventory::{PageReference, Purpose};

/// The sources of a directive.
#[derive(Debug)]
pub(super) struct SourceList<'p>(Vec<&'p str>);

/// A form of code within a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Inline {
    Element,
    SpeculationRules,
    /// An attribute, for which hashes count with `'unsafe-hashes'` only.
    Attribute,
}

impl<'p> SourceList<'p> {
    pub(super) fn of(sources: &'p str) -> Self {
        Self(sources.split_ascii_whitespace().collect())
    }

    fn has(&self, keyword: &str) -> bool {
        self.0.iter().any(|source| source.eq_ignore_ascii_case(keyword))
    }

    /// Returns whether the list has `'unsafe-inline'` for browsers that do not know the rest of it: it has
    /// `'strict-dynamic'` with a nonce or a hash too (CSP3 §8.2).
    pub(super) fn is_made_for_older_browsers(&self) -> bool {
        let is_exact = |source: &&str| hash_of(source).is_some() || nonce_of(source).is_some();
        self.has("'strict-dynamic'") && self.0.iter().any(is_exact)
    }

    /// Returns what turns `'unsafe-inline'` off, if the list has both (CSP3 §6.7.3.2).
    pub(super) fn ignores_unsafe_inline(&self) -> Option<&'static str> {
        let by = if self.0.iter().any(|source| hash_of(source).is_some()) {
            "a hash"
        } else if self.0.iter().any(|source| nonce_of(source).is_some()) {
            "a nonce"
        } else if self.has("'strict-dynamic'") {
            "`'strict-dynamic'`"
        } else {
            return None;
        };
        self.has("'unsafe-inline'").then_some(by)
    }

    /// Returns whether the list allows code within a page (CSP3 §6.7.3.3).
    pub(super) fn allows_inline(&self, inline: Inline, code: &str, nonce: Option<&str>) -> bool {
        if self.has("'unsafe-inline'") && self.ignores_unsafe_inline().is_none() {
            return true;
        }
        if inline == Inline::SpeculationRules && self.has("'inline-speculation-rules'") {
            return true;
        }
        if inline == Inline::Attribute && !self.has("'unsafe-hashes'") {
            return false;
        }
        let is_nonce = |source: &str| nonce_of(source).is_some_and(|own| nonce == Some(own));
        inline != Inline::Attribute && self.0.iter().any(|source| is_nonce(source))
            || self.0.iter().filter_map(|source| hash_of(source)).any(|hash| hash.is_of(code))
    }

    /// Returns whether the list allows a page to load a URL (CSP3 §6.7.2.7).
    pub(super) fn allows_url(&self, url: &Url, load: &PageReference) -> bool {
        let is_code = matches!(load.purpose, Purpose::Script | Purpose::Module | Purpose::Style);
        let is_nonce =
            |source: &&str| nonce_of(source).is_some_and(|own| load.nonce.as_deref() == Some(own));
        if is_code && self.0.iter().any(is_nonce) {
            return true;
        }
        // Every hash in `integrity` has to be listed (CSP3 §6.7.2.3).
        if let (Purpose::Script | Purpose::Module, Some(integrity)) =
            (load.purpose, &load.integrity)
        {
            let is_listed =
                |hash: &str| self.0.iter().any(|source| source.trim_matches('\'').eq(hash));
            if integrity.split_ascii_whitespace().all(is_listed) {
                return true;
            }
        }
        // It trusts what a script loads, and not what is written in the page (CSP3 §6.7.1.1).
        if self.has("'strict-dynamic'") {
            match load.purpose {
                Purpose::Script => return false,
                Purpose::Module => return true,
                _ => {}
            }
        }
        self.0.iter().any(|source| matches_source(source, url))
    }
}

/// Returns whether a source of a list is that of a URL (CSP3 §6.7.2.8).
fn matches_source(source: &str, url: &Url) -> bool {
    let is_network = matches!(url.scheme(), "http" | "https" | "ws" | "wss");
    if source == "*" {
        return is_network;
    }
    if source.eq_ignore_ascii_case("'self'") {
        return is_own(url);
    }
    if source.starts_with('\'') {
        return false;
    }
    let scheme_fits = |scheme: &str| {
        let scheme = scheme.to_ascii_lowercase();
        scheme == url.scheme()
            || scheme == "http" && url.scheme() == "https"
            || scheme == "ws" && url.scheme() == "wss"
    };
    if let Some(scheme) = source.strip_suffix(':') {
        return scheme_fits(scheme);
    }
    let (scheme, rest) = match source.split_once("://") {
        Some((scheme, rest)) => (Some(scheme), rest),
        None => (None, source),
    };
    if scheme.is_some_and(|scheme| !scheme_fits(scheme)) || !is_network {
        return false;
    }
    // The host of the site is unknown: a source with a host may be it.
    if is_own(url) {
        return true;
    }
    let (authority, path) = match rest.find('/') {
        Some(at) => rest.split_at(at),
        None => (rest, ""),
    };
    let host = authority.split(':').next().unwrap_or_default().to_ascii_lowercase();
    let own = url.host_str().unwrap_or_default();
    let host_fits = match host.strip_prefix("*.") {
        Some(parent) => own.strip_suffix(parent).is_some_and(|rest| rest.ends_with('.')),
        None => host == "*" || host == own,
    };
    let path_fits = path.is_empty()
        || path == "/"
        || path.ends_with('/') && url.path().starts_with(path)
        || url.path() == path;
    host_fits && path_fits
}

/// A hash in a list.
struct Hash<'s> {
    algorithm: &'s str,
    value: String,
}

impl Hash<'_> {
    fn is_of(&self, code: &str) -> bool {
        let digest = match self.algorithm {
            "sha256" => STANDARD.encode(Sha256::digest(code)),
            "sha384" => STANDARD.encode(Sha384::digest(code)),
            _ => STANDARD.encode(Sha512::digest(code)),
        };
        digest == self.value
    }
}

/// Reads a source such as `'sha256-…'`. Both alphabets of base64 are allowed.
fn hash_of(source: &str) -> Option<Hash<'static>> {
    let inner = source.strip_prefix('\'')?.strip_suffix('\'')?;
    let (name, value) = inner.split_once('-')?;
    let algorithms = ["sha256", "sha384", "sha512"];
    let algorithm = algorithms.into_iter().find(|it| name.eq_ignore_ascii_case(it))?;
    Some(Hash { algorithm, value: value.replace('-', "+").replace('_', "/") })
}

fn nonce_of(source: &str) -> Option<&str> {
    let inner = source.strip_prefix('\'')?.strip_suffix('\'')?;
    let name = inner.get(..6)?;
    name.eq_ignore_ascii_case("nonce-").then(|| &inner[6..])
}

/// Returns the source that allows code by its hash.
pub(super) fn hash_source(code: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(code)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(sources: &str, code: &str) -> bool {
        SourceList::of(sources).allows_inline(Inline::Element, code, None)
    }

    #[test]
    fn inline_code_needs_its_hash_unless_all_is_allowed() {
        let hash = hash_source("run()");
        assert!(allows(&hash, "run()") && !allows(&hash, "run() "));
        assert!(allows("'self' 'unsafe-inline'", "run()"));
        assert!(!allows(&format!("'unsafe-inline' {hash}"), "stop()"), "a hash turns it off");
        assert!(!allows("'none'", "run()") && !allows("*", "run()"));
        let attribute =
            |sources: &str| SourceList::of(sources).allows_inline(Inline::Attribute, "run()", None);
        assert!(!attribute(&hash) && attribute(&format!("'unsafe-hashes' {hash}")));
    }

    fn allows_image(sources: &str, url: &str) -> bool {
        let load = PageReference {
            url: url.to_owned(),
            purpose: Purpose::Image,
            nonce: None,
            integrity: None,
            offset: 0,
        };
        SourceList::of(sources).allows_url(&Url::parse(url).unwrap(), &load)
    }

    #[test]
    fn scripts_load_more_scripts_under_a_policy_that_trusts_them() {
        let allows = |purpose: Purpose| {
            let url = "https://site.invalid/a.js".to_owned();
            let parsed = Url::parse(&url).unwrap();
            let load = PageReference { url, purpose, nonce: None, integrity: None, offset: 0 };
            SourceList::of("'self' 'strict-dynamic' 'nonce-a'").allows_url(&parsed, &load)
        };
        assert!(!allows(Purpose::Script) && allows(Purpose::Module) && allows(Purpose::Image));
    }

    #[test]
    fn urls_are_matched_by_scheme_host_and_path() {
        assert!(allows_image("'self'", "https://site.invalid/a.png"));
        assert!(!allows_image("'self'", "https://cdn.example/a.png"));
        assert!(allows_image("https:", "https://cdn.example/a.png"));
        assert!(allows_image("http://cdn.example", "https://cdn.example/a.png"));
        assert!(allows_image("*.example", "https://cdn.example/a.png"));
        assert!(!allows_image("*.example", "https://example/a.png"));
        assert!(allows_image("cdn.example/img/", "https://cdn.example/img/a.png"));
        assert!(!allows_image("cdn.example/img", "https://cdn.example/img/a.png"));
        assert!(!allows_image("*", "data:image/png,") && allows_image("data:", "data:image/png,"));
    }
}
