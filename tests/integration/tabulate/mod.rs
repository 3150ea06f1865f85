//! The table: routes, representations, cache policies, binary form.

mod cache_policy;
mod representation;
mod route;
mod table_binary;

/// Text that compresses well.
fn text() -> String {
    "All work and no play makes a dull site. ".repeat(50)
}
