//! Requests that follow each other on a connection. Section numbers are those of RFC 9112.

use std::io::{Read, Write};
use std::net::Shutdown;

use super::{BODY, ask, serving};
use crate::support::raw::{Then, connect, exchange, responses, statuses};
use crate::support::server::Server;
use crate::support::site::Site;

#[test]
fn clients_that_close_their_side_get_the_whole_answer() {
    // More than the buffers of a connection hold.
    let large: Vec<u8> = (0..=u8::MAX).cycle().take(20 << 20).collect();
    let site = Site::new(&[("large.mp4", large.as_slice()), ("small.mp4", b"small")]);
    let server = Server::start(&site.dist(), &["--quiet"]);
    let request = |name| format!("GET /{name}.mp4 HTTP/1.1\r\nHost: a\r\n\r\n");
    for fields in ["", "Connection: close\r\n", "Connection: keep-alive\r\n"] {
        let sent = format!("GET /large.mp4 HTTP/1.1\r\nHost: a\r\n{fields}\r\n");
        let mut stream = connect(server.address());
        stream.write_all(sent.as_bytes()).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        // The server has seen the end of the requests once it has answered another client.
        assert_eq!(ask(&server, request("small")).body, b"small");
        let mut received = Vec::new();
        stream.read_to_end(&mut received).unwrap();
        let found = responses(&received, &["GET"]);
        assert!(found.len() == 1 && found[0].body == large, "{fields}: {} bytes", received.len());
    }
    let sent = ["small", "large", "small"].map(request).concat();
    let found = responses(&exchange(server.address(), sent, Then::HalfClose), &["GET"; 3]);
    let lens: Vec<usize> = found.iter().map(|response| response.body.len()).collect();
    assert_eq!(lens, [5, large.len(), 5]);
    // Half a request is not one.
    assert_eq!(exchange(server.address(), "GET / HTTP/1.1\r\nHost: a\r\n", Then::HalfClose), b"");
    assert_eq!(exchange(server.address(), "", Then::HalfClose), b"");
}

