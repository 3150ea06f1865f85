//! Plain requests, which a packed site answers without its engine, and requests that resemble them,
//! compared with `worker-pack serve`.

use std::fmt::Write as _;
use std::fs;

use super::packed_site::{PackedSite, SERVERS};
use crate::support::client::{Request, ask};
use crate::support::differential::compare;
use crate::support::server::Server;
use crate::support::site::Site;

/// The values of `Accept-Encoding` of plain requests.
const PLAIN: [&str; 5] =
    ["gzip, deflate, br, zstd", "gzip, deflate, br", "gzip, br", "br, gzip", "br, gzip, deflate"];

/// URLs with a file, one of which is not UTF-8 in ASCII, and one is an escape.
const URLS: [&str; 7] =
    ["/", "/about/", "/note", "/data.json", "/na%C3%AFve/", "/a%2Cb.txt", "/pixel.png"];

/// A site with pages, and with files that are compressed or not.
fn site(rules: &[(&str, &str)]) -> Site {
    let page = |name: &str| format!("<!doctype html><title>{name}</title>{}", "text ".repeat(200));
    let files = [
        ("index.html", page("home")),
        ("about/index.html", page("about")),
        ("note.html", page("note")),
        ("naïve/index.html", page("naïve")),
        ("data.json", format!("[{}0]", "1,".repeat(400))),
        ("a,b.txt", "short".to_owned()),
        ("empty.txt", String::new()),
        ("404.html", page("missing")),
    ];
    let site = Site::new(&files);
    site.write("pixel.png", b"\x89PNG\r\n\x1a\n\xff\x00\x01");
    for (name, text) in rules {
        site.write(name, text);
    }
    site
}

/// Returns requests for a URL that differ from a plain one in one point, each behind a plain one.
fn resembling(url: &str, etag: &str) -> Vec<Request> {
    let get = |target: &str| Request::new("GET", target).accepting(Some(PLAIN[0]));
    let mut others = vec![
        get(url).with("If-None-Match", etag),
        get(url).with("If-None-Match", "\"other\""),
        get(url).with("If-Match", "\"other\""),
        get(url).with("Range", "bytes=0-3"),
        get(url).with("Range", "bytes=0-3").with("If-Range", etag),
        get(url).with("If-Range", etag),
        get(url).with("Authorization", "Basic YTpi"),
        get(url).with("Sec-Fetch-Mode", "navigate"),
        get(url).with("Sec-Fetch-Mode", "cors"),
        get(url).with("Cookie", "a=b"),
        get(&format!("{url}?")),
        get(&format!("{url}?a=b")),
        get(&format!("{url}x")),
        get(&format!("/x/..{url}")),
        get(&format!("/.{url}")),
        get(&format!("/{url}")),
        get(&url.to_ascii_uppercase()),
        get(url).with("Host", "docs.example"),
        get(url).with("Host", "DOCS.EXAMPLE"),
        get(url).with("Host", "docs.example:8080"),
        get(&format!("http://example.org{url}")),
    ];
    for method in ["HEAD", "POST", "OPTIONS"] {
        others.push(Request::new(method, url).accepting(Some(PLAIN[0])));
    }
    let codings = ["gzip", "identity", "*", "br;q=0, gzip", "GZIP, DEFLATE, BR", "br", ""];
    others.extend(codings.map(|codings| Request::new("GET", url).accepting(Some(codings))));
    others.push(Request::new("GET", url));
    others.extend(PLAIN.map(|codings| Request::new("GET", url).accepting(Some(codings))));
    others.into_iter().flat_map(|other| [get(url), other]).collect()
}

