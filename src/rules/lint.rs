//! Redirects that have no effect or never end.

use std::collections::BTreeMap;

use worker_pack_runtime::packer::pattern::{self, Wildcards};

use super::Rejected;
use super::redirects::Redirect;
use crate::feedback::code::Code;

/// Finds redirects without wildcards that form circles.
pub(super) fn circles(rules: &[Redirect]) -> Vec<(u32, Rejected)> {
    let by_source: BTreeMap<&str, &Redirect> =
        rules.iter().map(|rule| (rule.from.as_str(), rule)).collect();
    let next = |rule: &Redirect| {
        if rule.status == 200 { None } else { by_source.get(target(rule)).copied() }
    };
    let is_circle = |rule: &&Redirect| {
        // Each rule has one successor, so a circle closes within as many steps as there are rules.
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
    let rejected = |rule: &Redirect| {
        let message = "redirect loop: other redirects lead back to its source";
        (rule.line, Rejected::new(Code::RulesRedirectLoop, message))
    };
    rules.iter().filter(is_circle).map(rejected).collect()
}

/// Returns the path that a redirect leads to, without its query and fragment.
fn target(rule: &Redirect) -> &str {
    rule.to.split(['?', '#']).next().unwrap_or_default()
}

/// Finds rules that can never match, because an earlier one matches all of their paths.
pub(super) fn shadowed(rules: &[Redirect]) -> Vec<(u32, Rejected)> {
    let mut rejected = Vec::new();
    for (index, rule) in rules.iter().enumerate() {
        let covers = |earlier: &&Redirect| match earlier.from.strip_suffix('*') {
            // The earlier rule matches every path with this prefix, and all paths that the later one
            // matches have it.
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
                format!("never applies: `{}` in line {} matches first", earlier.from, earlier.line);
            let warning = Rejected::new(Code::RulesShadowedRedirect, message)
                .with_help("move it above the other redirect, or remove it");
            rejected.push((rule.line, warning));
        }
    }
    rejected
}

/// Finds wildcard redirects whose target matches the same rule again.
pub(super) fn endless(fixed: &[Redirect], dynamic: &[Redirect]) -> Vec<(u32, Rejected)> {
    let is_endless = |(index, rule): &(usize, &Redirect)| {
        // A `:name` in the target matches a wildcard as well as the text that will replace it.
        let target = target(rule);
        let matches = |other: &Redirect| pattern::matches(&other.from, target).is_some();
        // A rewrite is not followed by another request, and an earlier rule may break the loop.
        rule.status != 200
            && matches(rule)
            && !fixed.iter().any(|other| other.from == target)
            && !dynamic[..*index].iter().any(matches)
    };
    let rejected = |(_, rule): (usize, &Redirect)| {
        let message = format!("redirect loop: its target `{}` matches this rule again", rule.to);
        let rejected = Rejected::new(Code::RulesRedirectLoop, message).with_help(
            "browsers give up after about twenty redirects; change the source or target",
        );
        (rule.line, rejected)
    };
    dynamic.iter().enumerate().filter(is_endless).map(rejected).collect()
}
