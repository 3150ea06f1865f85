//! Fingerprints, and the paths of files with them.

use crate::asset::digest::ContentHash;
use crate::asset::route::RoutePath;

/// Number of hexadecimal digits of a fingerprint: 64 bits of a SHA-256.
const DIGITS: usize = 16;

/// The fingerprint of a file.
#[derive(Debug)]
pub(super) struct Given {
    /// A dot and the digits.
    pub(super) text: String,
    pub(super) route: RoutePath,
}

impl Given {
    /// Makes the fingerprint of a file from a hash. Returns `None` if there is no place for it in the file's name.
    pub(super) fn of(route: &RoutePath, hash: ContentHash) -> Option<Self> {
        Self::with_text(route, format!(".{}", &hash.to_string()[..DIGITS]))
    }

    pub(super) fn with_text(route: &RoutePath, text: String) -> Option<Self> {
        let path = with_fingerprint(route.as_str(), &text)?;
        let route = RoutePath::from_relative(path.trim_start_matches('/').as_ref())?;
        Some(Self { text, route })
    }
}

/// Returns a path with a fingerprint before the extension of its last name. Returns `None` if it has none.
pub(super) fn with_fingerprint(path: &str, text: &str) -> Option<String> {
    let name = path.rfind('/').map_or(0, |slash| slash + 1);
    let dot = path[name..].rfind('.').filter(|dot| *dot > 0)?;
    let (before, extension) = path.split_at(name + dot);
    Some(format!("{before}{text}{extension}"))
}
