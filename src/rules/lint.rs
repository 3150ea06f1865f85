//! Redirects that have no effect, or no end.

use std::collections::BTreeMap;

use worker_pack_runtime::packer::pattern::{self, Wildcards};

use super::Rejected;
use super::redirects::Redirect;

/// Finds redirects without wildcards that lead back to where they began.
pub(super) fn circles(rules: &[Redirect]) -> Vec<(u32, Rejected)> {
    let by_source: BTreeMap<&str, &Redirect> =
        rules.iter().map(|rule| (rule.from.as_str(), rule)).collect();
    let next = |rule: &Redirect| {
        if rule.status == 200 { None } else { by_source.get(target(rule)).copied() }
    };
    let is_circle = |rule: &&Redirect| {
        let mut at = next(rule);
        for _ in 0..rules.len() {
            match at {
                Some(other) if other.line == rule.line => return true,
                Some(other) => at = next(other),
                None => return false,
            }
        }
        false
    };
    let rejected =
        |rule: &Redirect| (rule.line, Rejected::new("leads back to itself by way of others"));
    rules.iter().filter(is_circle).map(rejected).collect()
}

/// Returns the path that a redirect leads to.
fn target(rule: &Redirect) -> &str {
    rule.to.split(['?', '#']).next().unwrap_or_default()
}

/// Finds rules that an earlier one always comes before.
pub(super) fn shadowed(rules: &[Redirect]) -> Vec<(u32, Rejected)> {
    let mut found = Vec::new();
    for (index, rule) in rules.iter().enumerate() {
        let covers = |earlier: &&Redirect| match earlier.from.strip_suffix('*') {
            // What it begins with has no wildcard, so it is what the other begins with, too.
            Some(prefix) if pattern::wildcards(prefix) == Wildcards::None => {
                rule.from.starts_with(prefix)
            }
            _ => {
                pattern::wildcards(&rule.from) == Wildcards::None
                    && pattern::matches(&earlier.from, &rule.from).is_some()
            }
        };
        if let Some(earlier) = rules[..index].iter().find(covers) {
            let message =
                format!("can never match: `{}` in line {} comes first", earlier.from, earlier.line);
            let rejected = Rejected::new(message).with_help("move it up");
            found.push((rule.line, rejected));
        }
    }
    found
}

/// Finds rules with wildcards that what they lead to is matched by, again and again.
pub(super) fn endless(fixed: &[Redirect], dynamic: &[Redirect]) -> Vec<(u32, Rejected)> {
    let is_endless = |(index, rule): &(usize, &Redirect)| {
        // A name in it is as good as what it stands for.
        let target = target(rule);
        let matches = |other: &Redirect| pattern::matches(&other.from, target).is_some();
        rule.status != 200
            && matches(rule)
            && !fixed.iter().any(|other| other.from == target)
            && !dynamic[..*index].iter().any(matches)
    };
    let rejected = |(_, rule): (usize, &Redirect)| {
        let message = format!("redirects what it leads to, `{}`, once more", rule.to);
        (rule.line, Rejected::new(message).with_help("a browser gives up after some twenty times"))
    };
    dynamic.iter().enumerate().filter(is_endless).map(rejected).collect()
}
