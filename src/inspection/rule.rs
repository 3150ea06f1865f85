//! A rule: what it reports, and the function that finds it.

use super::subject::Subject;
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;

/// A rule of an inspection.
pub(super) struct Rule {
    /// The codes of its findings.
    #[cfg_attr(not(test), expect(dead_code, reason = "a test compares them with all codes"))]
    pub(super) codes: &'static [Code],
    /// Finds the places where the subject breaks the rule. Files in findings are relative to the
    /// project's folder.
    pub(super) find: fn(&Subject) -> Vec<Diagnostic>,
}
