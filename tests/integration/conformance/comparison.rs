//! Comparison with recorded responses.

use std::collections::BTreeMap;

use serde_json::Value;
use worker_pack_runtime::behaviour::Compat;

use super::site::{Answer, Asked, Site, decoded, text};

/// Counts cases and differences; fails with the first twelve differences.
#[derive(Default)]
pub(super) struct Comparison {
    cases: usize,
    differ: Vec<String>,
}

impl Comparison {
    pub(super) fn check(&mut self, same: bool, describe: impl FnOnce() -> String) {
        self.cases += 1;
        if !same {
            self.differ.push(describe());
        }
    }

    #[track_caller]
    pub(super) fn finish(self, expected_cases: usize) {
        assert_eq!(self.cases, expected_cases, "not all cases were replayed");
        let count = self.differ.len();
        let first: Vec<String> = self.differ.into_iter().take(12).collect();
        assert!(count == 0, "{count} of {} differ:\n{}", self.cases, first.join("\n"));
    }
}

pub(super) fn compare(comparison: &mut Comparison, site: &Site, case: &Value) {
    let answer = site.answer(&Asked::read(&case["request"]));
    let expected = &case["expect"];
    let served = expected["served"].as_str();
    let is_get = case["request"]["method"] == "GET";
    let same = u64::from(answer.status) == expected["status"].as_u64().unwrap()
        && answer.location().map(|it| decoded(&it)) == expected["location"].as_str().map(decoded)
        && (!is_get || answer.status == 304 || answer.served.as_deref() == served)
        && same_fields(site, &answer, &expected["headers"], served);
    comparison.check(same, || format!("{}\n  {expected}\n  {answer:?}", case["request"]));
}

/// Compares header fields, after replacing Cloudflare's validators by ours.
pub(super) fn same_fields(
    site: &Site,
    answer: &Answer,
    expected: &Value,
    served: Option<&str>,
) -> bool {
    /// Fields that the platform adds, or that belong to every body.
    const IGNORED: [&str; 4] =
        ["cf-cache-status", "x-server-env", "content-length", "content-encoding"];
    let mut ours = answer.headers.clone();
    ours.retain(|name, _| !IGNORED.contains(&name.as_str()));
    let mut theirs = BTreeMap::<String, String>::new();
    let mut add = |name: &str, value: &str| {
        if IGNORED.contains(&name) {
            return;
        }
        let value = match served {
            Some(file) => value
                .replace(&format!("{{{{etag:{file}}}}}"), &site.tag(file).to_string())
                .replace(&format!("{{{{content-type:{file}}}}}"), "text/html"),
            None => value.to_owned(),
        };
        let value = site.translate(&value);
        let joined = theirs.get(name).map(|before| format!("{before}, {value}"));
        theirs.insert(name.to_owned(), joined.unwrap_or(value));
    };
    match expected {
        Value::Array(pairs) => {
            for pair in pairs {
                add(&text(&pair[0]), &text(&pair[1]));
            }
        }
        Value::Object(fields) => {
            for (name, value) in fields {
                add(name, &text(value));
            }
        }
        _ => {}
    }
    if site.behaviour.compat == Compat::Pages {
        for fields in [&mut ours, &mut theirs] {
            fields
                .entry("location".to_owned())
                .and_modify(|location| *location = decoded(location));
        }
    }
    // The recordings for Workers lack content types.
    if !theirs.contains_key("content-type") && site.behaviour.compat == Compat::Workers {
        ours.remove("content-type");
    }
    ours == theirs
}
