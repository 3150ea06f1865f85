//! What Cloudflare's own parsers make of `_redirects` and `_headers`, replayed.

use std::io::Write;
use std::path::Path;

use serde_json::Value;
use worker_pack_runtime::Behaviour;
use worker_pack_runtime::behaviour::{Fidelity, HtmlHandling};

use super::{HeaderRules, Redirects};

/// Reads the recorded cases of a parser, if they are there.
fn recorded(parser: &str) -> Option<Vec<Value>> {
    let folder = std::env::var_os("WORKER_PACK_CONFORMANCE").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/conformance"),
        Into::into,
    );
    let path = folder.join("upstream-tests.json");
    let Ok(bytes) = std::fs::read(&path) else {
        let message = format!("SKIPPED: there is no {}\n", path.display());
        std::io::stderr().write_all(message.as_bytes()).expect("there is an output");
        return None;
    };
    let mut all: Value = serde_json::from_slice(&bytes).expect("it is JSON");
    match all["tests"][parser].take() {
        Value::Array(cases) => Some(cases),
        other => panic!("{parser}: {other}"),
    }
}

#[test]
fn redirects_are_taken_and_refused_as_cloudflare_does() {
    let Some(cases) = recorded("parseRedirects") else { return };
    assert_eq!(cases.len(), 40);
    for case in cases.into_iter().filter(|case| !has_limits(case)) {
        let behaviour = Behaviour {
            html_handling: match case["args"][1]["htmlHandling"].as_str() {
                Some(name) => name.parse().expect("a way to handle pages"),
                None => HtmlHandling::AutoTrailingSlash,
            },
            fidelity: Fidelity::Strict,
            ..Behaviour::DEFAULT
        };
        let parsed =
            Redirects::parse(case["args"][0].as_str().expect("a text"), "_redirects", behaviour);
        let mut rules = [parsed.redirects.fixed, parsed.redirects.dynamic].concat();
        rules.sort_by_key(|rule| rule.line);
        let found: Vec<Value> = rules
            .iter()
            .map(|rule| {
                let (from, to, line) = (&rule.from, &rule.to, rule.line);
                serde_json::json!({ "from": from, "to": to, "status": rule.status, "lineNumber": line })
            })
            .collect();
        assert_eq!(Value::Array(found), case["result"]["rules"], "{}", case["id"]);
        let mut refused: Vec<usize> = lines(&parsed.diagnostics);
        refused.dedup();
        let expected = lines_of(&case["result"]["invalid"]);
        // What comes after too many is one remark there, and has no line.
        assert!(expected.iter().all(|line| refused.contains(line)), "{}: {refused:?}", case["id"]);
    }
}

#[test]
fn header_rules_are_taken_and_refused_as_cloudflare_does() {
    let Some(cases) = recorded("parseHeaders") else { return };
    assert_eq!(cases.len(), 17);
    for case in cases.into_iter().filter(|case| !has_limits(case)) {
        let parsed = HeaderRules::parse(case["args"][0].as_str().expect("a text"), "_headers");
        let mut expected: Vec<Value> = Vec::new();
        for rule in case["result"]["rules"].as_array().expect("rules") {
            // Of two rules for a path the later one counts, which is decided after parsing there.
            expected.retain(|earlier| earlier["path"] != rule["path"]);
            expected.push(rule.clone());
        }
        assert_eq!(parsed.rules.len(), expected.len(), "{}", case["id"]);
        for (rule, expected) in parsed.rules.iter().zip(&expected) {
            assert_eq!(rule.pattern, expected["path"].as_str().expect("a path"));
            let set: Vec<(&str, &str)> = expected["headers"]
                .as_object()
                .expect("fields")
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str().expect("a value")))
                .collect();
            let own: Vec<(&str, &str)> =
                rule.set.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            assert_eq!(own, set, "{}", case["id"]);
            let removed = expected["unsetHeaders"].as_array().expect("names");
            let removed: Vec<String> =
                removed.iter().map(|name| name.as_str().expect("a name").to_lowercase()).collect();
            assert_eq!(rule.remove, removed, "{}", case["id"]);
        }
    }
}

/// Returns whether a case has limits of its own, which only tests set.
fn has_limits(case: &Value) -> bool {
    let options = case["args"][1].as_object();
    options.is_some_and(|options| options.keys().any(|option| option.starts_with("max")))
}

fn lines(diagnostics: &[crate::feedback::diagnostic::Diagnostic]) -> Vec<usize> {
    diagnostics.iter().filter_map(|found| Some(found.excerpt.as_ref()?.line)).collect()
}

fn lines_of(invalid: &Value) -> Vec<usize> {
    let all = invalid.as_array().expect("a list").iter();
    all.filter_map(|one| usize::try_from(one["lineNumber"].as_u64()?).ok()).collect()
}
