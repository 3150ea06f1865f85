//! The replies of the packed site, by the runtime itself: so that redirects, header rules and the division of
//! paths count as they do in the Worker.

use worker_pack_runtime::packer::path::encode;
use worker_pack_runtime::packer::{BinaryTable, Modules};
use worker_pack_runtime::{Answer, Method, Reply, Request, Table};

use crate::output::table_binary::render_with_bodies;
use crate::tabulate::{AssetEntry, AssetTable};

/// The replies of a table.
pub(super) struct Serving(Vec<u8>);

impl Serving {
    pub(super) fn of(assets: &AssetTable) -> Self {
        Self(render_with_bodies(assets).0)
    }

    /// Returns the table to ask.
    pub(super) fn table(&self) -> Table<'_> {
        let binary = BinaryTable::read(&self.0, Modules::Host);
        Table::from_binary(binary.expect("it was rendered as a binary table"))
    }
}

/// Returns the path of an asset's URL.
pub(super) fn path_of(entry: &AssetEntry, table: &Table<'_>) -> String {
    encode(&entry.route.url_path_in(table.behaviour()))
}

/// Asks for a path as a browser does that accepts any coding. Returns `None` if the site's server is asked.
pub(super) fn reply<'t>(table: &Table<'t>, path: &str) -> Option<Reply<'t>> {
    match table.answer(&Request::new(Method::Get, path)) {
        Answer::Reply(reply) => Some(reply),
        Answer::Server { .. } => None,
    }
}

/// Returns the reason why browsers would not use a dictionary of the table, if there is one.
pub(super) fn obstacle(table: &Table<'_>, dictionary: &AssetEntry) -> Option<String> {
    let path = path_of(dictionary, table);
    let Some(reply) = reply(table, &path) else {
        return Some(format!("`{path}` belongs to the server"));
    };
    if reply.status() != 200 {
        return Some(format!("`{path}` is answered with {}", reply.status()));
    }
    let value = |name| reply.headers().get(name);
    if value("Use-As-Dictionary") != dictionary.use_as_dictionary.as_deref() {
        return Some("a header rule changes `Use-As-Dictionary`".to_owned());
    }
    match value("Cache-Control") {
        Some(policy) if is_fresh(policy) => None,
        Some(policy) => Some(format!("a header rule sets `Cache-Control: {policy}`")),
        None => Some("a header rule removes `Cache-Control`".to_owned()),
    }
}

/// Returns whether a browser can use a stored response without asking again (RFC 9111 §4.2).
fn is_fresh(cache_control: &str) -> bool {
    let mut directives = cache_control.split(',').map(|one| one.trim().to_ascii_lowercase());
    let mut max_age = 0;
    let allows = directives.all(|directive| {
        if let Some(seconds) = directive.strip_prefix("max-age=") {
            max_age = seconds.trim_matches('"').parse().unwrap_or(0);
        }
        !matches!(&*directive, "no-store" | "no-cache")
    });
    allows && max_age > 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_is_fresh_if_it_has_an_age_and_no_directive_forbids_it() {
        for (policy, expected) in [
            ("public, max-age=31536000, immutable", true),
            ("MAX-AGE=60", true),
            ("public, max-age=0, must-revalidate", false),
            ("max-age=60, no-cache", false),
            ("max-age=60, No-Store", false),
            ("s-maxage=60", false),
            ("max-age=x", false),
            ("", false),
        ] {
            assert_eq!(is_fresh(policy), expected, "{policy}");
        }
    }
}
