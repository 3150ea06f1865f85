//! The rules on a Worker that is started in workerd.

use super::rule::Rule;

/// The rules on a Worker that is started in workerd.
pub(super) const RULES: &[Rule] = &[];
