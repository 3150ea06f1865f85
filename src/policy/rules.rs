//! Policies in `_headers`, which take the place of those that are made here.

use worker_pack_runtime::packer::path::encode;
use worker_pack_runtime::packer::pattern::{SCHEME, matches};

use super::report::Reports;
use crate::tabulate::{AssetEntry, AssetTable};

/// The field of a policy.
const FIELD: &str = "content-security-policy";

/// Notes the pages for which a rule sets or removes the policy.
pub(super) fn note(table: &AssetTable, entries: &[AssetEntry], reports: &mut Reports<'_>) {
    let rules = table.rules();
    let is_policy = |name: &str| name.eq_ignore_ascii_case(FIELD);
    let decides = |rule: &&crate::rules::HeaderRule| {
        rule.set.iter().any(|(name, _)| is_policy(name))
            || rule.remove.iter().any(|name| is_policy(name))
    };
    // A rule for a host may be for another one.
    let own: Vec<_> =
        rules.headers.iter().filter(decides).filter(|it| !it.pattern.starts_with(SCHEME)).collect();
    let with_policy = entries.iter().enumerate();
    for (index, entry) in with_policy.filter(|(_, it)| it.content_security_policy.is_some()) {
        let path = encode(&entry.route.url_path_in(rules.behaviour));
        if own.iter().any(|rule| matches(&rule.pattern, &path).is_some()) {
            reports.ruled(index);
        }
    }
}
