//! GET, HEAD and other methods (RFC 9110 §9).

use worker_pack_runtime::{Method, Request};

use super::{HOME, MP3, header, site};

#[test]
fn get_returns_content_with_its_header_fields() {
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

/// §9.3.2: the fields of GET, without its content.
#[test]
fn head_returns_the_fields_of_get_without_content() {
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
fn unsupported_methods_get_405_with_allow() {
    let site = site();
    let table = site.table();
    let post = table.respond(&Request { method: Method::Other, ..HOME }).unwrap();
    assert_eq!((post.status(), header(&post, "Allow")), (405, Some("GET, HEAD, OPTIONS")));
    let options = table.respond(&Request { method: Method::Options, ..HOME }).unwrap();
    assert_eq!((options.status(), header(&options, "Allow")), (204, Some("GET, HEAD, OPTIONS")));
    let server = Request { method: Method::Options, path: "*", ..HOME };
    assert_eq!(table.respond(&server).unwrap().status(), 204);
    let unknown = Request { method: Method::Other, path: "/api/token", ..HOME };
    assert!(table.respond(&unknown).is_none(), "left to the Worker's own code");
    assert_eq!(Method::from_token("get"), Method::Other, "methods are case-sensitive (§9.1)");
}

#[test]
fn an_empty_file_gets_200_with_length_0() {
    let site = site();
    let table = site.table();
    let empty = Request { path: "/empty.txt", ..MP3 };
    let reply = table.respond(&empty).unwrap();
    assert_eq!((reply.status(), header(&reply, "Content-Length")), (200, Some("0")));
    let range = table.respond(&Request { range: Some("bytes=0-0"), ..empty }).unwrap();
    assert_eq!((range.status(), header(&range, "Content-Range")), (416, Some("bytes */0")));
}
