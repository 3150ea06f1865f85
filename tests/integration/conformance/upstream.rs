//! Cloudflare's own tests, replayed.

use serde_json::Value;
use worker_pack_runtime::behaviour::Compat;

use super::comparison::{Comparison, same_fields};
use super::site::{Asked, Rule, Site, text};
use crate::support::recorded::recorded;

#[test]
fn every_group_of_upstream_tests_is_replayed() {
    let Some(recorded) = recorded("upstream-tests.json") else { return };
    let replayed = [
        "asset.handleRequest",
        "pages.generateHandler",
        "rules.match",
        "replacer",
        // In the unit tests of the parsers.
        "parseRedirects",
        "parseHeaders",
        "parseStaticRouting",
        // In `rules::routing`.
        "static_routing.match",
        // In `conformance::router`.
        "asset.canFetch",
        "router.fetch",
    ];
    for (group, cases) in recorded["tests"].as_object().unwrap() {
        let count = cases.as_array().unwrap().len();
        assert!(replayed.contains(&group.as_str()), "{group}, {count} cases");
    }
}

/// Upstream cases that are left out: a part of the name, and the reason.
const LEFT_OUT: [(&str, &str); 4] = [
    (
        "early hints should cache link headers",
        "Pages learns them from earlier requests; here they come from the build",
    ),
    (
        "should serve deleted assets from preservation cache",
        "worker-pack has no cache of deleted assets",
    ),
    ("500 skips headers", "an unreadable body is the host's error, not the table's"),
    ("should emit header when Web Analytics Token is injected", "Cloudflare's own analytics"),
];

fn is_left_out(case: &Value) -> bool {
    let name = case["test"].as_str().unwrap();
    // A file's path never ends with a slash.
    case["on_disk"] == Value::Bool(false) || LEFT_OUT.iter().any(|(part, _)| name.contains(part))
}

/// Replays cases of the upstream tests. Returns how many were left out.
fn replay(cases: &Value, compat: Compat, comparison: &mut Comparison) -> usize {
    let mut left_out = 0;
    for case in cases.as_array().unwrap() {
        if is_left_out(case) {
            left_out += 1;
            continue;
        }
        let mut site = Site::new(compat);
        for (path, validator) in case["manifest"].as_object().unwrap() {
            match validator {
                Value::String(tag) => drop(site.files.insert(path.clone(), tag.clone())),
                Value::Bool(true) => drop(site.files.insert(path.clone(), path.clone())),
                _ => {}
            }
        }
        for (validator, asset) in case["assets"].as_object().into_iter().flatten() {
            site.content_types.insert(validator.clone(), text(&asset["contentType"]));
        }
        let rules = if compat == Compat::Pages { &case["metadata"] } else { &case["config"] };
        for name in ["html_handling", "not_found_handling"] {
            let Some(value) = rules[name].as_str() else { continue };
            match name {
                "html_handling" => site.behaviour.html_handling = value.parse().unwrap(),
                _ => site.behaviour.not_found_handling = value.parse().unwrap(),
            }
        }
        let redirects = &rules["redirects"];
        for (from, rule) in redirects["staticRules"].as_object().into_iter().flatten() {
            site.add_redirect(from, rule);
        }
        for (from, rule) in redirects["rules"].as_object().into_iter().flatten() {
            let status = u16::try_from(rule["status"].as_u64().unwrap()).unwrap();
            let rule = Rule { from: from.clone(), to: text(&rule["to"]), status, line: 0 };
            site.dynamic.push(rule);
        }
        for (pattern, rule) in rules["headers"]["rules"].as_object().into_iter().flatten() {
            site.add_headers(pattern, &rule["set"], &rule["unset"]);
        }
        let answer = site.answer(&Asked::read(&case["request"]));
        let expected = &case["response"];
        let same = u64::from(answer.status) == expected["status"].as_u64().unwrap()
            && same_fields(&site, &answer, &expected["headers"], None);
        comparison.check(same, || format!("{}\n  {expected}\n  {answer:?}", case["id"]));
    }
    left_out
}

#[test]
fn upstream_tests_of_workers_static_assets_pass() {
    let Some(recorded) = recorded("upstream-tests.json") else { return };
    let mut comparison = Comparison::default();
    let cases = &recorded["tests"]["asset.handleRequest"];
    let left_out = replay(cases, Compat::Workers, &mut comparison);
    comparison.finish(44 - left_out);
}

#[test]
fn upstream_tests_of_pages_pass() {
    let Some(recorded) = recorded("upstream-tests.json") else { return };
    let mut comparison = Comparison::default();
    let cases = &recorded["tests"]["pages.generateHandler"];
    let left_out = replay(cases, Compat::Pages, &mut comparison);
    comparison.finish(62 - left_out);
}
