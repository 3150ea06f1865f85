//! The rules on the project around a build: its packages, scripts and configurations.

use super::rule::Rule;

/// The rules on the project.
pub(super) const RULES: &[Rule] = &[];
