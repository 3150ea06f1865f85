//! `_redirects`: replies, and warnings for rejected rules.

use worker_pack::Options;
use worker_pack::options::Fidelity;
use worker_pack_runtime::{Method, Request};

use super::{location, pages};
use crate::support::site::{Site, get, warnings, workers};

#[test]
fn redirects_precede_files_and_lead_to_their_targets() {
    let site = Site::new(&[
        ("index.html", "home"),
        ("docs/index.html", "docs"),
        ("old.html", "never seen"),
        (
            "_redirects",
            "/old /docs/ 301\n/plain /docs/\n/elsewhere https://a.example/x?y=z#w 308\n\
             /query /docs/?a=b 303\n/blog/* /notes/:splat 302\n/p/:year/:slug /posts/:slug-:year 307\n\
             /app/* /docs/ 200\n/gone/* /nothing/ 200\n/docs/* /docs/:splat 200\n/docs/* /no/ 302\n\
             /late /docs/\n",
        ),
    ]);
    for options in [workers(), pages()] {
        let image = site.pack_with(options).table().to_memory().unwrap();
        let table = image.table();
        for (target, status, expected) in [
            ("/old", 301, "/docs/"),
            ("/old?x=1", 301, "/docs/?x=1"),
            ("/plain", 302, "/docs/"),
            ("/elsewhere?own=1", 308, "https://a.example/x?y=z#w"),
            ("/query?own=1", 303, "/docs/?a=b"),
            ("/blog/a/b?c", 302, "/notes/a/b?c"),
            ("/blog/", 302, "/notes/"),
            ("/p/2026/words", 307, "/posts/words-2026"),
            ("/late", 302, "/docs/"),
        ] {
            assert_eq!(location(&table, target), (status, Some(expected.to_owned())), "{target}");
        }
        let post = Request::new(Method::Other, "/old");
        assert_eq!(table.respond(&post).unwrap().status(), 301, "redirects apply to every method");
        let rewritten = get(&table, "/app/any/where");
        assert_eq!((rewritten.status(), rewritten.body().bytes()), (200, Some(b"docs".as_slice())));
        // A rewrite to the same path hides later rules.
        assert_eq!(get(&table, "/docs/").body().bytes(), Some(b"docs".as_slice()));
        let nothing = table.respond(&Request::new(Method::Get, "/gone/x"));
        assert!(nothing.is_some(), "a rewrite to a missing file is answered as well");
    }
}

/// A `Location` such as `//host` would lead to another site.
#[test]
fn no_request_path_redirects_to_another_host() {
    let site = Site::new(&[("index.html", ""), ("_redirects", "/go/* /:splat 302\n")]);
    for options in [workers(), pages()] {
        let image = site.pack_with(options).table().to_memory().unwrap();
        for target in ["/go//evil.example/x", "/go/\\evil.example", "/go///evil.example"] {
            let (_, location) = location(&image.table(), target);
            let location = location.unwrap();
            assert!(
                location.starts_with('/') && !location[1..].starts_with(['/', '\\']),
                "{location}"
            );
        }
    }
    // With strict fidelity it does, as on Pages.
    let strict = Options { fidelity: Fidelity::Strict, ..pages() };
    let image = site.pack_with(strict).table().to_memory().unwrap();
    let (_, location) = location(&image.table(), "/go//evil.example/x");
    assert_eq!(location.as_deref(), Some("https://evil.example/x"));
}

#[test]
fn rejected_redirects_are_warnings_with_their_line() {
    let site = Site::new(&[
        ("index.html", ""),
        (
            "_redirects",
            "/a /b\n/a /c\n/one\n/two /x 418\nhttps://a.example/x /y\n/x ftp://a.example\n\
             /self /self\n/round /trip\n/trip /round\n/index.html/ /index\n/w https://a.example 200\n\
             /twice/*/x/* /y\n/docs/* /new/:splat\n/docs/late /y\n/fine /b\n\
             /more/* /more/and/:splat\n",
        ),
    ]);
    let packed = site.pack_with(workers());
    let found = warnings(&packed);
    let line = |text: &String| text.split("_redirects:").nth(1)?.split(':').next()?.parse().ok();
    let mut lines: Vec<u32> = found.iter().filter_map(line).collect();
    lines.sort_unstable();
    assert_eq!(lines, [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 16], "{found:#?}");
    let shadowed = |text: &String| text.contains("`/docs/*` in line 13 matches first");
    assert!(found.iter().any(shadowed), "{found:#?}");
    let image = packed.table().to_memory().unwrap();
    for refused in ["/self", "/round", "/trip", "/twice/1/x/2", "/one"] {
        assert_eq!(location(&image.table(), refused), (404, None), "{refused}");
    }
    assert_eq!(location(&image.table(), "/fine"), (302, Some("/b".to_owned())));
}
