//! Paths: canonical URLs of pages, percent-decoding, 404 pages.

use worker_pack_runtime::{Method, Request};

use super::{HOME, MP3, header, page, site};
use crate::support::site::{Site, get, workers};

#[test]
fn pages_have_one_url_and_other_spellings_redirect() {
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
fn missing_paths_get_the_nearest_404_page() {
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
        assert_eq!(header(&reply, "ETag"), None, "§13.2.1: preconditions do not apply to a 404");
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

    let bare =
        Site::new(&[("index.html", "<p>")]).pack_with(workers()).table().to_memory().unwrap();
    let bare = bare.table();
    assert_eq!(get(&bare, "/x").body().bytes().unwrap(), b"404 Not Found\n");
}

/// RFC 3986 §2.1 and §2.4: percent-decoding happens once.
#[test]
fn paths_are_decoded_once_and_malformed_ones_get_400() {
    let site = site();
    let table = site.table();
    let status = |path: &str| table.respond(&Request { path, ..MP3 }).map(|reply| reply.status());
    assert_eq!(status("/a%20b.txt"), Some(200));
    assert_eq!(status("/%74une.mp3"), Some(307), "redirected to the canonical spelling");
    assert_eq!(status("/a%2520b.txt"), None);
    for malformed in ["/%", "/a%2", "/a%zz", "/a%00", "/a%00b.txt"] {
        assert_eq!(status(malformed), Some(400), "{malformed}");
    }
    assert_eq!(status("/%FF"), None, "well-formed, but not the path of a file");
    assert_eq!(status("/x/../tune.mp3"), Some(200), "dot segments are removed, as browsers do");
}
