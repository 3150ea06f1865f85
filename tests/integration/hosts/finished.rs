//! Responses of a Worker's own code to which the header rules of the site are applied, in both hosts.

use std::io::{Read as _, Write as _};
use std::path::Path;

use super::every_kind::site;
use super::packed_site::{PackedSite, RunningSite, files_binding, text};
use super::rust_worker::{OF_TESTS, workerd};
use crate::support::client::{Answer, Request, ask};
use crate::support::raw::connect;
use crate::support::site::{Site, files_below};
use crate::support::xtask::Serving;

/// A server with the same responses as the Worker in Rust of the tests.
const SERVER: &str = r"
const hello = new Uint8Array([HELLO]);
const kinds = {
  text: () => new Response('text', { headers: { 'content-type': 'text/plain; charset=utf-8' } }),
  fields: () => new Response('fields', { headers: [
    ['content-type', 'text/plain; charset=utf-8'],
    ['set-cookie', 'one=1; Path=/'],
    ['set-cookie', 'two=2; Expires=Thu, 01 Jan 2037 00:00:00 GMT'],
    ['x-several', 'a'],
    ['x-several', 'b'],
    ['vary', 'Origin'],
    ['cache-control', 'private'],
  ] }),
  stream: () => {
    const parts = ['one ', 'two ', 'three'].map((part) => new TextEncoder().encode(part));
    return new Response(ReadableStream.from(parts));
  },
  compressed: () => new Response(hello, {
    encodeBody: 'manual',
    headers: { 'content-encoding': 'br', 'content-type': 'application/octet-stream' },
  }),
  cookie: () => new Response(null, { headers: { 'set-cookie': 'one=1' } }),
  empty: () => new Response(null),
  204: () => new Response(null, { status: 204 }),
  304: () => new Response(null, { status: 304 }),
  404: () => new Response(new TextEncoder().encode('missing'), { status: 404 }),
  socket: () => {
    const { 0: client, 1: server } = new WebSocketPair();
    server.accept();
    server.send('hello');
    return new Response(null, { status: 101, webSocket: client });
  },
  redirect: () => Response.redirect('https://a.example/', 303),
};
export default { fetch(request) {
  const kind = new URL(request.url).pathname.replace(/^\/(own|policy)\//, '');
  if (!kind.startsWith('fetched/')) return kinds[kind]();
  const path = kind.replace('fetched/', '');
  return fetch(`http://upstream.example/${path.replace('manual/', '')}`, {
    method: request.method,
    redirect: 'manual',
    ...(path.includes('manual') ? { encodeResponseBody: 'manual' } : {}),
  });
} };
";

/// The rules by path of the Worker in Rust.
const POLICIES: [&str; 2] =
    ["--rule=/policy/* cache=public, max-age=77", "--rule=/policy/{204,404} cache=no-cache"];

/// The body of the kind `compressed`.
const HELLO: &[u8] = include_bytes!("../../programs/kinds/program/src/hello.br");

/// Both hosts, running.
struct Hosts {
    _javascript: (Site, RunningSite),
    _rust: Serving,
    /// Name and address of each.
    all: [(&'static str, String); 2],
}

impl Hosts {
    fn start() -> Self {
        let project = Site::new::<&str>(&[]);
        for name in files_below(&site()) {
            let bytes = std::fs::read(site().join(&name)).unwrap();
            project.write(&format!("client/{}", name.display()), bytes);
        }
        let hello: Vec<String> = HELLO.iter().map(u8::to_string).collect();
        project.write("server/entry.mjs", SERVER.replace("HELLO", &hello.join(",")));
        project.write("server/wrangler.json", "{}");
        let arguments = [&["--headers-on-ssr=with-policies", "--compat=workers"], &POLICIES[..]];
        let packed = PackedSite::new(&project.dist(), &arguments.concat());
        let javascript = packed.start_with(&["--fetch-itself"]);
        let files = files_binding(&Path::new(&*OF_TESTS).join("bundle/assets"));
        let rust = workerd(&OF_TESTS, &["--flag=nodejs_compat", "--fetch-itself", &files]);
        let all = [("JavaScript", javascript.address()), ("Rust", rust.address())];
        Self { _javascript: (project, javascript), _rust: rust, all }
    }

    /// Asks both for a kind of response, and returns the answer, which is the same.
    fn ask(&self, method: &'static str, kind: &str, codings: &str) -> Answer {
        let request = Request::new(method, format!("/own/{kind}"))
            .with("Accept-Encoding", codings)
            .with("X-Table", "workers");
        self.ask_both(&request)
    }

    fn ask_both(&self, request: &Request) -> Answer {
        let [one, other] = &self.all;
        let answers = [&one.1, &other.1].map(|address| ask(address, request));
        assert_eq!(answers[0], answers[1], "{} and {}: {request}", one.0, other.0);
        let [answer, _] = answers;
        answer
    }
}

fn all<'a>(answer: &'a Answer, name: &str) -> Vec<&'a str> {
    answer.fields.get(name).into_iter().flatten().map(String::as_str).collect()
}

#[test]
fn header_rules_apply_to_every_kind_of_response() {
    let hosts = Hosts::start();
    for (kind, status, body) in [
        ("text", 200, "text"),
        ("stream", 200, "one two three"),
        ("empty", 200, ""),
        ("204", 204, ""),
        ("304", 304, ""),
        ("404", 404, "missing"),
        ("redirect", 303, ""),
        ("fetched/data.json", 200, "{\"a\":1}"),
        ("fetched/old", 301, ""),
        ("fetched/own/404", 404, "missing"),
        ("fetched/own/204", 204, ""),
        ("fetched/own/redirect", 303, ""),
        ("fetched/own/stream", 200, "one two three"),
    ] {
        for method in ["GET", "HEAD"] {
            let answer = hosts.ask(method, kind, "identity");
            assert_eq!(answer.status, status, "{method} {kind}");
            let expected = if method == "HEAD" { "" } else { body };
            assert_eq!(text(&answer).trim(), expected, "{method} {kind}");
            let own: Vec<&str> = all(&answer, "x-own").last().copied().into_iter().collect();
            assert!(own == [kind], "{method} {kind}: {own:?}");
            assert!(all(&answer, "set-cookie").contains(&"rule=1; Path=/"), "{answer:?}");
            // A policy for the path is not one for an error there.
            let policy = (status < 400).then_some("public, max-age=5");
            if !kind.starts_with("fetched") {
                assert_eq!(answer.field("cache-control"), policy, "{method} {kind}");
            }
        }
    }
}

#[test]
fn fields_of_a_response_survive_the_header_rules() {
    let hosts = Hosts::start();
    for kind in ["fields", "fetched/own/fields"] {
        let answer = hosts.ask("GET", kind, "identity");
        let cookies = all(&answer, "set-cookie");
        for cookie in
            ["one=1; Path=/", "two=2; Expires=Thu, 01 Jan 2037 00:00:00 GMT", "rule=1; Path=/"]
        {
            assert!(cookies.contains(&cookie), "{kind}: {cookies:?}");
        }
        // The rule sets this field.
        assert_eq!(answer.field("x-several"), Some("rule"), "{kind}");
        assert_eq!(answer.field("cache-control"), Some("public, max-age=5"), "{kind}");
        assert!(answer.field("vary").is_some_and(|vary| vary.starts_with("Origin")), "{answer:?}");
    }
}

/// The server may answer with a file from `env.ASSETS`, whose response has the fields of the rules.
#[test]
fn header_rules_are_not_applied_twice() {
    let server = "export default { async fetch(request, env) {
        const { pathname } = new URL(request.url);
        const page = await env.ASSETS.fetch(new URL('/page', request.url));
        if (pathname === '/asset') return page;
        const headers = new Headers(page.headers);
        headers.set('link', '</b.css>; rel=preload, </a.css>; rel=preload');
        headers.append('set-cookie', 'other=2; Path=/');
        headers.delete('content-length');
        return new Response('own', { headers });
    } };";
    let rules = "/*
  Set-Cookie: rule=1; Path=/
  Link: </a.css>; rel=preload
  Vary: Origin
  X-One: a
