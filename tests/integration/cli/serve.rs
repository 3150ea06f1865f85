//! `worker-pack serve`, over real connections.

mod bodies;
mod connections;
mod host;
mod malformed;
mod network;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use worker_pack_runtime::packer::path;
use worker_pack_runtime::{Method, Request};

use crate::support::raw::{Response, Then, exchange, responses};
use crate::support::server::Server;
use crate::support::site::{Site, blog, blog_pack, program};

/// The content of `/tune.mp3`.
const BODY: &str = "0123456789";

/// Serves a page and a file.
fn serving() -> (Site, Server) {
    let site = Site::new(&[("index.html", "<h1>home</h1>"), ("tune.mp3", BODY)]);
    let server = Server::start(&site.dist(), &["--compat", "workers"]);
    (site, server)
}

/// The response to a single request, after which the client closes its side.
fn ask(server: &Server, request: impl AsRef<[u8]>) -> Response {
    let received = exchange(server.address(), &request, Then::HalfClose);
    let mut found = responses(&received, &["GET"]);
    assert_eq!(found.len(), 1, "{}", String::from_utf8_lossy(request.as_ref()));
    found.remove(0)
}

#[test]
fn blog_responses_equal_those_of_the_runtime() {
    let server = Server::start(&blog(), &["--quiet"]);
    let image = blog_pack().run().unwrap().table().to_memory().unwrap();
    let table = image.table();
    let mut compared = 0;
    for asset in table.assets() {
        let target = path::encode(asset.path());
        let request = Request { accept_encoding: Some("br"), ..Request::new(Method::Get, &target) };
        let expected = table.respond(&request).unwrap();
        let (head, body) = server.send(&format!("GET {target} HTTP/1.1\r\nAccept-Encoding: br"));
        assert!(head.starts_with(&format!("http/1.1 {} ", expected.status())), "{target}: {head}");
        for (name, value) in expected.headers().iter() {
            let field = format!("{name}: {value}").to_ascii_lowercase();
            assert!(head.contains(&field), "{target}: no {field} in {head}");
        }
        assert_eq!(body, expected.body().bytes().unwrap(), "{target}");
        compared += 1;
    }
    assert!(compared > 90, "only {compared} assets");
}

