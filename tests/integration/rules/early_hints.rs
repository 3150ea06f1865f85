//! Early Hints (RFC 8297).

use worker_pack::Options;
use worker_pack::options::EarlyHints;
use worker_pack_runtime::{Method, Request, Table};

use crate::support::site::{Site, get};

/// RFC 8288 for the syntax of `Link`.
#[test]
fn early_hints_list_what_a_page_preloads() {
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
        (
            "mapped.html",
            "<script type=importmap>{}</script><link rel=modulepreload href=/lib.js>\
             <link rel=preload as=style href=/e.css>"
                .to_owned(),
        ),
        ("_headers", "/docs/*\n  Link: </d.css>; rel=preload; as=style\n".to_owned()),
    ]);
    let link =
        |table: &Table<'_>, path: &str| get(table, path).headers().get("Link").map(str::to_owned);
    let plain = site.pack().table().to_memory().unwrap();
    assert_eq!(link(&plain.table(), "/"), None);
    let options = Options { early_hints: EarlyHints::On, ..Options::default() };
    let packed = site.pack_with(options);
    let image = packed.table().to_memory().unwrap();
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
    assert_eq!(
        link(&table, "/mapped").as_deref(),
        Some("</e.css>; rel=\"preload\"; as=style"),
        "Firefox reads no import map after it has begun to load a module"
    );
    assert_eq!(link(&table, "/many").unwrap().matches("rel=").count(), 16);
    let notes: Vec<String> = packed.report().diagnostics.iter().map(ToString::to_string).collect();
    assert!(
        notes.iter().any(|note| note.contains("4 links are not sent as Early Hints")),
        "{notes:?}"
    );
    let known =
        table.respond(&Request { if_none_match: Some("*"), ..Request::new(Method::Get, "/") });
    assert_eq!(known.unwrap().headers().get("Link"), None, "a 304 has no links");
}

/// A template has no effect until a script inserts it (HTML §4.12.3).
#[test]
fn links_that_a_browser_does_not_follow_are_no_early_hints() {
    let link = "<link rel=preload as=image href=/a.png>";
    for (number, page) in [
        format!("<template>{link}</template>"),
        format!("<body><div><template><p><template>{link}</template>{link}</template>"),
        format!("<template shadowrootmode=open>{link}</template>"),
        format!("<head><template>{link}</template></head>"),
        format!("<table><tr><template>{link}</template></table>"),
        format!("<noscript>{link}</noscript>"),
        format!("<iframe srcdoc=\"{link}\"></iframe>"),
        format!("<svg>{}</svg>", link.replace("link", "svg:link")),
        format!("<script type=text/template>{link}</script>"),
        format!("<textarea>{link}</textarea><!--{link}-->"),
    ]
    .into_iter()
    .enumerate()
    {
        let site = Site::new(&[("index.html", page)]);
        let packed = site.pack_with(Options { early_hints: EarlyHints::On, ..Options::default() });
        let image = packed.table().to_memory().unwrap();
        assert_eq!(get(&image.table(), "/").headers().get("Link"), None, "page {number}");
    }
    let site = Site::new(&[("index.html", format!("<template></template><body>{link}"))]);
    let packed = site.pack_with(Options { early_hints: EarlyHints::On, ..Options::default() });
    let image = packed.table().to_memory().unwrap();
    assert!(get(&image.table(), "/").headers().get("Link").is_some());
}
