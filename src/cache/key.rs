//! What a result is kept under.

use sha2::{Digest, Sha256};

use crate::asset::digest::ContentHash;

/// The SHA-256 of all that decides what a result is: this version of the packer, the kind of the
/// result, the options that matter for it, and its input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct CacheKey(ContentHash);

/// This version of the packer: its number, and a hash of its sources, so that results do not outlive
/// a change between two releases.
const PACKER: &str = concat!(env!("CARGO_PKG_VERSION"), "+", env!("WORKER_PACK_SOURCES"));

impl CacheKey {
    /// Makes the key of a kind of result, of its parts in their order.
    pub(crate) fn new(kind: &str, parts: &[&[u8]]) -> Self {
        Self::of_packer(PACKER, kind, parts)
    }

    fn of_packer(packer: &str, kind: &str, parts: &[&[u8]]) -> Self {
        let mut hasher = Sha256::new();
        // With their lengths, so that no two lists of parts are the same bytes.
        for part in [packer.as_bytes(), kind.as_bytes()].iter().chain(parts) {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        Self(ContentHash::from_bytes(hasher.finalize().into()))
    }

    /// Returns the path of its file below a folder.
    pub(super) fn path(self) -> String {
        let digits = self.0.to_string();
        format!("{}/{}", &digits[..2], &digits[2..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_has_another_key() {
        let keys = [
            CacheKey::new("page", &[b"ab", b"c"]),
            CacheKey::new("page", &[b"a", b"bc"]),
            CacheKey::new("page", &[b"abc"]),
            CacheKey::new("pageabc", &[]),
            CacheKey::of_packer("0.0.9", "page", &[b"ab", b"c"]),
        ];
        for (at, key) in keys.iter().enumerate() {
            assert!(!keys[..at].contains(key), "{at}");
        }
        assert_eq!(keys[0], CacheKey::new("page", &[b"ab", b"c"]));
    }
}
