//! The file of a result: what is known of it, as JSON, and its bodies.

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::asset::blob::{Blob, BodyFile};
use crate::asset::digest::ContentHash;

/// The bytes that tell how long the JSON is.
const LEN: usize = 4;

/// Where the JSON begins: behind the hash of all that follows it, and its length.
const HEAD: usize = ContentHash::LEN + LEN;

/// A result that is kept.
#[derive(Debug)]
pub(crate) struct Entry<M> {
    /// What is known of it.
    pub(crate) meta: M,
    file: Arc<BodyFile>,
    bodies: u64,
}

impl<M> Entry<M> {
    pub(super) fn new(meta: M, file: Arc<BodyFile>, meta_len: usize) -> Self {
        Self { meta, file, bodies: (HEAD + meta_len) as u64 }
    }

    /// Names a body, by its place behind the other bodies.
    pub(crate) fn body(&self, hash: ContentHash, len: usize, start: usize) -> Blob {
        Blob::in_file(hash, len, Arc::clone(&self.file), self.bodies + start as u64)
    }
}

/// Writes a result down. Returns the bytes of its file, and how many of them are JSON.
pub(super) fn encode<M: Serialize>(meta: &M, bodies: &[&[u8]]) -> (Vec<u8>, usize) {
    let json = serde_json::to_vec(meta).expect("a result is plain data");
    let len: usize = bodies.iter().map(|body| body.len()).sum();
    let mut bytes = Vec::with_capacity(HEAD + json.len() + len);
    bytes.extend([0; ContentHash::LEN]);
    bytes.extend(u32::try_from(json.len()).expect("it is short").to_le_bytes());
    bytes.extend(&json);
    bytes.extend(bodies.concat());
    let hash = ContentHash::of(&bytes[ContentHash::LEN..]);
    bytes[..ContentHash::LEN].copy_from_slice(hash.as_bytes());
    (bytes, json.len())
}

/// Reads what [`encode`] wrote. Returns none for anything else.
pub(super) fn decode<M: DeserializeOwned>(bytes: &[u8]) -> Option<(M, usize)> {
    let (hash, rest) = bytes.split_first_chunk::<{ ContentHash::LEN }>()?;
    if ContentHash::of(rest).as_bytes() != hash {
        return None;
    }
    let (len, rest) = rest.split_first_chunk::<LEN>()?;
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
        fn a_result_that_is_damaged_anywhere_is_none(
            meta in ".{0,20}",
            body in prop::collection::vec(any::<u8>(), 0..50),
            at in any::<prop::sample::Index>(),
            flip in 1..=255_u8,
        ) {
            let (mut bytes, len) = encode(&meta, &[&body]);
            prop_assert_eq!(decode::<String>(&bytes), Some((meta, len)));
            prop_assert_eq!(&bytes[HEAD + len..], &body);
            let cut = at.index(bytes.len());
            prop_assert_eq!(decode::<String>(&bytes[..cut]), None);
            bytes[cut] ^= flip;
            prop_assert_eq!(decode::<String>(&bytes), None);
        }
    }
}
