//! What clients are answered, rule by rule. Section numbers are those of RFC 9110 unless they say
//! otherwise.

use worker_pack::{Coding, Options, TableImage};
use worker_pack_runtime::{Method, Reply, Request};

use crate::support::site::{Site, get, workers};

fn page() -> String {
    format!("<h1>Page</h1>{}", "<p>All work and no play.</p>".repeat(40))
}

/// A page in three encodings, a file without any, and pages in each form that Astro writes.
fn site() -> TableImage {
    let site = Site::new(&[
        ("index.html", page().as_bytes()),
        ("about.html", b"<h1>about</h1>"),
        ("blog/index.html", b"<h1>blog</h1>"),
        ("blog/404.html", b"<h1>no such post</h1>"),
        ("404.html", page().as_bytes()),
        ("both.html", b"<h1>file</h1>"),
        ("both/index.html", b"<h1>folder</h1>"),
        ("tune.mp3", b"0123456789"),
        ("empty.txt", b""),
        ("a b.txt", b"space"),
    ]);
    let options = Options { encodings: Coding::ALL.into(), ..workers() };
    site.pack_with(options).table().to_image().unwrap()
}

fn header<'r>(reply: &'r Reply<'_>, name: &str) -> Option<&'r str> {
    reply.headers().get(name)
}

const MP3: Request<'static> = Request::new(Method::Get, "/tune.mp3");
const HOME: Request<'static> =
    Request { accept_encoding: Some("br, gzip"), ..Request::new(Method::Get, "/") };

#[test]
fn a_get_is_answered_with_content_and_its_fields() {
    let site = site();
    let table = site.table();
    let reply = table.respond(&HOME).unwrap();
    assert_eq!(reply.status(), 200);
    let names: Vec<&str> = reply.headers().iter().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        ["Content-Type", "Content-Length", "Content-Encoding", "Cache-Control", "ETag", "Vary"]
    );
    assert_eq!(header(&reply, "Content-Encoding"), Some("br"));
    assert_eq!(header(&reply, "Content-Length"), Some(&*reply.body().len().to_string()));
}

/// §9.3.2: the fields of a GET, without its content.
#[test]
fn head_has_the_fields_of_get_and_no_content() {
    let site = site();
    let table = site.table();
    for request in [HOME, MP3, Request { path: "/nowhere", ..MP3 }, Request { path: "/%", ..MP3 }] {
        let answer = |method| {
            let request = Request { method, ..request };
            table.respond(&request).unwrap_or_else(|| table.not_found(&request))
        };
        let (get, head) = (answer(Method::Get), answer(Method::Head));
        assert!(get.headers().iter().eq(head.headers().iter()));
        assert_eq!(get.status(), head.status());
        assert!(head.body().is_empty() && !get.body().is_empty());
    }
}

/// §15.5.6 and §9.3.7.
#[test]
fn other_methods_are_told_which_there_are() {
    let site = site();
    let table = site.table();
    let post = table.respond(&Request { method: Method::Other, ..HOME }).unwrap();
    assert_eq!((post.status(), header(&post, "Allow")), (405, Some("GET, HEAD, OPTIONS")));
    let options = table.respond(&Request { method: Method::Options, ..HOME }).unwrap();
    assert_eq!((options.status(), header(&options, "Allow")), (204, Some("GET, HEAD, OPTIONS")));
    let server = Request { method: Method::Options, path: "*", ..HOME };
    assert_eq!(table.respond(&server).unwrap().status(), 204);
    let unknown = Request { method: Method::Other, path: "/api/token", ..HOME };
    assert!(table.respond(&unknown).is_none(), "it is for the Worker's own code");
    assert_eq!(Method::from_token("get"), Method::Other, "methods are case-sensitive (§9.1)");
}

