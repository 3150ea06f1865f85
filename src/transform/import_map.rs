//! The references of an import map, each with its place (HTML §8.1.6.2): the modules that names lead to.

use std::ops::Range;

use jsonc_parser::ast::{ObjectProp, Value};
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, parse_to_ast};

use super::json::{self, STRICT};
use super::reference::{Reference, References, Role};

/// Returns the references of an import map. One that is not JSON has none, and browsers ignore it. URLs that are keys,
/// such as those of `integrity`, are no references: a browser compares them with those of modules.
pub(crate) fn references(source: &str) -> References {
    // This parser bounds the depth.
    let parsed = json::check(source).ok().and_then(|()| {
        parse_to_ast(source, &CollectOptions::default(), &STRICT).ok().and_then(|it| it.value)
    });
    let mut found = References::default();
    let Some(Value::Object(map)) = &parsed else { return found };
    for ObjectProp { name, value, .. } in &map.properties {
        match name.as_str() {
            "imports" => add_modules(value, source, &mut found),
            "scopes" => {
                let scopes = value.as_object().into_iter().flat_map(|scopes| &scopes.properties);
                scopes.for_each(|scope| add_modules(&scope.value, source, &mut found));
            }
            _ => {}
        }
    }
    found.sorted()
}

/// Adds the URLs that the names of an object lead to.
fn add_modules(names: &Value<'_>, source: &str, found: &mut References) {
    for ObjectProp { value, .. } in names.as_object().into_iter().flat_map(|it| &it.properties) {
        let Value::StringLit(url) = value else { continue };
        let Range { start, end } = url.start()..url.end();
        let range = start + 1..end - 1;
        // Any other address is none, or that of another host.
        if ["/", "./", "../"].iter().any(|start| source[range.clone()].starts_with(start)) {
            found.all.push(Reference { range, role: Role::Loaded });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_that_names_lead_to_are_found_and_keys_are_not() {
        let source = r#"{ "imports": { "a": "/a.js", "/b.js": "./c.js", "d": "d.js", "e": "https://f/g.js", "h": null },
            "scopes": { "/i/": { "j": "../k.js" }, "/l/": "/m.js" }, "integrity": { "/n.js": "sha256-/o.js" } }"#;
        let found = references(source);
        let urls: Vec<&str> = found.all.iter().map(|one| &source[one.range.clone()]).collect();
        assert_eq!(urls, ["/a.js", "./c.js", "../k.js"]);
    }

    #[test]
    fn texts_that_are_no_import_maps_have_no_references() {
        for source in [
            "",
            "[]",
            "{'imports':{}}",
            "{\"imports\":[\"/a.js\"]}",
            "{\"imports\":{\"a\":\"/a.js\"},}",
        ] {
            assert_eq!(references(source).all, [], "{source}");
        }
        assert_eq!(references(&"[".repeat(100_000)).all, []);
    }
}
