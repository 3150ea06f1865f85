//! The file format of a cached result: a hash, metadata as JSON, then the bodies.

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::asset::blob::{Blob, BodyFile};
use crate::asset::digest::ContentHash;

/// Number of bytes that hold the length of the JSON, in little-endian order.
const LEN_BYTES: usize = 4;

/// Number of bytes before the JSON: the hash of all bytes after itself, and the length of the JSON.
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
pub(super) fn encode<M: Serialize>(meta: &M, bodies: &[&[u8]]) -> (Vec<u8>, usize) {
    let json = serde_json::to_vec(meta).expect("a result is plain data");
    let len: usize = bodies.iter().map(|body| body.len()).sum();
    let mut bytes = Vec::with_capacity(HEADER_LEN + json.len() + len);
    bytes.extend([0; ContentHash::LEN]);
    bytes.extend(u32::try_from(json.len()).expect("it is short").to_le_bytes());
    bytes.extend(&json);
    bytes.extend(bodies.concat());
    let hash = ContentHash::of(&bytes[ContentHash::LEN..]);
    bytes[..ContentHash::LEN].copy_from_slice(hash.as_bytes());
    (bytes, json.len())
}

/// Decodes the file of a result into its metadata and the length of the JSON. Returns `None` if it is
/// damaged.
pub(super) fn decode<M: DeserializeOwned>(bytes: &[u8]) -> Option<(M, usize)> {
    let (hash, rest) = bytes.split_first_chunk::<{ ContentHash::LEN }>()?;
    if ContentHash::of(rest).as_bytes() != hash {
        return None;
    }
    let (len, rest) = rest.split_first_chunk::<LEN_BYTES>()?;
    let len = u32::from_le_bytes(*len) as usize;
    let meta = serde_json::from_slice(rest.get(..len)?).ok()?;
    Some((meta, len))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn damage_anywhere_in_a_file_is_detected(
            meta in ".{0,20}",
            body in prop::collection::vec(any::<u8>(), 0..50),
            at in any::<prop::sample::Index>(),
            flip in 1..=255_u8,
        ) {
            let (mut bytes, len) = encode(&meta, &[&body]);
            prop_assert_eq!(decode::<String>(&bytes), Some((meta, len)));
            prop_assert_eq!(&bytes[HEADER_LEN + len..], &body);
            let cut = at.index(bytes.len());
            prop_assert_eq!(decode::<String>(&bytes[..cut]), None);
            bytes[cut] ^= flip;
            prop_assert_eq!(decode::<String>(&bytes), None);
        }
    }
}
