//! Cache policies.

use worker_pack::Options;
use worker_pack::options::{CachePolicy, Compat, HtmlHandling};

use crate::support::site::{Site, get, warnings};

#[test]
fn hashed_files_are_immutable_unless_a_cache_policy_matches() {
    let site = Site::new(&[
        ("index.html", "<p>"),
        ("_astro/app.D4f5G6h7.js", "f()"),
        ("_astro/legacy.js", "f()"),
        ("fonts/a.woff2", "x"),
    ]);
    let cache =
        vec!["/fonts/*=immutable".parse().unwrap(), "/index.html=no-store".parse().unwrap()];
    let image = site
        .pack_with(Options { cache_policy: cache, ..Options::default() })
        .table()
        .to_memory()
        .unwrap();
    let table = image.table();
    let policy = |path: &str| get(&table, path).headers().get("Cache-Control").map(str::to_owned);
    assert_eq!(policy("/_astro/app.D4f5G6h7.js"), Some(CachePolicy::Immutable.to_string()));
    assert_eq!(policy("/_astro/legacy.js"), Some(CachePolicy::Revalidate.to_string()));
    assert_eq!(policy("/fonts/a.woff2"), Some(CachePolicy::Immutable.to_string()));
    assert_eq!(policy("/"), Some(CachePolicy::NoStore.to_string()));
}

#[test]
fn a_cache_policy_without_a_match_is_a_warning() {
    let site = Site::new(&[("index.html", "<p>"), ("about/index.html", "<p>")]);
    let cache = ["/=no-store", "/about/=no-store", "/fnots/*=immutable"];
    let cache = cache.map(|rule| rule.parse().unwrap()).into();
    let packed = site.pack_with(Options { cache_policy: cache, ..Options::default() });
    let warnings = warnings(&packed);
    assert_eq!(warnings.len(), 1);
    assert!(warnings[0].starts_with("/fnots/*: cache-policy/matches-nothing: "), "{warnings:?}");
}

#[test]
fn a_cache_policy_matches_the_url_that_html_handling_gives_a_page() {
    let site = Site::new(&[("about.html", "<p>")]);
    for (html_handling, url) in [
        (HtmlHandling::AutoTrailingSlash, "/about"),
        (HtmlHandling::ForceTrailingSlash, "/about/"),
        (HtmlHandling::None, "/about.html"),
    ] {
        let packed = site.pack_with(Options {
            compat: Some(Compat::Workers),
            html_handling: Some(html_handling),
            cache_policy: vec![format!("{url}=no-store").parse().unwrap()],
            ..Options::default()
        });
        let policy = &packed.table().entries()[0].cache_policy;
        assert_eq!(*policy, CachePolicy::NoStore, "{html_handling}");
        assert!(warnings(&packed).is_empty(), "{html_handling}: {:?}", warnings(&packed));
    }
}