/asset
  X-One: a
/removed
  ! Link
/removed*
  Link: </c.css>; rel=preload
";
    let site = Site::new(&[
        ("client/page.html", "<p>page"),
        ("client/_headers", rules),
        ("server/entry.mjs", server),
        ("server/wrangler.json", "{}"),
    ]);
    let worker = PackedSite::new(&site.dist(), &["--headers-on-ssr=on"]).start();
    let address = worker.address();
    let asset = ask(&address, &Request::new("GET", "/asset"));
    assert_eq!(all(&asset, "set-cookie"), ["rule=1; Path=/"], "{asset:?}");
    assert_eq!(all(&asset, "link"), ["</a.css>; rel=preload"], "{asset:?}");
    assert_eq!(all(&asset, "x-one").join(", "), "a, a", "as for an asset: {asset:?}");
    let vary = all(&asset, "vary").join(", ");
    assert_eq!(vary.matches("Origin").count(), 1, "{asset:?}");
    let own = ask(&address, &Request::new("GET", "/own"));
    assert_eq!(all(&own, "set-cookie"), ["rule=1; Path=/", "other=2; Path=/"], "{own:?}");
    assert_eq!(all(&own, "link"), ["</b.css>; rel=preload, </a.css>; rel=preload"], "{own:?}");
    let removed = ask(&address, &Request::new("GET", "/removed"));
    assert_eq!(all(&removed, "link"), ["</c.css>; rel=preload"], "{removed:?}");
}

