//! Content negotiation (RFC 9110 §12.5).

use worker_pack_runtime::Request;

use super::{HOME, MP3, header, site};

/// §12.5.3 and §12.5.5.
#[test]
fn content_codings_are_negotiated_with_vary() {
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
    assert_eq!(tags.len(), 3, "each representation has its own tag (§8.8.3.3)");
    let mp3 = table.respond(&Request { accept_encoding: Some("br"), ..MP3 }).unwrap();
    assert_eq!(header(&mp3, "Vary"), None, "there is only one representation");
}

/// §15.5.7: 406 only if identity and every other coding is refused.
#[test]
fn refusing_every_coding_gets_406() {
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
