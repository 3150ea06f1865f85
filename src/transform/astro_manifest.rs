//! The references in the manifest of Astro's server: the URLs that the server writes into the pages that it renders.
//!
//! Astro passes the manifest to `deserializeManifest`, as an object of texts in a module of the server. The URLs are
//! relative to the `base` of the site; those that routes of Astro 5 load begin with it.

use std::ops::Range;

use super::javascript::{Object, TextLiteral, Texts};
use super::reference::{Base, Reference, References, Role};

/// The property with the URL of each script that a page may load, by the name of its module.
const SCRIPTS: &str = "entryModules";

/// The property with what the pages of each route load.
const ROUTES: &str = "routes";

/// The properties of a style sheet and of a script in a route that are URLs, if their type is the next one.
const LOADED: [&str; 2] = ["src", "value"];

/// The type of what a route loads from a file. Others are code in the page.
const FROM_FILE: (&str, &str) = ("type", "external");

/// The property with the paths of all public files, by which the server knows which requests are not for a page.
const PUBLIC: &str = "assets";

/// The property with the URL of another host, from which pages load the files.
const OTHER_HOST: &str = "assetsPrefix";

/// Returns the references of the manifest in a module of a server. Returns `None` if the module has none, or files come
/// from another host.
pub(crate) fn references(module: &str) -> Option<References> {
    if ![SCRIPTS, ROUTES, PUBLIC].iter().all(|name| module.contains(name)) {
        return None;
    }
    let texts = Texts::of(module, &[SCRIPTS, FROM_FILE.0]).ok()?;
    let property = |object: &Object, name: &str| -> Option<Range<usize>> {
        object.iter().find(|(one, _)| one == name).map(|(_, value)| value.clone())
    };
    let mut manifests = texts.objects.iter().filter_map(|object| {
        let [scripts, routes, public, base] =
            [SCRIPTS, ROUTES, PUBLIC, "base"].map(|name| property(object, name));
        Some((object, scripts?, routes?, public?, base?))
    });
    let (object, scripts, routes, public, base) = manifests.next()?;
    if manifests.next().is_some() || property(object, OTHER_HOST).is_some() {
        return None;
    }
    let is_in = |text: &TextLiteral, value: &Range<usize>| value.contains(&text.range.start);
    let base = texts.all.iter().find(|text| is_in(text, &base))?;
    let is_from_file = |text: &TextLiteral| {
        let owner = texts.objects.iter().find(|object| {
            object.iter().any(|(name, value)| LOADED.contains(&&**name) && is_in(text, value))
        });
        let kind = owner.and_then(|object| property(object, FROM_FILE.0));
        kind.is_some_and(|kind| module[kind].trim_matches(['"', '\'', '`']) == FROM_FILE.1)
    };
    // A text without a property is the name of one.
    let is_url = |text: &&TextLiteral| {
        text.property.is_some()
            && (is_in(text, &scripts) || is_in(text, &routes) && is_from_file(text))
    };
    let urls = texts.all.iter().filter(is_url);
    let is_module = |text: &&TextLiteral| is_in(text, &scripts) && text.property.is_none();
    let modules = texts.all.iter().filter(is_module).map(|text| text.range.clone());
    let reference =
        |text: &TextLiteral| Reference { range: text.range.clone(), role: Role::Loaded };
    let href = format!("{}/", base.value.trim_end_matches('/'));
    Some(
        References {
            base: Base::Written { href, at: 0 },
            all: urls.map(reference).collect(),
            inert: modules.chain([public]).collect(),
        }
        .sorted(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = r#"const m = deserializeManifest({"base":"/docs","routes":[{"scripts":[{"type":"external","value":"_astro/page.1.js"}],"styles":[{"type":"external","src":"_astro/base.2.css"},{"type":"inline","content":"_astro/not.3.css"}],"routeData":{"route":"/src"}}],"entryModules":{"/src/a.ts":"_astro/a.4.js","astro:scripts/before-hydration.js":""},"assets":["/_astro/a.4.js"],"inlinedScripts":[["/src/b.ts","import '/_astro/b.5.js'"]]});"#;

    fn urls(module: &str) -> Vec<&str> {
        let references = references(module).expect("it has a manifest");
        references.all.iter().map(|one| &module[one.range.clone()]).collect()
    }

    #[test]
    fn urls_of_scripts_and_of_what_routes_load_are_references() {
        let expected = ["_astro/page.1.js", "_astro/base.2.css", "_astro/a.4.js", ""];
        assert_eq!(urls(MANIFEST), expected);
        let found = references(MANIFEST).unwrap();
        assert_eq!(found.base, Base::Written { href: "/docs/".to_owned(), at: 0 });
        let inert: Vec<&str> = found.inert.iter().map(|range| &MANIFEST[range.clone()]).collect();
        let modules = ["/src/a.ts", "astro:scripts/before-hydration.js"];
        assert_eq!(inert, [modules[0], modules[1], r#"["/_astro/a.4.js"]"#]);
    }

    #[test]
    fn a_manifest_that_a_minifier_has_written_is_read_too() {
        let module = "let m=d({base:`/`,routes:[{styles:[{type:`external`,src:`_astro/b.css`}]}],\
                      entryModules:{\"/a.ts\":`_astro/a.js`},assets:[`/_astro/a.js`]})";
        assert_eq!(urls(module), ["_astro/b.css", "_astro/a.js"]);
    }

    #[test]
    fn code_in_a_route_is_no_url() {
        let module = MANIFEST.replacen("external", "inline", 1);
        assert_eq!(urls(&module), ["_astro/base.2.css", "_astro/a.4.js", ""]);
    }

    #[test]
    fn files_of_another_host_and_two_manifests_have_no_references() {
        let elsewhere =
            MANIFEST.replace("\"base\"", "\"assetsPrefix\":\"https://files.example\",\"base\"");
        for module in [&*elsewhere, &MANIFEST.replace("const m", "f").repeat(2), "const a = 1"] {
            assert_eq!(references(module), None, "{module}");
        }
    }
}
