//! The references of a web app manifest, each with its place: the pictures of the application and of its shortcuts
//! (Web Application Manifest §1.6, §1.12).

use std::ops::Range;

use jsonc_parser::ast::{Array, Object, ObjectPropName, Value};
use jsonc_parser::{CollectOptions, parse_to_ast};

use super::json::STRICT;
use super::reference::{Reference, References, Role};
use super::rewrite::{Insertion, is_rewritten};

/// Returns the references of a manifest. All else in it is inert: `start_url`, `id` and `scope` say which application
/// it is, and no program compares them with a file.
///
/// # Errors
/// If it is not JSON. Then browsers ignore it.
pub(crate) fn references(source: &str) -> Result<References, String> {
    // This parser bounds the depth.
    let _: serde_json::Value = serde_json::from_str(source).map_err(|error| error.to_string())?;
    let parsed = parse_to_ast(source, &CollectOptions::default(), &STRICT);
    let parsed = parsed.map_err(|error| error.to_string())?;
    let mut found = References::default();
    found.inert.push(0..source.len());
    if let Some(Value::Object(manifest)) = &parsed.value {
        add_pictures(manifest, source, &mut found);
        for shortcut in objects(manifest, "shortcuts") {
            add_pictures(shortcut, source, &mut found);
        }
    }
    Ok(found.sorted())
}

/// Returns whether two manifests are the same but for insertions in references.
pub(super) fn differ_by(before: &str, after: &str, insertions: &[Insertion]) -> bool {
    let (Ok(found), Ok(found_after)) = (references(before), references(after)) else {
        return false;
    };
    let is_in_reference =
        |it: &Insertion| found.all.iter().any(|reference| reference.range.contains(&it.at));
    let parse = |text| serde_json::from_str::<serde_json::Value>(text).ok();
    found.all.len() == found_after.all.len()
        && insertions.iter().all(is_in_reference)
        && match (parse(before), parse(after)) {
            (Some(one), Some(other)) => {
                is_rewritten(&one.to_string(), &other.to_string(), insertions)
            }
            _ => false,
        }
}

fn add_pictures(owner: &Object<'_>, source: &str, found: &mut References) {
    for list in ["icons", "screenshots"] {
        for picture in objects(owner, list) {
            for url in values(picture, "src") {
                let Value::StringLit(text) = url else { continue };
                found.all.push(Reference {
                    range: inside(text.range.start..text.range.end, source),
                    role: Role::Loaded,
                });
            }
        }
    }
}

/// Returns the place of a string without its quotes.
fn inside(Range { start, end }: Range<usize>, source: &str) -> Range<usize> {
    if source[start..end].starts_with('"') { start + 1..end - 1 } else { start..end }
}

/// Returns the values of a key. The last one counts, and the others do no harm.
fn values<'v, 'a>(owner: &'v Object<'a>, key: &'static str) -> impl Iterator<Item = &'v Value<'a>> {
    let is_named = move |name: &ObjectPropName<'_>| name.as_str() == key;
    owner.properties.iter().filter(move |one| is_named(&one.name)).map(|one| &one.value)
}

/// Returns the objects in the list with a key.
fn objects<'v, 'a>(
    owner: &'v Object<'a>,
    key: &'static str,
) -> impl Iterator<Item = &'v Object<'a>> {
    let lists = values(owner, key).filter_map(Value::as_array);
    lists.flat_map(|list: &Array<'_>| &list.elements).filter_map(Value::as_object)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_found_and_nothing_else() {
        let source = r#"{ "start_url": "/a.html", "id": "b.png", "icons": [{ "src": "c.png" }, {}, "d.png"],
            "screenshots": [{ "src": "/e.png", "label": "f.png" }], "share_target": { "icons": [{ "src": "g.png" }] },
            "shortcuts": [{ "url": "h.png", "icons": [{ "src": "i\/j.png" }] }], "src": "k.png" }"#;
        let found = references(source).unwrap();
        let urls: Vec<&str> = found.all.iter().map(|one| &source[one.range.clone()]).collect();
        assert_eq!(urls, ["c.png", "/e.png", r"i\/j.png"]);
    }

    #[test]
    fn texts_that_are_no_json_have_no_references() {
        for source in ["", "{", "{'icons': []}", "{\"icons\": [],}", "// a\n{}", "\u{feff}{}"] {
            assert!(references(source).is_err(), "{source}");
        }
        for source in ["[]", "1", "{\"icons\": {\"src\": \"a\"}}"] {
            assert_eq!(references(source).unwrap().all, [], "{source}");
        }
        let deep = "[".repeat(100_000);
        assert!(references(&deep).is_err());
    }
}