/// §12.5.3 and §12.5.5.
#[test]
fn the_encoding_is_negotiated_and_vary_says_so() {
    let site = site();
    let table = site.table();
    let mut tags = Vec::new();
    for (accepted, encoding) in [
        (Some("gzip, deflate, br, zstd"), Some("br")),
        (Some("gzip;q=1.0, br;q=0.5"), Some("gzip")),
        (Some("br;q=0, *"), Some("gzip")),
        (Some("identity"), None),
        (Some(""), None),
        (None, None),
    ] {
        let reply = table.respond(&Request { accept_encoding: accepted, ..HOME }).unwrap();
        assert_eq!(reply.status(), 200);
        assert_eq!(header(&reply, "Content-Encoding"), encoding, "{accepted:?}");
        assert_eq!(header(&reply, "Vary"), Some("Accept-Encoding"));
        tags.push(header(&reply, "ETag").unwrap().to_owned());
    }
    tags.sort();
    tags.dedup();
    assert_eq!(tags.len(), 3, "each representation has a tag of its own (§8.8.3.3)");
    let mp3 = table.respond(&Request { accept_encoding: Some("br"), ..MP3 }).unwrap();
    assert_eq!(header(&mp3, "Vary"), None, "there is only one representation");
}

/// §15.5.7: only where identity is refused and nothing else fits.
#[test]
fn a_client_that_refuses_everything_gets_406() {
    let site = site();
    let table = site.table();
    for refusal in ["identity;q=0, br;q=0, gzip;q=0", "*;q=0", "zstd, *;q=0"] {
        let reply = table.respond(&Request { accept_encoding: Some(refusal), ..HOME }).unwrap();
        assert_eq!((reply.status(), header(&reply, "Vary")), (406, Some("Accept-Encoding")));
    }
    let br_only = table.respond(&Request { accept_encoding: Some("br, *;q=0"), ..HOME }).unwrap();
    assert_eq!(br_only.status(), 200);
    let mp3 = table.respond(&Request { accept_encoding: Some("br, *;q=0"), ..MP3 }).unwrap();
    assert_eq!(mp3.status(), 406, "it has no Brotli representation");
}

/// §13.1.2 and §15.4.5.
#[test]
fn if_none_match_is_answered_304_with_the_fields_that_update_a_cache() {
    let site = site();
    let table = site.table();
    let tag = header(&table.respond(&HOME).unwrap(), "ETag").unwrap().to_owned();
    for list in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}"), "*".to_owned()] {
        for method in [Method::Get, Method::Head] {
            let request = Request { method, if_none_match: Some(&list), ..HOME };
            let reply = table.respond(&request).unwrap();
            assert_eq!((reply.status(), reply.body().is_empty()), (304, true), "{list}");
            let fields: Vec<(&str, &str)> = reply.headers().iter().collect();
            let policy = ("Cache-Control", "public, max-age=0, must-revalidate");
            assert_eq!(fields, [policy, ("ETag", &tag), ("Vary", "Accept-Encoding")]);
        }
    }
    let other_coding = Request { accept_encoding: Some("gzip"), if_none_match: Some(&tag), ..HOME };
    assert_eq!(table.respond(&other_coding).unwrap().status(), 200, "another representation");
    let unquoted = Request { if_none_match: Some(tag.trim_matches('"')), ..HOME };
    assert_eq!(table.respond(&unquoted).unwrap().status(), 200);
}

/// §13.1.1 and §13.2.2: `If-Match` goes first, by strong comparison.
#[test]
fn if_match_that_fails_is_answered_412() {
    let site = site();
    let table = site.table();
    let tag = header(&table.respond(&HOME).unwrap(), "ETag").unwrap().to_owned();
    let status = |if_match: &str| {
        let request = Request { if_match: Some(if_match), if_none_match: Some(&tag), ..HOME };
        table.respond(&request).unwrap().status()
    };
    assert_eq!(status("\"x\""), 412);
    assert_eq!(status(&format!("W/{tag}")), 412);
    assert_eq!(status(&format!("\"x\", {tag}")), 304, "then If-None-Match is looked at");
    assert_eq!(status("*"), 304);
    let failed = table.respond(&Request { if_match: Some("\"x\""), ..HOME }).unwrap();
    assert_eq!(header(&failed, "Vary"), Some("Accept-Encoding"));
}

