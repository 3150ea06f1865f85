//! The order of assets and server.

use std::fs;

use worker_pack::options::{HeadersOnSsr, WorkerOptions};

use super::{bundle, bundle_with, errors, module, server_site};
use crate::support::recorded::recorded;
use crate::support::site::Site;
use crate::support::xtask;

#[test]
fn the_order_of_assets_and_server_follows_the_build() {
    let pages = Site::new(&[
        ("index.html", "<h1>home</h1>"),
        ("_worker.js/index.js", "export default { fetch() {} }; export const pageMap = new Map();"),
        ("_routes.json", r#"{"version":1,"include":["/api/*"],"exclude":["/api/static"]}"#),
    ]);
    bundle(&pages);
    let index = module(&pages, "index.js");
    assert!(index.contains(r"? 'server' : 'assets')"), "{index}");
    assert!(!index.contains("export *"), "a build for Pages exports data: {index}");

    let site = server_site();
    let config = r#"{"assets":{"run_worker_first":["/desk/*","!/desk/logo.png"]}}"#;
    site.write("server/wrangler.json", config);
    let headers = WorkerOptions { headers_on_ssr: HeadersOnSsr::On, ..Default::default() };
    bundle_with(&site, &headers).unwrap();
    let index = module(&site, "index.js");
    assert!(index.contains(r"/^(?:\/desk\/.*)$/s.test(path)"), "{index}");
    assert!(index.contains("headerRules: true") && index.contains("export *"), "{index}");
    site.write("server/wrangler.json", r#"{"assets":{"run_worker_first":true}}"#);
    bundle(&site);
    assert!(module(&site, "index.js").contains("order: () => 'server'"));
    site.write("_routes.json", "not JSON");
    pages.write("_routes.json", "not JSON");
    let error = errors(bundle_with(&pages, &WorkerOptions::default()));
    assert!(error.contains("_routes.json` is not valid: "), "{error}");
}

/// A site with `run_worker_first` patterns.
fn server_first(patterns: &serde_json::Value) -> Site {
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
        let packed = bundle_with(&server_first(&case["args"][0]), &WorkerOptions::default());
        assert_eq!(packed.is_err(), case["error"].is_string(), "{}", case["id"]);
    }
    let mut script = String::from("const differ = [];\n");
    let mut asked = 0;
    for case in cases("static_routing.match") {
        let rules = case["rules"].as_array().unwrap();
        // No configuration can contain these rules.
        if rules.is_empty() || rules.iter().any(|rule| !rule.as_str().unwrap().starts_with('/')) {
            continue;
        }
        let site = server_first(&case["rules"]);
        bundle(&site);
        let index = module(&site, "index.js");
        let order = index.split("order: ").nth(1).unwrap().rsplit_once(" });").unwrap().0;
        let (url, result) = (&case["url"], &case["result"]);
        asked += 1;
        let differs = format!("(({order})(new URL({url}).pathname) === 'server') !== {result}");
        script.extend(["if (", &*differs, ") differ.push(", &*url.to_string(), ");\n"]);
    }
    script.push_str("if (differ.length > 0) throw new Error(differ.join(', '));\n");
    assert_eq!(asked, 46);
    let scratch = Site::new::<&str>(&[]);
    let path = scratch.project().join("order.mjs");
    fs::write(&path, script).unwrap();
    xtask::run(&["node", path.to_str().unwrap()]);
}
