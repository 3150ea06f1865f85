//! The import map of a page, and the URLs of the modules that others import.

use std::collections::BTreeMap;

use url::Url;

/// The import map of a page (HTML §8.1.6.2). Scopes are not read.
#[derive(Default)]
pub(super) struct ImportMap(BTreeMap<String, Url>);

impl ImportMap {
    pub(super) fn read(text: Option<&str>, base: &Url) -> Self {
        let map: serde_json::Value =
            text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        let imports = map.get("imports").and_then(serde_json::Value::as_object);
        let pairs = imports.into_iter().flatten().filter_map(|(specifier, target)| {
            let key = url_like(specifier, base).map_or_else(|| specifier.clone(), String::from);
            Some((key, url_like(target.as_str()?, base)?))
        });
        Self(pairs.collect())
    }

    /// Returns the URL of a specifier. A bare name that the map does not have is none.
    pub(super) fn resolve(&self, specifier: &str, base: &Url) -> Option<Url> {
        let url = url_like(specifier, base);
        let key = url.as_ref().map_or(specifier, Url::as_str);
        if let Some(target) = self.0.get(key) {
            return Some(target.clone());
        }
        let folders = self.0.iter().filter(|(prefix, _)| prefix.ends_with('/'));
        let longest = folders
            .filter_map(|(prefix, target)| {
                Some((prefix.len(), target, key.strip_prefix(prefix.as_str())?))
            })
            .max_by_key(|(len, ..)| *len);
        match longest {
            Some((_, target, rest)) => target.join(rest).ok(),
            None => url,
        }
    }
}

/// Returns the URL of a specifier, unless it is a bare name.
fn url_like(specifier: &str, base: &Url) -> Option<Url> {
    if specifier.starts_with(['/', '.']) { base.join(specifier) } else { Url::parse(specifier) }
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bare_names_and_folders_are_mapped() {
        let base = Url::parse("https://site.invalid/a/").unwrap();
        let text = r#"{ "imports": { "lib": "/lib.js", "parts/": "./p/", "/old.js": "/new.js" } }"#;
        let map = ImportMap::read(Some(text), &base);
        let path = |specifier: &str| map.resolve(specifier, &base).map(|url| url.path().to_owned());
        assert_eq!(path("lib").as_deref(), Some("/lib.js"));
        assert_eq!(path("parts/x.js").as_deref(), Some("/a/p/x.js"));
        assert_eq!(path("/old.js").as_deref(), Some("/new.js"));
        assert_eq!(path("./own.js").as_deref(), Some("/a/own.js"));
        assert_eq!(path("unknown"), None);
        assert_eq!(ImportMap::read(Some("not json"), &base).resolve("lib", &base), None);
    }
}
