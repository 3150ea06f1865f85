//! The import map of a page, and the URLs of the modules that others import.

use std::collections::BTreeMap;

use serde_json::Value;
use url::Url;

/// The import maps of a page, as one (HTML §8.1.6.2).
#[derive(Default)]
pub(super) struct ImportMap {
    imports: Imports,
    /// Those of the modules whose URL is a key, or begins with one that ends with a slash.
    scopes: BTreeMap<String, Imports>,
}

/// The targets of specifiers.
#[derive(Default)]
struct Imports(BTreeMap<String, Target>);

/// The target of a specifier in a map.
#[derive(Clone)]
enum Target {
    Url(Url),
    /// The import fails: the map has `null`, or what is not a URL.
    Blocked,
}

impl Target {
    fn of(url: Option<Url>) -> Self {
        url.map_or(Self::Blocked, Self::Url)
    }

    fn url(self) -> Option<Url> {
        match self {
            Self::Url(url) => Some(url),
            Self::Blocked => None,
        }
    }
}

impl ImportMap {
    /// Reads the maps of a page in their order. What an earlier one maps stays.
    pub(super) fn read(texts: &[String], base: &Url) -> Self {
        let mut all = Self::default();
        for text in texts {
            let map: Value = serde_json::from_str(text).unwrap_or_default();
            all.imports.add(map.get("imports"), base);
            let scopes = map.get("scopes").and_then(Value::as_object);
            for (prefix, imports) in scopes.into_iter().flatten() {
                if let Ok(prefix) = base.join(prefix) {
                    all.scopes.entry(prefix.into()).or_default().add(Some(imports), base);
                }
            }
        }
        all
    }

    /// Returns the URL of a specifier in a module or page. A bare name that no map has is none.
    pub(super) fn resolve(&self, specifier: &str, base: &Url) -> Option<Url> {
        let url = url_like(specifier, base);
        let key = url.as_ref().map_or(specifier, Url::as_str);
        let is_within = |scope: &&String| {
            base.as_str() == scope.as_str()
                || scope.ends_with('/') && base.as_str().starts_with(scope.as_str())
        };
        // The most specific scope comes first, and sorts last.
        let scopes = self.scopes.iter().rev().filter(|(scope, _)| is_within(scope));
        let mut maps = scopes.map(|(_, imports)| imports).chain([&self.imports]);
        maps.find_map(|imports| imports.get(key)).map_or(url, Target::url)
    }
}

impl Imports {
    fn add(&mut self, imports: Option<&Value>, base: &Url) {
        for (specifier, target) in imports.and_then(Value::as_object).into_iter().flatten() {
            let key = url_like(specifier, base).map_or_else(|| specifier.clone(), String::from);
            let url = target.as_str().and_then(|target| url_like(target, base));
            self.0.entry(key).or_insert(Target::of(url));
        }
    }

    /// Returns what the map says of a specifier, if it has it or a folder of it.
    fn get(&self, key: &str) -> Option<Target> {
        if let Some(target) = self.0.get(key) {
            return Some(target.clone());
        }
        let folders = self.0.iter().filter(|(prefix, _)| prefix.ends_with('/'));
        let matching = folders.filter_map(|(prefix, target)| {
            Some((prefix.len(), target, key.strip_prefix(prefix.as_str())?))
        });
        let (_, target, rest) = matching.max_by_key(|(len, ..)| *len)?;
        Some(Target::of(target.clone().url().and_then(|target| target.join(rest).ok())))
    }
}

/// Returns the URL of a specifier, unless it is a bare name.
fn url_like(specifier: &str, base: &Url) -> Option<Url> {
    let is_relative = ["/", "./", "../"].iter().any(|start| specifier.starts_with(start));
    if is_relative { base.join(specifier) } else { Url::parse(specifier) }
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
        let map = ImportMap::read(&[text.to_owned()], &base);
        let path = |specifier: &str| map.resolve(specifier, &base).map(|url| url.path().to_owned());
        assert_eq!(path("lib").as_deref(), Some("/lib.js"));
        assert_eq!(path("parts/x.js").as_deref(), Some("/a/p/x.js"));
        assert_eq!(path("/old.js").as_deref(), Some("/new.js"));
        assert_eq!(path("./own.js").as_deref(), Some("/a/own.js"));
        assert_eq!(path("unknown"), None);
        let broken = ImportMap::read(&["not json".to_owned()], &base);
        assert_eq!(broken.resolve("lib", &base), None);
    }

    #[test]
    fn the_map_of_the_innermost_scope_counts_and_an_earlier_map_stays() {
        let site = Url::parse("https://site.invalid/").unwrap();
        let first = r#"{ "imports": { "lib": "/lib.js", "off": null },
            "scopes": { "/a/": { "lib": "/a.js" }, "/a/b/": { "lib": "/b.js" }, "/c.js": { "off": "/on.js" } } }"#;
        let second = r#"{ "imports": { "lib": "/late.js", "own": "/own.js" } }"#;
        let map = ImportMap::read(&[first, second].map(str::to_owned), &site);
        let path = |specifier: &str, module: &str| {
            let url = map.resolve(specifier, &site.join(module).unwrap());
            url.map(|url| url.path().to_owned())
        };
        assert_eq!(path("lib", "/x.js").as_deref(), Some("/lib.js"));
        assert_eq!(path("lib", "/a/x.js").as_deref(), Some("/a.js"));
        assert_eq!(path("lib", "/a/b/x.js").as_deref(), Some("/b.js"));
        assert_eq!(path("own", "/a/x.js").as_deref(), Some("/own.js"));
        assert_eq!((path("off", "/x.js"), path("off", "/c.js")), (None, Some("/on.js".to_owned())));
    }
}
