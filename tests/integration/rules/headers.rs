//! `_headers`. Section numbers are those of RFC 9110.

use worker_pack_runtime::{Method, Request};

use crate::http::{HOME, header, page};
use crate::support::site::{Site, get, warnings, workers};

/// Cloudflare's `_headers`: `set` replaces, later rules append, `!` removes.
#[test]
fn header_rules_apply_to_every_reply() {
    let site = Site::new(&[
        ("index.html", page()),
        ("a/b.txt", "b".to_owned()),
        (
            "_headers",
            "/*\n  x-frame-options: DENY\n  x-a: 1\n  cache-control: public, max-age=60\n  vary: Cookie\n\
             /a/:file\n  x-a: 2 :file\n  ! etag\n  set-cookie: a=1\n/:x/*\n  set-cookie: b=:splat\n\
             https://other.example/*\n  x-host: other\n"
                .to_owned(),
        ),
    ]);
    let image = site.pack_with(workers()).table().to_memory().unwrap();
    let table = image.table();
    let home = table.respond(&HOME).unwrap();
    assert_eq!(header(&home, "X-Frame-Options"), Some("DENY"));
    assert_eq!(header(&home, "Cache-Control"), Some("public, max-age=60"));
    assert_eq!(header(&home, "Vary"), Some("Accept-Encoding, Cookie"), "§12.5.5");
    let file = get(&table, "/a/b.txt");
    assert_eq!(header(&file, "x-a"), Some("1, 2 b.txt"));
    assert_eq!(header(&file, "ETag"), None);
    let cookies: Vec<&str> =
        file.headers().iter().filter(|(name, _)| *name == "set-cookie").map(|(_, v)| v).collect();
    assert_eq!(cookies, ["a=1", "b=b.txt"], "§5.3: `Set-Cookie` fields are not joined");

    let missing = get(&table, "/nope");
    assert_eq!((missing.status(), header(&missing, "x-frame-options")), (404, Some("DENY")));
    assert_ne!(header(&missing, "Cache-Control"), Some("public, max-age=60"));
    let redirect = get(&table, "/index");
    assert_eq!((redirect.status(), header(&redirect, "x-a")), (307, Some("1")));
    let refused = table.respond(&Request { method: Method::Other, ..HOME }).unwrap();
    assert_eq!((refused.status(), header(&refused, "x-a")), (405, Some("1")));

    let elsewhere = table.respond(&Request { host: Some("other.example"), ..HOME }).unwrap();
    assert_eq!(header(&elsewhere, "x-host"), Some("other"));
    assert_eq!(header(&home, "x-host"), None);
}

#[test]
fn rejected_header_rules_are_warnings_and_the_file_is_not_public() {
    let site = Site::new(&[("index.html", "<p>"), ("_headers", "/*\n  Content-Length: 3\n")]);
    let packed = site.pack_with(workers());
    let image = packed.table().to_memory().unwrap();
    assert_eq!(get(&image.table(), "/_headers").status(), 404);
    let warnings = warnings(&packed);
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert!(warnings[1].contains("_headers:2:1"), "{warnings:?}");
}
