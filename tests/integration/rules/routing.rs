//! The division of paths between assets and server.

use serde_json::Value;
use worker_pack::Options;
use worker_pack_runtime::{Answer, Method, Request, ServerReason, Table};

use crate::support::recorded::recorded;
use crate::support::site::Site;

/// Returns whether a path belongs to the server, whether or not it has an asset.
fn is_servers(table: &Table<'_>, url: &str) -> bool {
    let answer = table.answer(&Request::from_url(Method::Get, url));
    matches!(answer, Answer::Server { reason: ServerReason::Routing, .. })
}

#[test]
fn routes_json_of_pages_leaves_other_paths_to_the_assets_alone() {
    let site = Site::new(&[
        ("index.html", "<h1>home</h1>"),
        ("404.html", "<h1>missing</h1>"),
        ("_worker.js/index.js", "export default { fetch() {} };"),
        ("_routes.json", r#"{"version":1,"include":["/api/*","/é"],"exclude":["/api/static"]}"#),
    ]);
    let image = site.pack().table().to_memory().unwrap();
    let table = image.table();
    let status = |path| table.respond(&Request::new(Method::Get, path)).map(|it| it.status());
    for (path, expected) in [
        ("/api/x", None),
        ("/api", None),
        ("/%C3%A9", None),
        ("/%c3%a9/", None),
        ("/api/static", Some(404)),
        ("/api/static/", Some(404)),
        ("/nowhere", Some(404)),
        ("/", Some(200)),
    ] {
        assert_eq!(status(path), expected, "{path}");
    }
    site.write("_routes.json", "not JSON");
    let error = site.try_pack(Options::default()).unwrap_err().to_string();
    assert!(error.contains("_routes.json` is not valid: "), "{error}");
}

/// Workers divide paths by `run_worker_first` alone.
#[test]
fn routes_json_means_nothing_to_a_site_that_follows_workers() {
    for (run_worker_first, is_first) in [(None, false), (Some(false), false), (Some(true), true)] {
        let site = Site::new(&[
            ("index.html", "<h1>home</h1>"),
            ("about/index.html", "<h1>about</h1>"),
            ("_worker.js/index.js", "export default { fetch() {} };"),
            ("_routes.json", r#"{"version":1,"include":["/*"],"exclude":["/nowhere"]}"#),
        ]);
        let assets = match run_worker_first {
            Some(value) => serde_json::json!({ "directory": "dist", "run_worker_first": value }),
            None => serde_json::json!({ "directory": "dist" }),
        };
        let config = serde_json::json!({ "assets": assets }).to_string();
        std::fs::write(site.project().join("wrangler.jsonc"), config).unwrap();
        let image = site.pack().table().to_memory().unwrap();
        let table = image.table();
        assert_eq!(is_servers(&table, "http://a.example/about/"), is_first);
        let unknown = table.answer(&Request::new(Method::Get, "/nowhere"));
        assert!(matches!(unknown, Answer::Server { .. }), "{unknown:?}");
    }
}

/// On Pages, a server without `_routes.json` answers every path.
#[test]
fn a_server_of_pages_without_routes_json_answers_every_path() {
    let site = Site::new(&[("index.html", "<h1>home</h1>"), ("_worker.js", "export default {};")]);
    let image = site.pack().table().to_memory().unwrap();
    assert!(is_servers(&image.table(), "http://a.example/"));
}

#[test]
fn run_worker_first_with_true_gives_every_path_to_the_server() {
    let site = server_first(&Value::Bool(true));
    let image = site.pack().table().to_memory().unwrap();
    assert!(is_servers(&image.table(), "http://a.example/"));
    let request = Request::new(Method::Get, "/");
    assert_eq!(image.table().respond_to_server(&request).status(), 200);
}

/// The configuration that an earlier build wrote beside the site says nothing about the site.
#[test]
fn the_assets_of_a_packed_worker_are_not_those_of_the_site() {
    let site = Site::new(&[("index.html", "<h1>home</h1>")]);
    let config = r#"{"assets":{"binding":"WORKER_PACK_ASSETS","run_worker_first":true,"html_handling":"none"}}"#;
    std::fs::write(site.project().join("wrangler.jsonc"), config).unwrap();
    let image = site.pack().table().to_memory().unwrap();
    assert!(image.table().respond(&Request::new(Method::Get, "/")).is_some());
}

/// A site with `run_worker_first` patterns.
fn server_first(patterns: &Value) -> Site {
    let config = serde_json::json!({ "assets": { "run_worker_first": patterns } }).to_string();
    Site::new(&[
        ("client/index.html", "<h1>home</h1>"),
        ("server/entry.mjs", "export default { fetch() {} };"),
        ("server/wrangler.json", &config),
    ])
}

#[test]
fn run_worker_first_patterns_match_cloudflare() {
    let Some(recorded) = recorded("upstream-tests.json") else {
        return;
    };
    let cases = |group: &str| recorded["tests"][group].as_array().unwrap().clone();
    for case in cases("parseStaticRouting") {
        let packed = server_first(&case["args"][0]).try_pack(Options::default());
        assert_eq!(packed.is_err(), case["error"].is_string(), "{}", case["id"]);
    }
    let mut asked = 0;
    for case in cases("static_routing.match") {
        let rules = case["rules"].as_array().unwrap();
        // No configuration can contain these rules.
        if rules.is_empty() || rules.iter().any(|rule| !rule.as_str().unwrap().starts_with('/')) {
            continue;
        }
        let image = server_first(&case["rules"]).pack().table().to_memory().unwrap();
        let url = case["url"].as_str().unwrap();
        assert_eq!(Some(is_servers(&image.table(), url)), case["result"].as_bool(), "{case}");
        asked += 1;
    }
    assert_eq!(asked, 46);
}
