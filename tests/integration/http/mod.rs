//! The replies of a table, rule by rule.

mod answers;
