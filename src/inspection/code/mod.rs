//! The rules on the modules of the server.

pub(super) mod routes;

use super::rule::Rule;

/// The rules on the modules of the server.
pub(super) const RULES: &[Rule] = &[];
