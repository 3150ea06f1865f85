//! Spellings of protected paths, over real connections: to `serve`, to a packed site and to a Worker
//! in Rust. What the runtime answers to each is tested in `http::spelling`.

use url::Url;

use super::packed_site::{PackedSite, text};
use super::rust_worker;
use crate::support::client::{Answer, Request, ask};
use crate::support::server::Server;
use crate::support::spelling::{SECRET, absolute_forms, changed, protected_site, spellings};

/// A server that answers with the path that it gets, and with whether its URL is normalised.
const SERVER: &str = "export default { fetch(request) {\n\
    const { href, pathname } = new URL(request.url);\n\
    return new Response(`server ${pathname} ${href === request.url}`);\n\
    } };";

/// Asks for every spelling of an asset, of a protected file, of a path of the server and of a redirect,
/// and compares the answer with that to the normalised path. Returns the number of requests.
fn compare(address: &str, is_allowed: impl Fn(&str, &Answer)) -> usize {
    let get = |target: &str| ask(address, &Request::new("GET", target));
    let mut asked = 0;
    for path in ["/admin/s.txt", "/open/a.txt", "/api/x", "/go/a.txt"] {
        let all = if path == "/admin/s.txt" { spellings(path) } else { changed(path) };
        let absolute = absolute_forms(path);
        for target in all.iter().chain(&absolute) {
            // RFC 9112 §3.2: anything else is not a target, and hosts refuse it.
            if target.starts_with('\\') {
                assert_eq!(get(target).status, 400, "{target}");
                continue;
            }
            let origin = if target.starts_with('/') { "http://example.org" } else { "" };
            let url = Url::parse(&[origin, target].concat()).unwrap();
            let query = url.query().map_or(String::new(), |query| format!("?{query}"));
            let (answer, normal) = (get(target), get(&format!("{}{query}", url.path())));
            assert!(!text(&answer).contains(SECRET), "{target}");
            is_allowed(target, &answer);
            assert_eq!(answer, normal, "{target}");
            asked += 1;
        }
    }
    assert!(asked > 500, "only {asked}");
    asked
}

#[test]
fn no_spelling_reaches_a_protected_file_of_a_packed_site() {
    let site = protected_site(SERVER);
    let worker = PackedSite::new(&site.dist(), &["--headers-on-ssr", "on"]).start();
    compare(&worker.address(), |target, answer| {
        let body = text(answer);
        if body.starts_with("server ") {
            assert!(body.ends_with(" true"), "the server gets the normalised URL: {target} {body}");
        }
        if body.starts_with("server /admin/") {
            assert_eq!(answer.field("x-rule"), Some("admin"), "{target}");
        }
    });
}

#[test]
fn no_spelling_reaches_a_protected_file_of_serve() {
    let site = protected_site(SERVER);
    let server = Server::start(&site.dist(), &["--quiet"]);
    compare(server.address(), |_, _| {});
    let answer = ask(server.address(), &Request::new("GET", "/admin/s.txt"));
    assert_eq!((answer.status, answer.field("cache-control")), (501, Some("no-store")));
}

#[test]
fn no_spelling_reaches_a_protected_file_of_a_worker_in_rust() {
    let site = protected_site(SERVER);
    let worker = rust_worker::start(&["--dist", site.dist().to_str().unwrap()]);
    compare(&worker.address(), |_, _| {});
}
