//! The rules that differ.

use std::collections::BTreeMap;

use super::report::{Change, RuleChange};
use crate::output::manifest::{Routing, Rules};

/// Compares the rules of two sites, and sorts the differences by file and subject.
pub(super) fn changes(old: &Rules, new: &Rules) -> Vec<RuleChange> {
    let mut changes = compare("configuration", &configuration(old), configuration(new));
    changes.extend(compare("_redirects", &redirects(old), redirects(new)));
    changes.extend(compare("_headers", &headers(old), headers(new)));
    let order = |rules: &Rules| -> Vec<String> {
        rules.redirects.iter().map(|redirect| redirect.from.clone()).collect()
    };
    // The first redirect that matches is the one that counts.
    let (before, after) = (order(old), order(new));
    let common = |of: &[String], other: &[String]| -> Vec<String> {
        of.iter().filter(|from| other.contains(from)).cloned().collect()
    };
    let (before, after) = (common(&before, &after), common(&after, &before));
    if before != after {
        changes.push(RuleChange {
            change: Change::Changed,
            file: "_redirects".to_owned(),
            subject: "order".to_owned(),
            old: Some(before.join(", ")),
            new: Some(after.join(", ")),
        });
    }
    changes.sort_by(|a, b| (&a.file, &a.subject).cmp(&(&b.file, &b.subject)));
    changes
}

fn compare(
    file: &str,
    old: &BTreeMap<String, String>,
    mut new: BTreeMap<String, String>,
) -> Vec<RuleChange> {
    let rule = |change, subject: &str, old: Option<&String>, new: Option<String>| RuleChange {
        change,
        file: file.to_owned(),
        subject: subject.to_owned(),
        old: old.cloned(),
        new,
    };
    let mut changes = Vec::new();
    for (subject, value) in old {
        match new.remove(subject) {
            Some(after) if after == *value => {}
            Some(after) => changes.push(rule(Change::Changed, subject, Some(value), Some(after))),
            None => changes.push(rule(Change::Removed, subject, Some(value), None)),
        }
    }
    changes.extend(
        new.into_iter().map(|(subject, value)| rule(Change::Added, &subject, None, Some(value))),
    );
    changes
}

fn configuration(rules: &Rules) -> BTreeMap<String, String> {
    let pairs = [
        ("compat", rules.compat.clone()),
        ("html_handling", rules.html_handling.clone()),
        ("not_found_handling", rules.not_found_handling.clone()),
        ("fidelity", rules.fidelity.to_string()),
        ("run_worker_first", rules.routing.as_ref().map_or_else(String::new, patterns)),
    ];
    pairs.map(|(name, value)| (name.to_owned(), value)).into()
}

/// Returns the patterns of the server's paths on a line, as in `run_worker_first`.
fn patterns(routing: &Routing) -> String {
    let except = routing.except.iter().map(|pattern| format!("!{pattern}"));
    routing.server.iter().cloned().chain(except).collect::<Vec<_>>().join(", ")
}

fn redirects(rules: &Rules) -> BTreeMap<String, String> {
    let mut lines = BTreeMap::new();
    for redirect in &rules.redirects {
        // The first redirect from a path counts, and later ones are kept by Cloudflare without effect.
        let line = format!("{} {}", redirect.to, redirect.status);
        lines.entry(redirect.from.clone()).or_insert(line);
    }
    lines
}

/// Returns the changes of header fields: rules of the same pattern and field are joined, as their values
/// are in a response.
fn headers(rules: &Rules) -> BTreeMap<String, String> {
    let mut lines: BTreeMap<String, String> = BTreeMap::new();
    for rule in &rules.headers {
        for name in &rule.remove {
            lines.insert(format!("{} {name}", rule.pattern), "removed".to_owned());
        }
        for (name, value) in &rule.set {
            let line = lines.entry(format!("{} {name}", rule.pattern)).or_default();
            *line = if line.is_empty() { value.clone() } else { format!("{line}, {value}") };
        }
    }
    lines
}
