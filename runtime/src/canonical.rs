//! Redirects to the canonical spelling of a path, which `respond` and `strict` both send.

use crate::behaviour::Compat;
use crate::path::{self, RequestPath};

/// Returns whether a request spells its path in another way than the canonical one, to which Workers
/// Static Assets redirect.
pub(crate) fn is_respelled(compat: Compat, path: &RequestPath<'_>) -> bool {
    compat == Compat::Workers && !path::is_encoded_as(path.normal(), path.decoded_or_root())
}

/// Returns the status of a redirect to a canonical path.
pub(crate) fn canonical_status(compat: Compat) -> u16 {
    match compat {
        Compat::Workers => 307,
        Compat::Pages => 308,
    }
}

/// Returns the value of `Location` for a canonical path, with the query of the request.
pub(crate) fn canonical_location(compat: Compat, to: &str, query: Option<&str>) -> String {
    let mut location = match compat {
        Compat::Workers => path::encode_segments(to),
        Compat::Pages => path::encode(to),
    };
    if let Some(query) = query.filter(|query| !query.is_empty()) {
        location.push('?');
        location.push_str(&path::encode_query(query));
    }
    location
}