/// §14.2, §15.3.7, §15.5.17.
#[test]
fn a_range_of_an_identity_body_is_answered_206() {
    let site = site();
    let table = site.table();
    let ask = |range: &'static str| table.respond(&Request { range: Some(range), ..MP3 }).unwrap();
    let reply = ask("bytes=2-4");
    assert_eq!((reply.status(), reply.body().bytes().unwrap()), (206, b"234".as_slice()));
    assert_eq!(header(&reply, "Content-Range"), Some("bytes 2-4/10"));
    assert_eq!(header(&reply, "Content-Length"), Some("3"));
    assert_eq!(header(&reply, "Content-Type"), Some("audio/mpeg"));
    assert_eq!(header(&reply, "Accept-Ranges"), Some("bytes"));
    assert!(header(&reply, "ETag").is_some() && header(&reply, "Cache-Control").is_some());
    // The first request of Safari for any audio or video.
    assert_eq!(header(&ask("bytes=0-1"), "Content-Range"), Some("bytes 0-1/10"));
    assert_eq!(ask("bytes=-3").body().bytes().unwrap(), b"789");
    assert_eq!(ask("bytes=8-99").body().bytes().unwrap(), b"89");

    let beyond = ask("bytes=10-");
    assert_eq!((beyond.status(), header(&beyond, "Content-Range")), (416, Some("bytes */10")));
    for ignored in ["bytes=0-1,4-5", "bytes=5-2", "items=0-1", "bytes=x"] {
        let reply = ask(ignored);
        assert_eq!((reply.status(), reply.body().len()), (200, 10), "{ignored}");
    }
    let head = Request { method: Method::Head, range: Some("bytes=0-1"), ..MP3 };
    assert_eq!(table.respond(&head).unwrap().status(), 200, "ranges are for GET alone (§14.2)");
}

#[test]
fn a_range_of_a_page_is_honoured_on_identity_and_ignored_on_an_encoded_body() {
    let site = site();
    let table = site.table();
    let range = Some("bytes=0-3");
    let identity = table.respond(&Request { range, accept_encoding: None, ..HOME }).unwrap();
    assert_eq!((identity.status(), identity.body().bytes().unwrap()), (206, b"<h1>".as_slice()));
    assert_eq!(header(&identity, "Vary"), Some("Accept-Encoding"));
    let encoded = table.respond(&Request { range, ..HOME }).unwrap();
    assert_eq!((encoded.status(), header(&encoded, "Accept-Ranges")), (200, None));
}

/// §13.1.5.
#[test]
fn if_range_wants_exactly_the_strong_tag() {
    let site = site();
    let table = site.table();
    let tag = header(&table.respond(&MP3).unwrap(), "ETag").unwrap().to_owned();
    let status = |if_range: &str| {
        let request = Request { range: Some("bytes=0-1"), if_range: Some(if_range), ..MP3 };
        table.respond(&request).unwrap().status()
    };
    assert_eq!(status(&tag), 206);
    for other in [&format!("W/{tag}"), "\"x\"", "Sun, 22 Nov 2026 00:00:00 GMT"] {
        assert_eq!(status(other), 200, "{other}");
    }
}

#[test]
fn pages_are_found_at_their_own_url_and_other_spellings_redirect() {
    let site = site();
    let table = site.table();
    for (path, status, location) in [
        ("/", 200, None),
        ("/index", 307, Some("/")),
        ("/index.html", 307, Some("/")),
        ("/about", 200, None),
        ("/about.html", 307, Some("/about")),
        ("/about/", 307, Some("/about")),
        ("/about/index.html", 307, Some("/about")),
        ("/blog/", 200, None),
        ("/blog", 307, Some("/blog/")),
        ("/blog.html", 307, Some("/blog/")),
        ("/blog/index", 307, Some("/blog/")),
        ("/blog/index.html", 307, Some("/blog/")),
        ("/404", 200, None),
        ("/tune.mp3", 200, None),
        ("/tune.mp3/", 404, None),
        ("/About", 404, None),
        ("//about", 307, Some("/about")),
        ("/index/", 307, Some("/index")),
        ("/.html", 404, None),
        ("/both/index", 307, Some("/both/")),
        ("/both/index.html", 307, Some("/both/")),
        ("/both.html", 307, Some("/both")),
        ("/both", 200, None),
        ("/both/", 200, None),
    ] {
        let reply = get(&table, path);
        assert_eq!((reply.status(), header(&reply, "Location")), (status, location), "{path}");
    }
    let request = Request { query: Some("a=b&c"), ..Request::new(Method::Get, "/blog") };
    assert_eq!(header(&table.respond(&request).unwrap(), "Location"), Some("/blog/?a=b&c"));
    let foreign = Request { query: Some("é=\u{1f980}&b=%20"), ..request };
    let expected = "/blog/?%C3%A9=%F0%9F%A6%80&b=%20";
    assert_eq!(header(&table.respond(&foreign).unwrap(), "Location"), Some(expected));
    let post = Request { method: Method::Other, ..request };
    assert_eq!(table.respond(&post).unwrap().status(), 405);
}

