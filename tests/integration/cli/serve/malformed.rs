//! Requests that are malformed, ambiguous or too large. Section numbers are those of RFC 9112.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::thread;

use super::{BODY, ask, serving};
use crate::support::raw::{Then, connect, exchange, responses};

/// §6.3: whoever frames a request differently might smuggle another one in its body.
#[test]
fn ambiguous_and_malformed_requests_get_one_4xx_or_a_closed_connection() {
    let (_site, server) = serving();
    let smuggled = "GET /tune.mp3 HTTP/1.1\r\nHost: a\r\n\r\n";
    for (request, is_answered) in [
        // Both framings: the response may be regular, but the connection ends after it (§6.1).
        (
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            true,
        ),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
            true,
        ),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
            false,
        ),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 6\r\n\r\nhello", false),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\nhello", false),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\nhello", false),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x5\r\n\r\nhello", false),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999999\r\n\r\nhello",
            false,
        ),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n0\r\n\r\n", false),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n", false),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", false),
        ("POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", false),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n", false),
        // A size of a chunk that is not one.
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n\r\n", true),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
            true,
        ),
        // Folded lines (§5.2), and names that are none.
        ("GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n", false),
        ("GET / HTTP/1.1\r\nHost: a\r\n X: a\r\n\r\n", false),
        ("GET / HTTP/1.1\r\nHost: a\r\nX y: a\r\n\r\n", false),
        ("GET / HTTP/1.1\r\nHost: a\r\n: a\r\n\r\n", false),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", false),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n", false),
        // Request lines.
        ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", false),
        ("GET / HTTP/1.2\r\nHost: a\r\n\r\n", false),
        ("GET / HTTP/0.9\r\n\r\n", false),
        ("GET / http/1.1\r\nHost: a\r\n\r\n", false),
        ("GET /\r\n\r\n", false),
        ("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", false),
        ("GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", false),
        ("GET HTTP/1.1\r\nHost: a\r\n\r\n", false),
        (" GET / HTTP/1.1\r\nHost: a\r\n\r\n", false),
        ("G\0T / HTTP/1.1\r\nHost: a\r\n\r\n", false),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", false),
        ("\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}", false),
        ("\0\0\0\0\0\0\r\n\r\n", false),
        ("CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n", true),
    ] {
        let received = exchange(server.address(), format!("{request}{smuggled}"), Then::HalfClose);
        let found = responses(&received, &["POST"; 9]);
        let got: Vec<u16> = found.iter().map(|response| response.status).collect();
        assert!(got.iter().all(|status| (400..500).contains(status)), "{request:?}: {got:?}");
        assert!(got.len() <= 1, "{request:?}: {got:?}");
        assert!(!is_answered || got.len() == 1, "{request:?}: {got:?}");
    }
    assert_eq!(server.get("/tune.mp3").1, BODY.as_bytes(), "it still serves");
}

#[test]
fn harmless_deviations_get_an_answer() {
    let (_site, server) = serving();
    for (request, status) in [
        // A bare LF may be read as the end of a line (§2.2).
        ("GET /tune.mp3 HTTP/1.1\nHost: a\n\n", 200),
        ("GET /tune.mp3 HTTP/1.1\r\nHost: a\n\r\n", 200),
        ("\r\n\r\nGET /tune.mp3 HTTP/1.1\r\nHost: a\r\n\r\n", 200),
        ("GET /tune.mp3 HTTP/1.1\r\nHost:a\r\nX:\r\n\r\n", 200),
        // Methods are case-sensitive (RFC 9110 §9.1).
        ("get /tune.mp3 HTTP/1.1\r\nHost: a\r\n\r\n", 405),
        ("Get /tune.mp3 HTTP/1.1\r\nHost: a\r\n\r\n", 405),
        ("GET /tune.mp3 HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n", 200),
        ("GET /tune.mp3 HTTP/1.1\r\nHost: a\r\nExpect: else\r\n\r\n", 200),
        (
            "GET /tune.mp3 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n",
            200,
        ),
    ] {
        assert_eq!(ask(&server, request).status, status, "{request:?}");
    }
}

#[test]
fn requests_that_are_too_large_get_a_status_and_no_reset() {
    let (_site, server) = serving();
    let target = |len: usize| format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "a".repeat(len));
    // The runtime answers what reaches it.
    for (len, status) in [(15_000, 404), (17_000, 414), (60_000, 414)] {
        let response = ask(&server, target(len));
        assert_eq!(response.status, status, "{len}");
        assert!(response.head.contains("content-type: text/plain"), "{len}: {}", response.head);
    }
    let line = |len: usize| format!("GET / HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n", "a".repeat(len));
    let lines = |count: usize| {
        let mut request = "GET / HTTP/1.1\r\nHost: a\r\n".to_owned();
        (0..count).for_each(|number| write!(request, "X-{number}: a\r\n").unwrap());
        request + "\r\n"
    };
    for (request, statuses) in [
        (target(70_000), [414, 414]),
        (target(300_000), [414, 414]),
        (target(10_000_000), [414, 431]),
        (line(100_000), [200, 431]),
        (line(10_000_000), [431, 431]),
        (lines(50), [200, 200]),
        (lines(1000), [431, 431]),
        ("A".repeat(10_000_000), [400, 431]),
        (format!("GET / HTTP/1.1\r\n{}", "a".repeat(10_000_000)), [431, 431]),
    ] {
        for then in [Then::HalfClose, Then::Read] {
            let found = responses(&exchange(server.address(), &request, then), &["GET"]);
            // A regular answer leaves the connection open.
            let got = found.first().map(|response| response.status);
            assert!(got.is_some_and(|got| statuses.contains(&got)), "{got:?} {then:?}");
            if got == Some(200) {
                break;
            }
        }
    }
}

/// The body of a request has no meaning for an asset.
#[test]
fn bodies_of_requests_are_not_read_without_bound() {
    let (_site, server) = serving();
    let head = "Host: a\r\nContent-Length: 99999999999\r\n\r\n";
    let chunked = "Host: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (request, status) in [
        (format!("GET /tune.mp3 HTTP/1.1\r\n{head}"), 200),
        (format!("HEAD /tune.mp3 HTTP/1.1\r\n{head}"), 200),
        (format!("POST /tune.mp3 HTTP/1.1\r\n{head}"), 405),
        (format!("GET /tune.mp3 HTTP/1.1\r\n{chunked}"), 200),
        (format!("POST /missing HTTP/1.1\r\n{chunked}"), 404),
        // Its head is refused, and so is the rest.
        (format!("POST /missing HTTP/1.1\r\nA B\r\n{chunked}"), 400),
    ] {
        let method = request.split(' ').next().unwrap();
        let mut stream = connect(server.address());
        stream.write_all(request.as_bytes()).unwrap();
        let mut body = stream.try_clone().unwrap();
        let sending = thread::spawn(move || {
            let chunk = format!("10000\r\n{}\r\n", "a".repeat(0x10000));
            // This ends because the server stops reading.
            while body.write_all(chunk.as_bytes()).is_ok() {}
        });
        // The answer comes first, whole. After that, the connection may be reset.
        let mut received = Vec::new();
        let mut part = [0; 1024];
        while let Ok(len @ 1..) = stream.read(&mut part) {
            received.extend_from_slice(&part[..len]);
        }
        sending.join().unwrap();
        let found = responses(&received, &[method]);
        let got: Vec<u16> = found.iter().map(|response| response.status).collect();
        assert_eq!(got, [status], "{request}");
        if method == "GET" {
            assert_eq!(found[0].body, BODY.as_bytes(), "{request}");
        }
    }
}
