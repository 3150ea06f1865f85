//! The file format of a cached result: a hash, metadata as JSON, then the bodies.
//!
//! The hash is no proof of origin, since anyone can compute it. It detects damage, and a result in the
//! place of another one.

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::CacheKey;
use crate::asset::blob::{Blob, BodyFile};
use crate::asset::digest::ContentHash;

/// Number of bytes that hold the length of the JSON, in little-endian order.
const LEN_BYTES: usize = 4;

/// Number of bytes before the JSON: the hash of the key and the JSON, and the length of the JSON.
const HEADER_LEN: usize = ContentHash::LEN + LEN_BYTES;

/// A cached result.
#[derive(Debug)]
pub(crate) struct Entry<M> {
    /// The metadata of the result.
    pub(crate) meta: M,
    file: Arc<BodyFile>,
    /// The offset of the first body in the file, in bytes.
    bodies: u64,
}

impl<M> Entry<M> {
    /// Describes a file that [`encode`] wrote, with `meta_len` bytes of JSON.
    pub(super) fn new(meta: M, file: Arc<BodyFile>, meta_len: usize) -> Self {
        Self { meta, file, bodies: (HEADER_LEN + meta_len) as u64 }
    }

    /// Returns a body without reading it. `start` is its offset from the first body, in bytes.
    pub(crate) fn body(&self, hash: ContentHash, len: usize, start: usize) -> Blob {
        Blob::in_file(hash, len, Arc::clone(&self.file), self.bodies + start as u64)
    }
}

/// Encodes a result. Returns the bytes of its file, and the length of the JSON in them.
pub(super) fn encode<M: Serialize>(key: CacheKey, meta: &M, bodies: &[&[u8]]) -> (Vec<u8>, usize) {
    let json = serde_json::to_vec(meta).expect("a result is plain data");
    let len: usize = bodies.iter().map(|body| body.len()).sum();
    let mut bytes = Vec::with_capacity(HEADER_LEN + json.len() + len);
    bytes.extend(hash(key, &json).as_bytes());
    bytes.extend(u32::try_from(json.len()).expect("it is short").to_le_bytes());
    bytes.extend(&json);
    bytes.extend(bodies.concat());
    (bytes, json.len())
}

/// Decodes the file of a result into its metadata, the length of the JSON, and the bodies, which the
/// caller has to check. Returns `None` if it is damaged, or the result of another key.
pub(super) fn decode<M: DeserializeOwned>(
    key: CacheKey,
    bytes: &[u8],
) -> Option<(M, usize, &[u8])> {
    let (expected, rest) = bytes.split_first_chunk::<{ ContentHash::LEN }>()?;
    let (len, rest) = rest.split_first_chunk::<LEN_BYTES>()?;
    let len = u32::from_le_bytes(*len) as usize;
    let (json, bodies) = rest.split_at_checked(len)?;
    if hash(key, json).as_bytes() != expected {
        return None;
    }
    Some((serde_json::from_slice(json).ok()?, len, bodies))
}

fn hash(key: CacheKey, json: &[u8]) -> ContentHash {
    let hasher = Sha256::new().chain_update(key.as_bytes()).chain_update(json);
    ContentHash::from_bytes(hasher.finalize().into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn damaged_metadata_and_that_of_another_key_are_detected(
            meta in ".{0,20}",
            body in prop::collection::vec(any::<u8>(), 0..50),
            at in any::<prop::sample::Index>(),
            flip in 1..=255_u8,
        ) {
            let key = CacheKey::new("a", &[]);
            let (mut bytes, len) = encode(key, &meta, &[&body]);
            prop_assert_eq!(decode::<String>(key, &bytes), Some((meta, len, &*body)));
            prop_assert_eq!(decode::<String>(CacheKey::new("b", &[]), &bytes), None);
            let cut = at.index(HEADER_LEN + len);
            prop_assert_eq!(decode::<String>(key, &bytes[..cut]), None);
            bytes[cut] ^= flip;
            prop_assert_eq!(decode::<String>(key, &bytes), None);
        }
    }
}