/// Compares a packed site with `worker-pack serve`.
fn assert_same_responses(site: &Site, arguments: &[&str]) {
    let server = Server::start(&site.dist(), &[&["--quiet"], arguments].concat());
    let worker = PackedSite::new(&site.dist(), arguments).start();
    let mut requests = Vec::new();
    for url in URLS {
        let plain = Request::new("GET", url).accepting(Some(PLAIN[0]));
        let answer = ask(server.address(), &plain);
        requests.extend(resembling(url, answer.field("etag").unwrap_or("\"none\"")));
    }
    for url in ["/about", "/about/index.html", "/note/", "/nowhere", "/a,b.txt", "/empty.txt"] {
        requests.extend(resembling(url, "\"none\""));
    }
    compare(server.address(), &worker.address(), &requests);
}

#[test]
fn plain_requests_and_those_that_resemble_them_get_the_responses_of_serve() {
    let rules = [
        (
            "_headers",
            "/*\n  X-All: a\\\"b'c`${d}\n  __proto__: x\n/about/\n  Set-Cookie: a=b\n  Link: </a.css>; rel=preload\n/data.json\n  ! etag\n  ! content-type\n",
        ),
        ("_redirects", "/note /about/ 200\n/moved/* /:splat 301\n"),
    ];
    for fidelity in ["improved", "strict"] {
        for compat in ["workers", "pages"] {
            assert_same_responses(&site(&rules), &["--compat", compat, "--fidelity", fidelity]);
        }
    }
}

#[test]
fn rules_for_one_host_do_not_apply_to_plain_requests_to_another() {
    for rules in [
        ("_headers", "https://docs.example/*\n  X-Docs: yes\n"),
        ("_redirects", "https://docs.example/about/ /note 301\n"),
        ("_redirects", "https://docs.example/* /note 302\n"),
    ] {
        assert_same_responses(&site(&[rules]), &[]);
    }
}

#[test]
fn each_path_may_have_header_fields_of_its_own() {
    let mut rules = String::from("/*\n  X-Path: :splat\n");
    let site = site(&[]);
    for number in 0..150 {
        site.write(&format!("page-{number}.txt"), format!("page {number}"));
        let _ = writeln!(rules, "/page-{number}.txt\n  X-Number: {number}");
    }
    site.write("_headers", rules.replace("/page-9", "/none-9"));
    assert_same_responses(&site, &[]);
    let server = Server::start(&site.dist(), &["--quiet"]);
    let worker = PackedSite::new(&site.dist(), &[]).start();
    let pages = (0..150).map(|number| format!("/page-{number}.txt"));
    let requests: Vec<Request> =
        pages.map(|url| Request::new("GET", url).accepting(Some(PLAIN[1]))).collect();
    compare(server.address(), &worker.address(), &requests);
}

/// The engine of these Workers is an empty module, which answers no request.
#[test]
fn plain_requests_need_no_engine() {
    let without_engine = |packed: PackedSite| {
        let engine = packed.scratch.out().join("bundle/worker/engine.wasm");
        fs::write(engine, b"\0asm\x01\0\0\0").unwrap();
        packed.start()
    };
    let site = site(&[("_headers", "/*\n  X-All: yes\n")]);
    let worker = without_engine(PackedSite::new(&site.dist(), &[]));
    let address = worker.address();
    let server = Server::start(&site.dist(), &["--quiet"]);
    let plain = |url: &str, codings| Request::new("GET", url).accepting(Some(codings));
    let requests: Vec<Request> =
        URLS.iter().flat_map(|url| PLAIN.map(|codings| plain(url, codings))).collect();
    compare(server.address(), &address, &requests);
    // The others fail, since nothing else decides about them.
    for request in [
        plain("/about/", "gzip"),
        plain("/about/?a", PLAIN[0]),
        plain("/nowhere", PLAIN[0]),
        plain("/about/", PLAIN[0]).with("If-None-Match", "*"),
    ] {
        assert_eq!(ask(&address, &request).status, 500, "{request}");
    }

    let worker = without_engine(PackedSite::new(&SERVERS[0], &[]));
    let address = worker.address();
    assert_eq!(ask(&address, &plain("/favicon.svg", PLAIN[0])).status, 200);
    assert_eq!(ask(&address, &plain("/desk", PLAIN[0])).status, 500);
}