#[test]
fn unusual_requests_get_the_responses_of_the_rfcs() {
    let site = Site::new(&[("index.html", "<h1>home</h1>"), ("tune.mp3", "0123456789")]);
    let server = Server::start(&site.dist(), &["--compat", "workers"]);
    let status = |head: &str| server.send(head).0.split(' ').nth(1).unwrap().to_owned();
    assert_eq!(status("GET / HTTP/1.1"), "200");
    assert_eq!(status("POST / HTTP/1.1\r\nContent-Length: 0"), "405");
    assert_eq!(status("PROPFIND / HTTP/1.1"), "405");
    assert_eq!(status("OPTIONS * HTTP/1.1"), "204");
    assert_eq!(status("GET /% HTTP/1.1"), "400");
    assert_eq!(status("GET /../../etc/passwd HTTP/1.1"), "404");
    assert_eq!(
        status("GET / HTTP/1.1\r\nAccept-Encoding: br;q=0\r\nAccept-Encoding: *;q=0"),
        "406"
    );
    assert_eq!(status("GET / HTTP/1.1\r\nIf-None-Match: \"x\"\r\nIf-None-Match: *"), "200");
    assert_eq!(status("GET / HTTP/1.1\r\nIf-None-Match: \"\u{e9}\", W/\"y\""), "200");

    let mut hostless = TcpStream::connect(&server.address).unwrap();
    hostless.write_all(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n").unwrap();
    let mut response = String::new();
    hostless.read_to_string(&mut response).unwrap();
    assert!(response.starts_with("HTTP/1.1 400"), "RFC 9112 \u{a7}3.2: {response}");

    let (head, body) = server.send("GET /tune.mp3 HTTP/1.1\r\nRange: bytes=2-4");
    assert!(head.starts_with("http/1.1 206"), "{head}");
    assert!(head.contains("content-range: bytes 2-4/10"), "{head}");
    assert_eq!(body, b"234");
    let (head, body) = server.send("HEAD /tune.mp3 HTTP/1.1");
    assert!(head.contains("content-length: 10") && body.is_empty(), "{head}");
    let (head, body) = server.send("GET / HTTP/1.1\r\nIf-None-Match: *");
    assert!(head.starts_with("http/1.1 304") && body.is_empty(), "{head}");
    assert!(!head.contains("content-length") && !head.contains("content-type"), "{head}");

    assert!(server.wait_for("206 GET /tune.mp3").contains("3 B"), "requests are logged");
}

#[test]
fn paths_of_the_sites_own_worker_get_501_and_are_announced() {
    let site = Site::new(&[("index.html", "<p>"), ("members/list.html", "<p>secret")]);
    let config = r#"{ "assets": { "run_worker_first": ["/members/*"] } }"#;
    std::fs::write(site.project().join("wrangler.jsonc"), config).unwrap();
    let server = Server::start(&site.dist(), &["--compat", "workers"]);
    let said = server.said().join("\n");
    assert!(said.contains("501") && said.contains("/members/list"), "{said}");
    let (head, body) = server.get("/members/list");
    let body = String::from_utf8(body).unwrap();
    assert!(head.starts_with("http/1.1 501"), "{head}");
    // Such a site cannot be packed as a Worker.
    assert!(body.contains("npx wrangler dev") && !body.contains("pack the site"), "{body}");

    let site = Site::new(&[("index.html", "<p>")]);
    let server = Server::start(&site.dist(), &[]);
    assert!(!server.said().iter().any(|line| line.contains("501")), "{:?}", server.said());
}

#[test]
fn watch_packs_changes_and_skips_broken_builds() {
    let site = Site::new(&[("index.html", "<h1>one</h1>")]);
    let server = Server::start(&site.dist(), &["--watch"]);
    assert_eq!(server.get("/").1, b"<h1>one</h1>");

    site.replace("index.html", "<h1>two</h1>");
    server.wait_until_served("/", b"<h1>two</h1>");

    std::fs::remove_file(site.dist().join("index.html")).unwrap();
    server.wait_for("still serving the last version");
    assert_eq!(server.get("/").1, b"<h1>two</h1>");

    // Some builds replace the folder by a new one of the same name.
    std::fs::remove_dir_all(site.dist()).unwrap();
    server.wait_for(&format!("error: `{}` is not a folder", site.dist().display()));
    server.wait_for("still serving the last version");
    assert_eq!(server.get("/").1, b"<h1>two</h1>");
    let built = Site::new(&[("index.html", "<h1>three</h1>"), ("new.html", "<p>")]);
    std::fs::rename(built.dist(), site.dist()).unwrap();
    server.wait_until_served("/", b"<h1>three</h1>");
    site.replace("new.html", "<p>newer");
    server.wait_until_served("/new", b"<p>newer");
}

#[test]
fn writes_beside_the_site_do_not_delay_packing() {
    let site = Site::new(&[("index.html", "<h1>one</h1>")]);
    let server = Server::start(&site.dist(), &["--watch"]);
    let log = site.project().join("dev.log");
    let done = Arc::new(AtomicBool::new(false));
    let noise = std::thread::spawn({
        let done = Arc::clone(&done);
        move || {
            while !done.load(Ordering::Relaxed) {
                std::fs::write(&log, "another line").unwrap();
            }
        }
    });
    site.replace("index.html", "<h1>two</h1>");
    server.wait_until_served("/", b"<h1>two</h1>");
    done.store(true, Ordering::Relaxed);
    noise.join().unwrap();
}

#[test]
fn an_interrupt_stops_the_server_with_exit_code_0() {
    let site = Site::new(&[("index.html", "<h1>home</h1>")]);
    let mut server = Server::start(&site.dist(), &["--quiet"]);
    // An open connection must not keep the server from stopping.
    let idle = TcpStream::connect(&server.address).unwrap();
    assert_eq!(server.get("/").1, b"<h1>home</h1>");
    server.interrupt();
    assert_eq!(server.process.wait().unwrap().code(), Some(0));
    drop(idle);
}

#[test]
fn a_port_in_use_and_a_missing_folder_are_failures() {
    let site = Site::new(&[("index.html", "<h1>home</h1>")]);
    let server = Server::start(&site.dist(), &["--quiet"]);
    let port = server.address.rsplit(':').next().unwrap();
    let run = |arguments: &[&str]| {
        let output = program().arg("serve").args(arguments).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let dist = site.dist();
    let (code, stderr) = run(&[dist.to_str().unwrap(), "--quiet", "--port", port]);
    assert_eq!(code, Some(1));
    assert!(
        stderr.contains("cannot listen on 127.0.0.1:") && stderr.contains("--port"),
        "{stderr}"
    );
    let (code, stderr) = run(&["nowhere"]);
    assert_eq!(code, Some(1));
    assert!(stderr.contains("`nowhere` is not a folder"), "{stderr}");
}