/// Copying such a response would encode it a second time.
#[test]
fn compressed_responses_are_not_compressed_again() {
    let hosts = Hosts::start();
    for kind in [
        "compressed",
        "fetched/own/compressed",
        "fetched/manual/own/compressed",
        "fetched/prose.txt",
        "fetched/manual/prose.txt",
    ] {
        let answer = hosts.ask("GET", kind, "br");
        assert_eq!(answer.status, 200, "{kind}");
        match answer.field("content-encoding") {
            Some("br") if kind.contains("compressed") => assert_eq!(answer.body, HELLO, "{kind}"),
            coding => assert_eq!(coding, None, "{kind}"),
        }
    }
}

#[test]
fn successful_responses_without_a_policy_get_that_of_the_rules_by_path() {
    let hosts = Hosts::start();
    for (kind, expected) in [
        ("text", Some("public, max-age=77")),
        ("stream", Some("public, max-age=77")),
        ("redirect", Some("public, max-age=77")),
        // The last rule counts.
        ("204", Some("no-cache")),
        // A policy is not for an error, and one of the response stays.
        ("404", None),
        ("fields", Some("private")),
        ("fetched/own/text", Some("public, max-age=5")),
        // Its cookie must not be stored by a cache.
        ("fetched/policy/cookie", None),
        // Nothing has set its header fields before.
        ("fetched/policy/empty", Some("public, max-age=77")),
    ] {
        for method in ["GET", "HEAD"] {
            let request = Request::new(method, format!("/policy/{kind}"));
            let answer = hosts.ask_both(&request);
            assert_eq!(answer.field("cache-control"), expected, "{method} {kind}");
        }
    }
    let text = || Request::new("GET", "/policy/text");
    let authorized = hosts.ask_both(&text().with("Authorization", "Basic eDp5"));
    assert_eq!(authorized.field("cache-control"), None);
    let posted = hosts.ask_both(&Request::new("POST", "/policy/text"));
    assert_eq!(posted.field("cache-control"), None);
}

/// RFC 6455 §4.2.2.
#[test]
fn upgraded_connections_survive() {
    for (name, address) in &Hosts::start().all {
        let mut stream = connect(address);
        let head = "GET /own/socket HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\n\
                    Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        stream.write_all(head.as_bytes()).unwrap();
        let mut received = Vec::new();
        while !received.ends_with(b"hello") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap_or_else(|error| panic!("{name}: {error}"));
            received.extend(byte);
        }
        assert!(received.starts_with(b"HTTP/1.1 101 "), "{name}");
    }
}
