//! Astro's server beside the assets in `workerd`.

use super::packed_site::{PackedSite, SERVERS, text};
use crate::support::client::{Request, ask};
use crate::support::site::Site;

#[test]
fn requests_without_an_asset_reach_astro_with_its_environment() {
    let [ssr, pages] = &*SERVERS;
    let worker = PackedSite::new(ssr, &[]).start();
    let address = worker.address();
    let get = |target: &str| ask(&address, &Request::new("GET", target));
    let desk = get("/desk/?walk=harbour");
    assert_eq!(desk.status, 200);
    assert!(text(&desk).contains("Hello."), "the environment variable: {desk:?}");
    assert_eq!(desk.field("x-desk"), Some("open; GET"), "the middleware's field");
    assert_eq!(desk.field("x-frame-options"), None, "header rules apply only to assets by default");
    let missing = get("/walks/nowhere/");
    assert_eq!(missing.status, 404);
    assert!(text(&missing).contains("<!DOCTYPE html>"), "the prerendered 404 page: {missing:?}");
    assert_eq!(get("/aground/").status, 500);
    assert_eq!(get("/next/").status, 303);
    // A redirect that the adapter writes only into `_redirects`.
    let guides = get("/guides");
    assert_eq!((guides.status, guides.field("location")), (302, Some("/about")));
    let assets = get("/api/assets?path=/about/");
    let found = text(&assets).matches("<!DOCTYPE html>").count();
    assert!(found >= 3, "asked by string, URL and Request: {}", text(&assets));
    assert_eq!(ask(&address, &Request::new("POST", "/about/")).status, 405);

    let worker = PackedSite::new(pages, &[]).start();
    let address = worker.address();
    let get = |target: &str| ask(&address, &Request::new("GET", target));
    assert!(text(&get("/board/?to=x")).contains("Hello."));
    assert_eq!(get("/nowhere").status, 404, "paths outside `_routes.json` are assets or 404");
    assert_eq!(get("/_worker.js/index.js").status, 404);
}

#[test]
fn header_rules_apply_to_server_responses_on_request() {
    let worker = PackedSite::new(&SERVERS[0], &["--headers-on-ssr", "on"]).start();
    let address = worker.address();
    for target in ["/desk/", "/about/", "/walks/nowhere/", "/next/", "/api/time-zone"] {
        let answer = ask(&address, &Request::new("GET", target));
        assert_eq!(answer.field("x-frame-options"), Some("DENY"), "{target}");
    }
}

/// The server guards a folder by `run_worker_first`.
#[test]
fn run_worker_first_covers_every_spelling_of_a_path() {
    let site = Site::new(&[
        ("client/admin/index.html", "<h1>secret</h1>"),
        ("client/index.html", "<h1>home</h1>"),
        (
            "server/entry.mjs",
            "class App { #answer = 'guarded'; fetch() { return new Response(this.#answer); } }\nexport default new App();",
        ),
        ("server/wrangler.json", r#"{"assets":{"run_worker_first":["/admin/*","/admin"]}}"#),
    ]);
    let worker = PackedSite::new(&site.dist(), &[]).start();
    let address = worker.address();
    let body = |target: &str| text(&ask(&address, &Request::new("GET", target)));
    for target in
        ["/admin/", "/admin", "/%61dmin/", "/admin%2F", "/admin%2findex.html", "/admin/%zz"]
    {
        assert_eq!(body(target), "guarded", "{target}");
    }
    assert_eq!(body("/"), "<h1>home</h1>");
}

/// With `single-page-application` the home page answers every path, but only after the server.
#[test]
fn the_single_page_fallback_does_not_hide_the_server() {
    let site = Site::new(&[
        ("client/index.html", "<h1>app</h1>"),
        (
            "server/entry.mjs",
            "export default { async fetch(request, env) {\n\
             const { pathname } = new URL(request.url);\n\
             if (pathname === '/api') return new Response(`api ${(await env.ASSETS.fetch(request)).status}`);\n\
             return env.ASSETS.fetch(request);\n} };",
        ),
        ("server/wrangler.json", r#"{"assets":{"not_found_handling":"single-page-application"}}"#),
    ]);
    let worker = PackedSite::new(&site.dist(), &[]).start();
    let address = worker.address();
    let identity = |target: &str| Request::new("GET", target).with("Accept-Encoding", "identity");
    for _ in 0..3 {
        assert_eq!(text(&ask(&address, &identity("/api"))), "api 200");
        assert_eq!(text(&ask(&address, &identity("/any/where"))), "<h1>app</h1>");
    }
}

#[test]
fn assets_fetched_by_astro_have_no_content_coding() {
    let site = Site::new(&[
        ("client/index.html", "<h1>home</h1>".repeat(100)),
        (
            "server/entry.mjs",
            "export default { async fetch(request, env) {\n\
             const url = new URL('/', request.url);\n\
             return new Response(await (await env.ASSETS.fetch(new Request(url, request))).text());\n} };"
                .to_owned(),
        ),
    ]);
    let worker = PackedSite::new(&site.dist(), &[]).start();
    let request = Request::new("GET", "/rendered").with("Accept-Encoding", "br, gzip");
    let answer = ask(&worker.address(), &request);
    assert!(text(&answer).starts_with("<h1>home</h1>"), "{answer:?}");
}