#[test]
fn a_path_without_an_asset_gets_the_nearest_404_page() {
    let site = site();
    let table = site.table();
    for (path, body) in [
        ("/blog/x/y", "<h1>no such post</h1>".to_owned()),
        ("/blog/x", "<h1>no such post</h1>".to_owned()),
        ("/blogger/x", page()),
        ("/x", page()),
    ] {
        let reply = get(&table, path);
        assert_eq!(
            (reply.status(), reply.body().bytes().unwrap()),
            (404, body.as_bytes()),
            "{path}"
        );
        assert_eq!(header(&reply, "ETag"), None, "§13.2.1: preconditions are not for a 404");
    }
    let request =
        Request { path: "/x", if_none_match: Some("*"), range: Some("bytes=0-1"), ..HOME };
    assert!(table.respond(&request).is_none());
    let reply = table.not_found(&request);
    assert_eq!((reply.status(), header(&reply, "Content-Encoding")), (404, Some("br")));
    assert_eq!(header(&reply, "Vary"), Some("Accept-Encoding"));

    let refusing = Request { accept_encoding: Some("*;q=0"), ..request };
    let reply = table.not_found(&refusing);
    assert_eq!(
        (reply.status(), reply.body().bytes().unwrap()),
        (404, b"404 Not Found\n".as_slice())
    );

    let bare = Site::new(&[("index.html", "<p>")]).pack_with(workers()).table().to_image().unwrap();
    let bare = bare.table();
    assert_eq!(get(&bare, "/x").body().bytes().unwrap(), b"404 Not Found\n");
}

/// RFC 3986 §2.1 and §2.4: decoded once.
#[test]
fn paths_are_decoded_once_and_refused_where_they_cannot_be() {
    let site = site();
    let table = site.table();
    let status = |path: &str| table.respond(&Request { path, ..MP3 }).map(|reply| reply.status());
    assert_eq!(status("/a%20b.txt"), Some(200));
    assert_eq!(status("/%74une.mp3"), Some(307), "to the one way to write it");
    assert_eq!(status("/a%2520b.txt"), None);
    for malformed in ["/%", "/a%2", "/a%zz", "/a%00", "/a%00b.txt"] {
        assert_eq!(status(malformed), Some(400), "{malformed}");
    }
    assert_eq!(status("/%FF"), None, "well-formed, and the name of nothing");
    assert_eq!(status("/x/../tune.mp3"), Some(200), "as browsers would have sent it");
}

#[test]
fn an_empty_file_is_answered_like_any_other() {
    let site = site();
    let table = site.table();
    let empty = Request { path: "/empty.txt", ..MP3 };
    let reply = table.respond(&empty).unwrap();
    assert_eq!((reply.status(), header(&reply, "Content-Length")), (200, Some("0")));
    let range = table.respond(&Request { range: Some("bytes=0-0"), ..empty }).unwrap();
    assert_eq!((range.status(), header(&range, "Content-Range")), (416, Some("bytes */0")));
}

/// Cloudflare's `_headers`: `set` replaces, later rules append, `!` removes.
#[test]
fn header_rules_change_the_fields_of_every_answer() {
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
    let image = site.pack_with(workers()).table().to_image().unwrap();
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
    assert_eq!(cookies, ["a=1", "b=b.txt"], "§5.3: cookies are not joined");

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
fn a_rule_that_is_not_taken_is_warned_of_and_the_file_is_not_public() {
    let site = Site::new(&[("index.html", "<p>"), ("_headers", "/*\n  Content-Length: 3\n")]);
    let packed = site.pack_with(workers());
    let image = packed.table().to_image().unwrap();
    assert_eq!(get(&image.table(), "/_headers").status(), 404);
    let warnings = crate::support::site::warnings(&packed);
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert!(warnings[1].contains("_headers:2:1"), "{warnings:?}");
}
