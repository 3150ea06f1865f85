//! Range requests (RFC 9110 §14).

use worker_pack_runtime::{Method, Request};

use super::{HOME, MP3, header, site};

/// §14.2, §15.3.7, §15.5.17.
#[test]
fn a_range_of_an_identity_body_gets_206() {
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
    // Safari's first request for any audio or video.
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
    assert_eq!(table.respond(&head).unwrap().status(), 200, "ranges apply only to GET (§14.2)");
}

#[test]
fn ranges_of_encoded_bodies_are_ignored() {
    let site = site();
    let table = site.table();
    let range = Some("bytes=0-3");
    let identity = table.respond(&Request { range, accept_encoding: None, ..HOME }).unwrap();
    assert_eq!((identity.status(), identity.body().bytes().unwrap()), (206, b"<h1>".as_slice()));
    assert_eq!(header(&identity, "Vary"), Some("Accept-Encoding"));
    let encoded = table.respond(&Request { range, ..HOME }).unwrap();
    assert_eq!((encoded.status(), header(&encoded, "Accept-Ranges")), (200, None));
}
