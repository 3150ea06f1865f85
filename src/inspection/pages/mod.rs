//! The rules on pages and public files.

use super::rule::Rule;

/// The rules on pages and public files.
pub(super) const RULES: &[Rule] = &[];
