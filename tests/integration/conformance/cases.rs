//! Recorded cases: methods, conditional requests, rules and patterns.

use serde_json::Value;
use worker_pack_runtime::behaviour::Compat;
use worker_pack_runtime::packer::pattern;
use worker_pack_runtime::{Method, Request};

use super::comparison::{Comparison, compare};
use super::site::{Site, text};
use crate::support::recorded::recorded;

#[test]
fn methods_and_conditional_requests_match_cloudflare() {
    let Some(recorded) = recorded("methods-and-conditionals.json") else { return };
    let mut comparison = Comparison::default();
    for case in recorded["cases"].as_array().unwrap() {
        let files = case["files"].as_array().unwrap().iter().filter_map(Value::as_str);
        let mut site = match case["engine"].as_str() {
            Some("pages") => Site::new(Compat::Pages),
            _ => Site::new(Compat::Workers),
        }
        .with_files(files);
        if let Some(handling) = case["config"]["not_found_handling"].as_str() {
            site.behaviour.not_found_handling = handling.parse().unwrap();
        }
        compare(&mut comparison, &site, case);
    }
    comparison.finish(188);
}

#[test]
fn rules_match_cloudflare() {
    let Some(recorded) = recorded("rules.json") else { return };
    let input = &recorded["input"];
    let mut comparison = Comparison::default();
    for case in recorded["cases"].as_array().unwrap() {
        let compat = match case["engine"].as_str() {
            Some("pages") => Compat::Pages,
            _ => Compat::Workers,
        };
        let files = input["files"].as_array().unwrap().iter().filter_map(Value::as_str);
        let mut site = Site::new(compat).with_files(files);
        for rule in input["parsed_redirects"]["rules"].as_array().unwrap() {
            site.add_redirect(rule["from"].as_str().unwrap(), rule);
        }
        for rule in input["parsed_headers"]["rules"].as_array().unwrap() {
            let path = text(&rule["path"]);
            site.add_headers(&path, &rule["headers"], &rule["unsetHeaders"]);
        }
        compare(&mut comparison, &site, case);
    }
    comparison.finish(392);
}

#[test]
fn patterns_and_substitutions_match_cloudflare() {
    let Some(recorded) = recorded("upstream-tests.json") else { return };
    let mut comparison = Comparison::default();
    for case in recorded["tests"]["rules.match"].as_array().unwrap() {
        // A rule's value is a number, or a text with placeholders for captures.
        let value = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let rules: Vec<(&String, String)> =
            case["rules"].as_object().unwrap().iter().map(|(from, to)| (from, value(to))).collect();
        let url = case["url"].as_str().unwrap();
        let request = Request::from_url(Method::Get, url);
        let with_host = format!("https://{}{}", request.host.unwrap(), request.path);
        let found: Vec<String> = rules
            .iter()
            .filter_map(|(from, to)| {
                let text =
                    if from.starts_with(pattern::SCHEME) { &with_host } else { request.path };
                let captures = pattern::matches(from, text)?;
                Some(pattern::substitute(to, &captures).into_owned())
            })
            .collect();
        let expected: Vec<String> = case["result"].as_array().unwrap().iter().map(value).collect();
        comparison.check(found == expected, || format!("{}: {found:?}", case["id"]));
    }
    comparison.finish(14);

    let mut comparison = Comparison::default();
    for case in recorded["tests"]["replacer"].as_array().unwrap() {
        let captures = case["replacements"].as_object().unwrap();
        let captures: pattern::Captures<'_> =
            captures.iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap())).collect();
        let found = pattern::substitute(case["input"].as_str().unwrap(), &captures);
        comparison.check(case["result"] == *found, || format!("{}: {found}", case["id"]));
    }
    comparison.finish(14);
}
