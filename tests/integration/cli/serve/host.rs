//! The field `Host`. Section numbers are those of RFC 9112.

use super::{BODY, ask, serving};
use crate::support::server::Server;

/// RFC 9112 §3.2. A comma, which the syntax allows, is refused too: it comes from joined lines.
#[test]
fn invalid_and_repeated_hosts_get_400_with_a_type() {
    let (_site, server) = serving();
    let with = |fields: &[u8]| {
        let request = [b"GET /tune.mp3 HTTP/1.1\r\n", fields, b"\r\n"].concat();
        ask(&server, request)
    };
    let mut refused: Vec<Vec<u8>> = vec![
        b"".into(),
        b"Host: a\r\nHost: a\r\n".into(),
        b"Host: a\r\nHost: b\r\n".into(),
        b"Host:\r\nHost: a\r\n".into(),
        b"Host: a\r\nAccept: */*\r\nhOST: b\r\n".into(),
        b"Host: b\xc3\xbccher.example\r\n".into(),
        b"Host: b\xfccher.example\r\n".into(),
        b"Host: a\tb\r\n".into(),
    ];
    let hosts = [
        "a b",
        "a,b",
        "a, b",
        "user@a",
        "user:secret@a",
        "[::1",
        "::1",
        "[::1]x",
        "[]",
        "a:port",
        "a:99999",
        "a:-1",
        "a:1:2",
        "a/",
        "a/b",
        "a?b",
        "a#b",
        "a\\b",
        "http://a",
        "%",
        "a%zz",
        "<a>",
        ":80",
        "a\"",
        "[a]",
        "a|b",
        "{a}",
        "a^",
        "a`b",
    ];
    refused.extend(hosts.map(|host| format!("Host: {host}\r\n").into_bytes()));
    for fields in refused {
        let shown = String::from_utf8_lossy(&fields).into_owned();
        let response = with(&fields);
        assert_eq!(response.status, 400, "{shown}");
        for field in [
            "content-type: text/plain; charset=utf-8",
            "cache-control: no-store",
            &format!("content-length: {}", response.body.len()),
        ] {
            assert!(response.head.contains(field), "{shown}: no {field} in {}", response.head);
        }
        assert!(response.body.starts_with(b"400 Bad Request: "), "{shown}");
    }
    // hyper refuses these itself, without a body.
    for fields in ["Host: a\u{1}b", "Host: a\u{7f}b", "Host: a\0b", "Host : a", "Host a"] {
        assert_eq!(with(format!("{fields}\r\n").as_bytes()).status, 400, "{fields:?}");
    }
    for host in [
        "a",
        "a.example:8787",
        "127.0.0.1:1",
        "[::1]:8787",
        "[::1]",
        "a:",
        "A.Example.",
        "a_b",
        "a%20b",
        " a ",
        "\ta",
    ] {
        assert_eq!(with(format!("Host: {host}\r\n").as_bytes()).status, 200, "{host:?}");
    }
}

/// §3.3: without an authority in the target, an empty `Host` leaves the server its default.
#[test]
fn an_empty_host_is_accepted_unless_the_target_has_one() {
    let (_site, server) = serving();
    let status = |request: &str| ask(&server, request).status;
    assert_eq!(status("GET /tune.mp3 HTTP/1.1\r\nHost:\r\n\r\n"), 200);
    assert_eq!(status("GET /tune.mp3 HTTP/1.1\r\nHost: \t \r\n\r\n"), 200);
    assert_eq!(status("OPTIONS * HTTP/1.1\r\nHost:\r\n\r\n"), 204);
    assert_eq!(status("GET http://a.example/tune.mp3 HTTP/1.1\r\nHost:\r\n\r\n"), 400);
}

/// §3.2.2.
#[test]
fn the_host_of_an_absolute_target_wins_and_both_have_to_be_valid() {
    let (site, _) = serving();
    site.write("_redirects", "http://a.example/go /for-a\nhttp://b.example/go /for-b\n");
    let server = Server::start(&site.dist(), &["--compat", "pages"]);
    let ask = |target: &str, host: &str| {
        ask(&server, format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n"))
    };
    assert_eq!(ask("http://a.example/tune.mp3", "b.example").status, 200);
    assert_eq!(ask("http://a.example/tune.mp3", "a.example").body, BODY.as_bytes());
    for host in ["a b", "user@a.example", "a.example:99999", "[::1", "a,b"] {
        assert_eq!(ask("http://a.example/tune.mp3", host).status, 400, "{host}");
    }
    for target in ["http://user@a/tune.mp3", "http://u:p@a/", "http://a:99999/", "http://:80/"] {
        assert_eq!(ask(target, "a").status, 400, "{target}");
    }
}

#[test]
fn requests_of_http_1_0_need_no_host_and_are_refused_with_an_invalid_one() {
    let (_site, server) = serving();
    let response = ask(&server, "GET /tune.mp3 HTTP/1.0\r\n\r\n");
    assert_eq!((response.status, &*response.body), (200, BODY.as_bytes()));
    assert_eq!(ask(&server, "GET / HTTP/1.0\r\nHost: a b\r\n\r\n").status, 400);
    assert_eq!(ask(&server, "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n").status, 400);
}
