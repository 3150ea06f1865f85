//! `_redirects`: replies, and warnings for rejected rules.

use proptest::prelude::*;
use url::Url;
use worker_pack::Options;
use worker_pack::options::{Compat, Fidelity};
use worker_pack_runtime::{
    Asset, Behaviour, ETag, Method, Redirect as RuntimeRedirect, Representation, Request, Table,
};

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

/// The site that requests in the tests below are sent to.
const ORIGIN: &str = "https://site.example";

/// Returns the host that a browser asks next, if the reply to a path redirects.
fn next_host(table: &Table<'_>, path: &str) -> Option<String> {
    let url = [ORIGIN, path].concat();
    let request = Request::from_url(Method::Get, &url);
    let reply = table.respond_to_server(&request);
    let location = reply.headers().get("Location")?;
    let next = Url::parse(&url).unwrap().join(location);
    Some(next.ok()?.host_str().unwrap_or_default().to_owned())
}

/// All but strict Pages, which leads to other hosts as Pages does.
fn safe_behaviours() -> impl Iterator<Item = Behaviour> {
    [
        (Compat::Workers, Fidelity::Improved),
        (Compat::Workers, Fidelity::Strict),
        (Compat::Pages, Fidelity::Improved),
    ]
    .into_iter()
    .map(|(compat, fidelity)| Behaviour { compat, fidelity, ..Behaviour::DEFAULT })
}

#[test]
fn no_request_path_redirects_to_another_host() {
    let rules = "/a* /:splat\n/r/:a-:b/* /:a:b/:splat\n/go/* /\\:splat\n/s/* /x/..//:splat\n\
                 /d/:a/* /:a/:splat\n/p/* //:splat\n/fixed /\\evil.example\n/moved //evil.example/x\n";
    let site = Site::new(&[("index.html", ""), ("_redirects", rules)]);
    for options in [workers(), pages(), Options { fidelity: Fidelity::Strict, ..workers() }] {
        let image = site.pack_with(options).table().to_memory().unwrap();
        for path in [
            "/a..//evil.example",
            "/a.//evil.example",
            "/a%2e%2e//evil.example",
            "/a%2e/\\evil.example",
            "/a/..//evil.example",
            "/a../..//evil.example",
            "/a\t//evil.example",
            "/r/.-./evil.example",
            "/r/.-.//evil.example",
            "/r/%2e-%2e//evil.example",
            "/go/evil.example",
            "/go//evil.example",
            "/go/\\evil.example",
            "/s/evil.example",
            "/d/../evil.example",
            "/d/%2e%2e//evil.example",
            "/d/..;//evil.example",
            "/p/evil.example",
            "/fixed",
            "/moved",
            "//evil.example/..",
            "/%2fevil.example",
            "/%5cevil.example",
            "/index.html/..//evil.example/index",
        ] {
            let host = next_host(&image.table(), path);
            assert!(host.is_none_or(|host| host == "site.example"), "{path}");
        }
    }
    // With strict fidelity it does, as on Pages.
    let strict = Options { fidelity: Fidelity::Strict, ..pages() };
    let image = site.pack_with(strict).table().to_memory().unwrap();
    assert_eq!(next_host(&image.table(), "/a//evil.example").as_deref(), Some("evil.example"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn no_request_and_no_relative_rule_redirect_to_another_host(
        from in "/(x|:a|:b|-|/|[*]){0,5}",
        to in "/(x|:a|:b|:splat|/|[.\\\\@:]|%2f|%5c|[?]|#){0,6}",
        path in "/(x|-|/|[.\\\\@:]|%2e|%2f|%5c|%09|\t|evil[.]example|:splat|index|[.]html){0,8}",
        status in prop::sample::select(vec![200_u16, 301, 302]),
    ) {
        let rule = [RuntimeRedirect::new(&from, &to, status, 1)];
        let page = Representation::identity(ETag::new(1), b"page");
        let assets = ["/evil.example/index.html", "/index.html", "/x.html"]
            .map(|path| Asset::new(path, "text/html", "no-cache", page));
        for behaviour in safe_behaviours() {
            for (fixed, dynamic) in [(&rule[..], &[][..]), (&[], &rule)] {
                let table = Table::new(&assets).with_redirects(fixed, dynamic).with_behaviour(behaviour);
                let host = next_host(&table, &path);
                prop_assert!(host.is_none_or(|host| host == "site.example"));
            }
        }
    }
}

#[test]
fn hosts_in_rules_are_written_as_clients_send_them() {
    let site = Site::new(&[
        ("index.html", "home"),
        (
            "_redirects",
            "/b https://B\u{fc}cher.example/x\n/s/:a https://:a.b\u{fc}cher.example/\n\
             /c https://a\u{1}.example/\n/d/:a https://:a\u{1}.example/\n/e/:a https://:a<.example/\n",
        ),
        (
            "_headers",
            "https://B\u{fc}cher.example/*\n  X-A: b\nhttps://*\u{1}.example/*\n  X-C: d\n",
        ),
    ]);
    let packed = site.pack_with(workers());
    let found = warnings(&packed);
    for line in ["_redirects:3", "_redirects:4", "_redirects:5", "_headers:3"] {
        assert!(found.iter().any(|text| text.contains(line)), "{line}: {found:#?}");
    }
    let image = packed.table().to_memory().unwrap();
    let table = image.table();
    let to = |path| location(&table, path).1.unwrap();
    assert_eq!(to("/b"), "https://xn--bcher-kva.example/x");
    assert_eq!(to("/s/shop"), "https://shop.xn--bcher-kva.example/");
    let request = Request::from_url(Method::Get, "https://xn--bcher-kva.example/x");
    assert_eq!(table.not_found(&request).headers().get("X-A"), Some("b"));
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
