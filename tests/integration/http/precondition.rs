//! Conditional requests (RFC 9110 §13).

use worker_pack_runtime::{Method, Request};

use super::{HOME, MP3, header, site};

/// §13.1.2 and §15.4.5.
#[test]
fn a_matching_if_none_match_gets_304_with_the_fields_for_caches() {
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

/// §13.1.1 and §13.2.2: `If-Match` comes first and compares strongly.
#[test]
fn a_failed_if_match_gets_412() {
    let site = site();
    let table = site.table();
    let tag = header(&table.respond(&HOME).unwrap(), "ETag").unwrap().to_owned();
    let status = |if_match: &str| {
        let request = Request { if_match: Some(if_match), if_none_match: Some(&tag), ..HOME };
        table.respond(&request).unwrap().status()
    };
    assert_eq!(status("\"x\""), 412);
    assert_eq!(status(&format!("W/{tag}")), 412);
    assert_eq!(status(&format!("\"x\", {tag}")), 304, "If-None-Match comes second");
    assert_eq!(status("*"), 304);
    let failed = table.respond(&Request { if_match: Some("\"x\""), ..HOME }).unwrap();
    assert_eq!(header(&failed, "Vary"), Some("Accept-Encoding"));
}

/// §13.1.5.
#[test]
fn if_range_requires_the_strong_tag() {
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
