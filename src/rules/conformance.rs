//! Recorded results of Cloudflare's own parsers of `_redirects` and `_headers`, compared with ours.

use std::io::Write;
use std::path::Path;

use serde_json::Value;
use worker_pack_runtime::Behaviour;
use worker_pack_runtime::behaviour::{Fidelity, HtmlHandling};

use super::{HeaderRules, redirects};

/// Reads the recorded cases of a parser. Returns `None` if the recording is missing.
fn recorded(parser: &str) -> Option<Vec<Value>> {
    let folder = std::env::var_os("WORKER_PACK_CONFORMANCE").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/conformance"),
        Into::into,
    );
    let path = folder.join("upstream-tests.json");
    let Ok(bytes) = std::fs::read(&path) else {
        let message = format!("SKIPPED: {} is missing\n", path.display());
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
fn redirects_are_accepted_and_rejected_as_by_cloudflare() {
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
        let text = case["args"][0].as_str().expect("a text");
        let parsed = redirects::parse(text, "_redirects", behaviour);
        let accepted: Vec<Value> = parsed
            .rules
            .iter()
            .map(|rule| {
                let (from, to, line) = (&rule.from, &rule.to, rule.line);
                serde_json::json!({ "from": from, "to": to, "status": rule.status, "lineNumber": line })
            })
            .collect();
        assert_eq!(Value::Array(accepted), case["result"]["rules"], "{}", case["id"]);
        let rejected: Vec<usize> = lines(&parsed.diagnostics);
        let expected = lines_of(&case["result"]["invalid"]);
        // Cloudflare's message about too many rules has no line number.
        assert!(
            expected.iter().all(|line| rejected.contains(line)),
            "{}: {rejected:?}",
            case["id"]
        );
    }
}

#[test]
fn header_rules_are_accepted_and_rejected_as_by_cloudflare() {
    let Some(cases) = recorded("parseHeaders") else { return };
    assert_eq!(cases.len(), 17);
    for case in cases.into_iter().filter(|case| !has_limits(case)) {
        let parsed = HeaderRules::parse(case["args"][0].as_str().expect("a text"), "_headers");
        let mut expected: Vec<Value> = Vec::new();
        for rule in case["result"]["rules"].as_array().expect("rules") {
            // Of two rules for a path the later one counts. Cloudflare decides that after parsing.
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

/// Returns whether a case sets limits, which only Cloudflare's tests can do.
fn has_limits(case: &Value) -> bool {
    let options = case["args"][1].as_object();
    options.is_some_and(|options| options.keys().any(|option| option.starts_with("max")))
}

fn lines(diagnostics: &[crate::feedback::diagnostic::Diagnostic]) -> Vec<usize> {
    diagnostics.iter().filter_map(|warning| Some(warning.excerpt.as_ref()?.line)).collect()
}

fn lines_of(invalid: &Value) -> Vec<usize> {
    let all = invalid.as_array().expect("a list").iter();
    all.filter_map(|one| usize::try_from(one["lineNumber"].as_u64()?).ok()).collect()
}
