//! `_redirects`, and whose rules are followed: what clients are answered, and what authors are told.

use proptest::prelude::*;
use worker_pack::{Compat, EarlyHints, Fidelity, HtmlHandling, NotFoundHandling, Options};
use worker_pack_runtime::{Method, Request, Table};

use crate::support::site::{Site, get, warnings, workers};

fn pages() -> Options {
    Options { compat: Some(Compat::Pages), ..Options::default() }
}

/// Returns the status and the location that a request target is answered with.
fn location(table: &Table<'_>, target: &str) -> (u16, Option<String>) {
    let (path, query) = match target.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (target, None),
    };
    let request = Request { query, ..Request::new(Method::Get, path) };
    let reply = table.respond(&request).unwrap_or_else(|| table.not_found(&request));
    (reply.status(), reply.headers().get("Location").map(str::to_owned))
}

#[test]
fn redirects_come_before_files_and_lead_where_they_say() {
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
        let image = site.pack_with(options).table().to_image().unwrap();
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
        assert_eq!(table.respond(&post).unwrap().status(), 301, "for every method");
        let rewritten = get(&table, "/app/any/where");
        assert_eq!((rewritten.status(), rewritten.body().bytes()), (200, Some(b"docs".as_slice())));
        // A rewrite to itself keeps later rules away.
        assert_eq!(get(&table, "/docs/").body().bytes(), Some(b"docs".as_slice()));
        let nothing = table.respond(&Request::new(Method::Get, "/gone/x"));
        assert!(nothing.is_some(), "a rewrite is an answer, even where nothing is");
    }
}

/// A path like `//host` would be the name of another site.
#[test]
fn no_path_names_another_site() {
    let site = Site::new(&[("index.html", ""), ("_redirects", "/go/* /:splat 302\n")]);
    for options in [workers(), pages()] {
        let image = site.pack_with(options).table().to_image().unwrap();
        for target in ["/go//evil.example/x", "/go/\\evil.example", "/go///evil.example"] {
            let (_, location) = location(&image.table(), target);
            let location = location.unwrap();
            assert!(
                location.starts_with('/') && !location[1..].starts_with(['/', '\\']),
                "{location}"
            );
        }
    }
    // To the letter, Pages does lead there.
    let strict = Options { fidelity: Fidelity::Strict, ..pages() };
    let image = site.pack_with(strict).table().to_image().unwrap();
    let (_, location) = location(&image.table(), "/go//evil.example/x");
    assert_eq!(location.as_deref(), Some("https://evil.example/x"));
}

#[test]
fn what_is_not_taken_is_told_with_its_line() {
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
    let shadowed = |text: &String| text.contains("`/docs/*` in line 13 comes first");
    assert!(found.iter().any(shadowed), "{found:#?}");
    let image = packed.table().to_image().unwrap();
    for refused in ["/self", "/round", "/trip", "/twice/1/x/2", "/one"] {
        assert_eq!(location(&image.table(), refused), (404, None), "{refused}");
    }
    assert_eq!(location(&image.table(), "/fine"), (302, Some("/b".to_owned())));
}

#[test]
fn rules_of_any_length_and_with_any_bytes_are_read_or_refused() {
    let long = format!("/a /b\r\n/{} /c\r\n\0/nul /d\r\n/x\u{feff} /e\r\n", "l".repeat(100_000));
    let headers: Vec<String> = (0..200).map(|n| format!("/{n}\n  x-n: {n}\n")).collect();
    let headers = headers.concat();
    let headers = format!("\u{feff}/*\r\n  x-a: b\rset-cookie: c\r\n  x-z: \0\r\n{headers}");
    let site = Site::new(&[
        ("index.html", b"" as &[u8]),
        ("_redirects", long.as_bytes()),
        ("_headers", headers.as_bytes()),
    ]);
    let packed = site.pack_with(workers());
    let found = warnings(&packed);
    for part in ["_redirects:2", "_headers:2", "_headers:3", "_headers:206"] {
        assert!(found.iter().any(|text| text.contains(part)), "{part}: {found:#?}");
    }
    let image = packed.table().to_image().unwrap();
    assert_eq!(location(&image.table(), "/a"), (302, Some("/b".to_owned())));
    let table = image.table();
    let home = get(&table, "/");
    for (name, value) in home.headers().iter() {
        assert!(!value.contains(['\r', '\n', '\0']), "{name}: {value:?}");
    }
}

/// What people have on Pages: 308, three more fields, one page for all where there is no 404 page.
#[test]
fn a_plain_site_is_answered_as_on_pages() {
    let app = Site::new(&[("index.html", "app"), ("about.html", "about")]);
    let image = app.pack().table().to_image().unwrap();
    let table = image.table();
    assert_eq!(location(&table, "/about.html"), (308, Some("/about".to_owned())));
    let unknown = get(&table, "/any/where");
    assert_eq!((unknown.status(), unknown.body().bytes()), (200, Some(b"app".as_slice())));
    for (name, value) in [
        ("Access-Control-Allow-Origin", "*"),
        ("Referrer-Policy", "strict-origin-when-cross-origin"),
        ("X-Content-Type-Options", "nosniff"),
    ] {
        assert_eq!(unknown.headers().get(name), Some(value));
    }
    app.write("404.html", "nothing");
    let image = app.pack().table().to_image().unwrap();
    let table = image.table();
    let unknown = get(&table, "/any/where");
    assert_eq!((unknown.status(), unknown.headers().get("Cache-Control")), (404, Some("no-store")));
}

