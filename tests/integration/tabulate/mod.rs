//! The table: routes, representations, cache policies, binary form.

mod table;
