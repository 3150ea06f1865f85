//! Policies in `_headers`, which take the place of those that are made here.

use worker_pack_runtime::packer::path::encode;

use super::report::Reports;
use crate::tabulate::{AssetEntry, AssetTable};

/// The field of a policy.
const FIELD: &str = "content-security-policy";

/// Returns whether a rule sets or removes the policy of a page.
pub(super) fn decide(table: &AssetTable, page: &AssetEntry) -> bool {
    let rules = table.rules();
    let path = encode(&page.route.url_path_in(rules.behaviour));
    rules.decide_on(&path, |name| name.eq_ignore_ascii_case(FIELD))
}

/// Notes the pages for which a rule sets or removes the policy.
pub(super) fn note(table: &AssetTable, entries: &[AssetEntry], reports: &mut Reports<'_>) {
    let with_policy = entries.iter().enumerate();
    for (index, entry) in with_policy.filter(|(_, it)| it.content_security_policy.is_some()) {
        if decide(table, entry) {
            reports.ruled(index);
        }
    }
}
