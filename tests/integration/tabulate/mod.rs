//! The table: routes, representations, rules by path, binary form.

mod encoder;
mod media_type;
mod path_rule;
mod representation;
mod route;
mod table_binary;

/// Text that compresses well.
fn text() -> String {
    "All work and no play makes a dull site. ".repeat(50)
}
