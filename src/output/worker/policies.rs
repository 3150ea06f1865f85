//! Cache policies of rules by path, for responses of the server that have none.

use std::borrow::Cow;

use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::options::HeadersOnSsr;
use crate::output::Input;
use crate::rules::Policy;
use crate::tabulate::AssetTable;

/// Returns the table, with the policies if they are wanted, and a note for each pattern that it cannot
/// contain.
pub(super) fn carry(
    input: Input<'_>,
    choice: HeadersOnSsr,
) -> (Cow<'_, AssetTable>, Vec<Diagnostic>) {
    if choice != HeadersOnSsr::WithPolicies {
        return (Cow::Borrowed(input.table), Vec::new());
    }
    let (mut policies, mut notes) = (Vec::new(), Vec::new());
    for rule in &input.options.rule {
        let Some(cache) = &rule.cache else { continue };
        for paths in &rule.paths {
            let Some(patterns) = paths.in_table() else {
                notes.push(not_carried(&paths.to_string()));
                continue;
            };
            let policy = |pattern| Policy { pattern, value: cache.to_string() };
            policies.extend(patterns.into_iter().map(policy));
        }
    }
    (Cow::Owned(input.table.with_policies(policies)), notes)
}

fn not_carried(paths: &str) -> Diagnostic {
    let message = format!(
        "its policy is for files alone: responses of the server are not found by `{paths}`"
    );
    Diagnostic::note(Code::WorkerPolicyForFiles, "rule", message).with_help(
        "if it is for responses of the server too, write patterns whose only wildcard is one `*`, such \
         as `/api/*`",
    )
}
