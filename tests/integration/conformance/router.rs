//! Cloudflare's own tests of its router, replayed: whether a request goes to the assets or to the server.

use std::fs;

use serde_json::{Value, json};
use worker_pack::Options;
use worker_pack::options::{Compat, Fidelity};
use worker_pack_runtime::request::RequestField;
use worker_pack_runtime::{Answer, Method, Request};

use super::comparison::Comparison;
use super::site::{Asked, text};
use crate::support::recorded::recorded;
use crate::support::site::Site;

/// Cases of the router that are left out: a part of the name, their number, and the reason.
const LEFT_OUT: [(&str, usize, &str); 4] = [
    ("blocking /_next/image", 10, "the platform's guard against abuse of image services"),
    ("blocking /_image", 3, "the platform's guard against abuse of image services"),
    ("free tier limiting", 5, "the platform's limit for accounts without payment"),
    (
        "bypass with redirect > redirects",
        8,
        "the platform's own paths: here a backslash in a path means the same as a slash",
    ),
];

/// Packs a site with a server, and returns who answers a request under strict fidelity.
fn answerer(files: &[String], redirects: &str, config: &Value, asked: &Asked) -> &'static str {
    let site = Site::new(&[("_worker.js", "export default { fetch() {} };"), ("z.txt", "z")]);
    for file in files {
        site.write(file.trim_start_matches('/'), file);
    }
    site.write("_redirects", redirects);
    fs::write(site.project().join("wrangler.json"), config.to_string()).unwrap();
    let compat = Some(Compat::Workers);
    let options = Options { compat, fidelity: Fidelity::Strict, ..Options::default() };
    let image = site.pack_with(options).table().to_memory().unwrap();
    let mut request = Request::from_url(Method::from_token(&asked.method), &asked.url);
    let mode = asked.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("sec-fetch-mode"));
    if let Some((_, mode)) = mode {
        request.set_field(RequestField::SecFetchMode, mode);
    }
    match image.table().answer(&request) {
        Answer::Server { .. } => "user",
        Answer::Reply(_) => "asset",
    }
}

#[test]
fn the_assets_answer_the_requests_that_they_answer_on_workers() {
    let Some(recorded) = recorded("upstream-tests.json") else { return };
    let mut comparison = Comparison::default();
    for case in recorded["tests"]["asset.canFetch"].as_array().unwrap() {
        let rules = &case["config"];
        let mut config = json!({
            "compatibility_date": rules["compatibility_date"],
            "compatibility_flags": rules["compatibility_flags"],
            "assets": {
                "html_handling": rules["html_handling"],
                "not_found_handling": rules["not_found_handling"],
            },
        });
        if rules["has_static_routing"] == true {
            config["assets"]["run_worker_first"] = json!(["/a-path-of-the-server"]);
        }
        let files = case["manifest"].as_object().unwrap().iter();
        let files: Vec<String> =
            files.filter(|(_, tag)| !tag.is_null()).map(|(path, _)| path.clone()).collect();
        let redirects = ["staticRules", "rules"].map(|kind| &rules["redirects"][kind]);
        let line = |(from, rule): (&String, &Value)| {
            format!("{from} {} {}\n", text(&rule["to"]), rule["status"])
        };
        let redirects = redirects.iter().flat_map(|rules| rules.as_object().unwrap()).map(line);
        let redirects: String = redirects.collect();
        let answerer = answerer(&files, &redirects, &config, &Asked::read(&case["request"]));
        let same = (answerer != "user") == case["result"].as_bool().unwrap();
        comparison.check(same, || format!("{}: {}\n  {answerer}", case["id"], case["test"]));
    }
    comparison.finish(450);
}

#[test]
fn requests_are_divided_as_by_the_router_of_workers() {
    let Some(recorded) = recorded("upstream-tests.json") else { return };
    let mut comparison = Comparison::default();
    let mut left_out = [0; LEFT_OUT.len()];
    for case in recorded["tests"]["router.fetch"].as_array().unwrap() {
        let name = case["test"].as_str().unwrap();
        let reason = LEFT_OUT.iter().position(|(part, _, _)| name.contains(part));
        if let Some(index) = reason {
            left_out[index] += 1;
            continue;
        }
        let rules = &case["config"];
        let first = match (&rules["static_routing"], &rules["invoke_user_worker_ahead_of_assets"]) {
            (Value::Object(routing), _) => {
                let list = |name: &str| routing.get(name).and_then(Value::as_array).cloned();
                let paths = list("user_worker").unwrap_or_else(|| vec![json!("/of-the-server")]);
                let except = list("asset_worker").unwrap_or_default();
                let except = except.iter().map(|path| json!(format!("!{}", text(path))));
                Value::Array(paths.into_iter().chain(except).collect())
            }
            (_, first) => json!(first.as_bool().unwrap_or_default()),
        };
        let config = json!({ "assets": { "run_worker_first": first } });
        let asked = Asked::read(&case["request"]);
        let asset = case["can_fetch"].as_bool().unwrap_or_default().then(|| {
            let request = Request::from_url(Method::Get, &asked.url);
            let path = worker_pack_runtime::packer::path::decode(request.path).unwrap();
            if path == "/" { "/index.html".to_owned() } else { path.replace("//", "/") }
        });
        let answerer = answerer(asset.as_slice(), "", &config, &asked);
        // A Worker that does not exist is an error there, and here one of the packer.
        let expected = case["dispatched"][0].as_str().unwrap_or("user");
        comparison.check(answerer == expected, || format!("{}: {case}\n  {answerer}", case["id"]));
    }
    for ((part, cases, reason), count) in LEFT_OUT.into_iter().zip(left_out) {
        assert_eq!(count, cases, "{part}: {reason}");
    }
    comparison.finish(51 - left_out.iter().sum::<usize>());
}
