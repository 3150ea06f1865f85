//! Content hashes: the names of bodies, and the validators of representations.

use std::fmt;
use std::sync::Arc;

use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};
use worker_pack_runtime::ETag;

/// The SHA-256 of some bytes. `Display` is 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentHash([u8; 32]);

impl ContentHash {
    /// Hashes bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Returns the strong entity tag of a representation with this hash: its first 128 bits.
    ///
    /// Each representation is hashed by itself, so that the tag stays strong even when another
    /// version of an encoder makes other bytes of the same file (RFC 9110 §8.8.3.3).
    pub fn etag(self) -> ETag {
        let first = self.0.first_chunk::<16>().expect("a SHA-256 has 32 bytes");
        ETag::new(u128::from_be_bytes(*first))
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for ContentHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Bytes with their hash, shared between all the routes that have them.
#[derive(Clone, PartialEq, Eq)]
pub struct Blob {
    hash: ContentHash,
    bytes: Arc<[u8]>,
}

impl Blob {
    /// Hashes bytes and keeps them.
    pub fn new(bytes: impl Into<Arc<[u8]>>) -> Self {
        let bytes = bytes.into();
        Self { hash: ContentHash::of(&bytes), bytes }
    }

    /// Returns the hash of the bytes.
    pub fn hash(&self) -> ContentHash {
        self.hash
    }

    /// Returns the bytes.
    pub fn bytes(&self) -> &Arc<[u8]> {
        &self.bytes
    }

    /// Returns the number of bytes.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Returns whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }
}

impl fmt::Debug for Blob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Blob({}, {} bytes)", self.hash, self.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_sha_256_and_its_tag_the_first_half() {
        let hash = ContentHash::of(b"");
        let hex = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(hash.to_string(), hex);
        assert_eq!(hash.etag().to_string(), format!("\"{}\"", &hex[..32]));
    }
}