#[test]
fn the_options_of_wrangler_are_stated_once() {
    let assets = [("about.html", "about"), ("index.html", "home")];
    for (name, text) in [
        (
            "wrangler.jsonc",
            r#"{ /* mine */ "assets": { "directory": "dist", "html_handling": "force-trailing-slash", "not_found_handling": "single-page-application" } }"#,
        ),
        (
            "wrangler.toml",
            "[assets]\ndirectory = \"dist\"\nhtml_handling = \"force-trailing-slash\"\nnot_found_handling = \"single-page-application\"\n",
        ),
    ] {
        let site = Site::new(&assets);
        std::fs::write(site.project().join(name), text).unwrap();
        let image = site.pack().table().to_image().unwrap();
        let table = image.table();
        assert_eq!(location(&table, "/about"), (307, Some("/about/".to_owned())), "{name}");
        assert_eq!(get(&table, "/any/where").status(), 200, "{name}");
        // What is asked for wins.
        let options = Options {
            html_handling: Some(HtmlHandling::DropTrailingSlash),
            not_found_handling: Some(NotFoundHandling::None),
            ..Options::default()
        };
        let image = site.pack_with(options).table().to_image().unwrap();
        let table = image.table();
        assert_eq!(location(&table, "/about/"), (307, Some("/about".to_owned())), "{name}");
        assert_eq!(get(&table, "/any/where").status(), 404, "{name}");
    }
    let site = Site::new(&assets);
    let text = r#"{ "assets": { "html_handling": "slashes" } }"#;
    std::fs::write(site.project().join("wrangler.jsonc"), text).unwrap();
    let error = site.try_pack(Options::default()).unwrap_err().to_string();
    assert!(error.contains("wrangler.jsonc") && error.contains("html_handling"), "{error}");
}

/// RFC 8297, and RFC 8288 for the field.
#[test]
fn pages_send_ahead_what_they_load_if_that_is_asked_for() {
    let many: Vec<String> =
        (0..20).map(|n| format!("<link rel=preload as=image href=/{n}.png>")).collect();
    let site = Site::new(&[
        (
            "index.html",
            "<link rel=preload as=font href=/f.woff2 type=font/woff2 crossorigin>\
             <link rel='modulepreload' href=lib.js><link rel=preconnect href=https://cdn.example>\
             <link rel=preload as=style href=/a.css media=print><link rel=stylesheet href=/b.css>\
             <link rel=preload as=image href=data:image/gif;base64,x>"
                .to_owned(),
        ),
        (
            "docs/index.html",
            "<base href=/assets/><link rel=preload as=style href=c.css>".to_owned(),
        ),
        ("many.html", many.concat()),
        ("_headers", "/docs/*\n  Link: </d.css>; rel=preload; as=style\n".to_owned()),
    ]);
    let link =
        |table: &Table<'_>, path: &str| get(table, path).headers().get("Link").map(str::to_owned);
    let plain = site.pack().table().to_image().unwrap();
    assert_eq!(link(&plain.table(), "/"), None);
    let options = Options { early_hints: EarlyHints::On, ..Options::default() };
    let packed = site.pack_with(options);
    let image = packed.table().to_image().unwrap();
    let table = image.table();
    assert_eq!(
        link(&table, "/").as_deref(),
        Some(
            "</f.woff2>; rel=\"preload\"; as=font; crossorigin; type=\"font/woff2\", \
             <lib.js>; rel=\"modulepreload\", <https://cdn.example>; rel=\"preconnect\""
        )
    );
    assert_eq!(
        link(&table, "/docs/").as_deref(),
        Some("</assets/c.css>; rel=\"preload\"; as=style, </d.css>; rel=preload; as=style")
    );
    assert_eq!(link(&table, "/many").unwrap().matches("rel=").count(), 16);
    let notes: Vec<String> = packed.report().diagnostics.iter().map(ToString::to_string).collect();
    assert!(notes.iter().any(|note| note.contains("4 of its links")), "{notes:?}");
    let known =
        table.respond(&Request { if_none_match: Some("*"), ..Request::new(Method::Get, "/") });
    assert_eq!(known.unwrap().headers().get("Link"), None, "a 304 has nothing to load");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_rules_and_no_path_make_a_table_panic(
        rules in "(/|[a-z:*# .\\r\\n\\x00é%?]| /|https://| 200| 301){0,80}",
        path in "/[a-z/%.é*:\\\\ ]{0,24}",
        compat in 0..2_usize,
        strict in 0..2_usize,
    ) {
        let site = Site::new(&[("index.html", b"<p>" as &[u8]), ("_redirects", rules.as_bytes())]);
        let options = Options {
            compat: Some(Compat::ALL[compat]),
            fidelity: Fidelity::ALL[strict],
            ..Options::default()
        };
        let image = site.pack_with(options).table().to_image().unwrap();
        let (status, location) = location(&image.table(), &path);
        prop_assert!((200..=405).contains(&status));
        if let Some(location) = location {
            prop_assert!(location.is_ascii() && !location.contains(['\r', '\n', '\0']), "{:?}", location);
        }
    }
}