/// §9.3.2.
#[test]
fn pipelined_requests_are_answered_in_their_order() {
    let (_site, server) = serving();
    let requests = [
        ("GET", "GET /tune.mp3 HTTP/1.1\r\nHost: a\r\n\r\n", 200),
        ("HEAD", "HEAD /tune.mp3 HTTP/1.1\r\nHost: a\r\n\r\n", 200),
        ("GET", "GET /missing HTTP/1.1\r\nHost: a\r\n\r\n", 404),
        ("HEAD", "HEAD /missing HTTP/1.1\r\nHost: a\r\n\r\n", 404),
        ("GET", "GET /tune.mp3 HTTP/1.1\r\nHost: a\r\nRange: bytes=2-4\r\n\r\n", 206),
        ("GET", "GET / HTTP/1.1\r\nHost: a\r\nIf-None-Match: *\r\n\r\n", 304),
        ("OPTIONS", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 204),
        ("GET", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400),
        ("HEAD", "HEAD / HTTP/1.1\r\n\r\n", 400),
        ("POST", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", 405),
        ("GET", "\r\nGET /tune.mp3 HTTP/1.1\r\nHost: a\r\n\r\n", 200),
    ];
    let methods = requests.map(|(method, ..)| method);
    let sent = requests.map(|(_, request, _)| request).concat();
    let received = exchange(server.address(), &sent, Then::HalfClose);
    let found = responses(&received, &methods);
    let got: Vec<u16> = found.iter().map(|response| response.status).collect();
    assert_eq!(got, requests.map(|(.., status)| status));
    assert_eq!((&*found[0].body, &*found[1].body), (BODY.as_bytes(), &b""[..]));
    assert!(found[1].head.contains("content-length: 10"), "{}", found[1].head);
    assert_eq!(found[4].body, b"234");

    // The same, a byte at a time.
    let mut stream = connect(server.address());
    stream.set_nodelay(true).unwrap();
    for byte in sent.as_bytes() {
        stream.write_all(&[*byte]).unwrap();
    }
    stream.shutdown(Shutdown::Write).unwrap();
    let mut again = Vec::new();
    stream.read_to_end(&mut again).unwrap();
    let again: Vec<u16> = responses(&again, &methods).iter().map(|one| one.status).collect();
    assert_eq!(again, got);

    let many = "GET /tune.mp3 HTTP/1.1\r\nHost: a\r\n\r\n".repeat(1000);
    assert_eq!(statuses(server.address(), many, &["GET"; 1000]), [200; 1000]);
}

/// §9.3 and §9.6.
#[test]
fn connections_persist_as_version_and_connection_field_say() {
    let (_site, server) = serving();
    let next = "GET /missing HTTP/1.1\r\nHost: a\r\n\r\n";
    for (version, field, persists) in [
        ("1.1", "", true),
        ("1.1", "Connection: keep-alive\r\n", true),
        ("1.1", "Connection: close\r\n", false),
        ("1.1", "Connection: CLOSE\r\n", false),
        ("1.1", "Connection: keep-alive, close\r\n", false),
        ("1.1", "Connection: close\r\nConnection: keep-alive\r\n", false),
        ("1.0", "", false),
        ("1.0", "Connection: close\r\n", false),
        ("1.0", "Connection: keep-alive\r\n", true),
        ("1.0", "Connection: Keep-Alive\r\n", true),
    ] {
        let sent = format!("GET /tune.mp3 HTTP/{version}\r\nHost: a\r\n{field}\r\n{next}");
        let found = responses(&exchange(server.address(), sent, Then::HalfClose), &["GET"; 2]);
        let got: Vec<u16> = found.iter().map(|response| response.status).collect();
        let expected: &[u16] = if persists { &[200, 404] } else { &[200] };
        assert_eq!(got, expected, "HTTP/{version} {field}");
        if version == "1.1" {
            let says_close = found[0].head.contains("connection: close");
            assert_eq!(says_close, !persists, "{field}: {}", found[0].head);
        } else if persists {
            assert!(found[0].head.contains("connection: keep-alive"), "{}", found[0].head);
        }
        if !persists {
            // The server closes the connection by itself.
            let sent = format!("GET /tune.mp3 HTTP/{version}\r\nHost: a\r\n{field}\r\n");
            assert_eq!(responses(&exchange(server.address(), sent, Then::Read), &["GET"]).len(), 1);
        }
    }
}

/// The body is not read, and might contain what looks like a request.
#[test]
fn a_request_with_a_body_is_the_last_of_its_connection() {
    let (_site, server) = serving();
    let next = "GET /tune.mp3 HTTP/1.1\r\nHost: a\r\n\r\n";
    for (request, status) in [
        ("GET /tune.mp3 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", 200),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", 405),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 405),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
            405,
        ),
        ("CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n", 400),
    ] {
        let response = ask(&server, format!("{request}{next}"));
        assert_eq!(response.status, status, "{request:?}");
        assert!(response.head.contains("connection: close"), "{request:?}: {}", response.head);
    }
}

/// RFC 9110 §10.1.1: an answer that needs no body comes instead of `100 Continue`.
#[test]
fn expectations_are_answered_without_waiting_for_a_body() {
    let (_site, server) = serving();
    for (request, status) in [
        ("GET /tune.mp3 HTTP/1.1", 200),
        ("GET /tune.mp3 HTTP/1.1\r\nContent-Length: 5", 200),
        ("GET /tune.mp3 HTTP/1.1\r\nTransfer-Encoding: chunked", 200),
        ("HEAD /tune.mp3 HTTP/1.1", 200),
        ("HEAD /tune.mp3 HTTP/1.1\r\nContent-Length: 5", 200),
        ("POST /tune.mp3 HTTP/1.1", 405),
        ("POST /tune.mp3 HTTP/1.1\r\nContent-Length: 5", 405),
        ("POST /tune.mp3 HTTP/1.1\r\nTransfer-Encoding: chunked", 405),
        ("POST /tune.mp3 HTTP/1.0\r\nContent-Length: 5", 405),
        ("PUT /missing HTTP/1.1\r\nContent-Length: 99999999999", 404),
    ] {
        let method = request.split(' ').next().unwrap();
        let sent =
            format!("{request}\r\nHost: a\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n");
        // The body is not sent.
        let found = responses(&exchange(server.address(), &sent, Then::Read), &[method]);
        let got: Vec<u16> = found.iter().map(|response| response.status).collect();
        assert_eq!(got, [status], "{request}");
        // It is sent at once.
        let sent = format!("{sent}hello");
        let found = responses(&exchange(server.address(), &sent, Then::Read), &[method]);
        assert_eq!(found.len(), 1, "{request}");
        assert_eq!(found[0].status, status, "{request}");
    }
}
