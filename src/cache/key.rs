//! The keys of cached results.

use sha2::{Digest, Sha256};

use crate::asset::digest::ContentHash;

/// The SHA-256 of everything that a result depends on: this version of the packer, the kind of the
/// result, the relevant options, and the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct CacheKey(ContentHash);

/// The version of the packer with a hash of its sources, so that a change between two releases
/// invalidates all results.
const PACKER_VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "+", env!("WORKER_PACK_SOURCES"));

/// The numbers of digits in the two parts of a result's path.
pub(super) const KEY_DIGITS: [usize; 2] = [2, 62];

impl CacheKey {
    /// Returns the key of a result of some kind. `parts` are the options and input that it depends
    /// on, in a fixed order.
    pub(crate) fn new(kind: &str, parts: &[&[u8]]) -> Self {
        Self::of_version(PACKER_VERSION, kind, parts)
    }

    fn of_version(version: &str, kind: &str, parts: &[&[u8]]) -> Self {
        let mut hasher = Sha256::new();
        // Each part is preceded by its length, so that different lists are never the same bytes.
        for part in [version.as_bytes(), kind.as_bytes()].iter().chain(parts) {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        Self(ContentHash::from_bytes(hasher.finalize().into()))
    }

    /// Returns the bytes of the key, which its result contains.
    pub(super) fn as_bytes(&self) -> &[u8; ContentHash::LEN] {
        self.0.as_bytes()
    }

    /// Returns the path of the result's file below the folder of results.
    pub(super) fn path(self) -> String {
        // 256 subfolders, because some file systems are slow with very large folders.
        let digits = self.0.to_string();
        let (folder, file) = digits.split_at(KEY_DIGITS[0]);
        format!("{folder}/{file}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_depend_on_kind_parts_and_packer_version() {
        let keys = [
            CacheKey::new("page", &[b"ab", b"c"]),
            CacheKey::new("page", &[b"a", b"bc"]),
            CacheKey::new("page", &[b"abc"]),
            CacheKey::new("pageabc", &[]),
            CacheKey::of_version("0.0.9", "page", &[b"ab", b"c"]),
        ];
        for (at, key) in keys.iter().enumerate() {
            assert!(!keys[..at].contains(key), "{at}");
        }
        assert_eq!(keys[0], CacheKey::new("page", &[b"ab", b"c"]));
    }
}
