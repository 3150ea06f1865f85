//! The encoded bodies of kept files, made once and then taken from the cache.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use worker_pack_runtime::Coding;

use crate::asset::blob::Blob;
use crate::asset::digest::ContentHash;
use crate::cache::{Cache, CacheKey, Entry};
use crate::coding::{Effort, compress, decode, saves_enough};

/// The cache's record of encoded bodies, which follow it in this order.
#[derive(Serialize, Deserialize)]
struct Encodings(Vec<EncodedBody>);

#[derive(Clone, Copy, Serialize, Deserialize)]
struct EncodedBody {
    #[serde(with = "crate::named")]
    coding: Coding,
    hash: ContentHash,
    len: usize,
}

/// Returns the encoded bodies that save enough, the preferred coding first. `hash` is that of `bytes`.
pub(super) fn encode(
    bytes: &[u8],
    hash: ContentHash,
    codings: &BTreeSet<Coding>,
    effort: Effort,
    cache: &Cache,
) -> Vec<(Coding, Blob)> {
    let key = CacheKey::new("kept", &[format!("{codings:?} {effort}").as_bytes(), hash.as_bytes()]);
    let max_len = bytes.len().saturating_mul(codings.len());
    let is_valid =
        |encodings: &Encodings, bodies: &[u8]| encodings.are_of(bytes, codings, bodies).is_some();
    if let Some(entry) = cache.get::<Encodings>(key, max_len, is_valid) {
        return blobs(&entry);
    }
    // An encoder with a bug leaves the file as it is.
    let encoded = compress(bytes, codings, effort).unwrap_or_default();
    let body = |(coding, bytes): &(Coding, Vec<u8>)| EncodedBody {
        coding: *coding,
        hash: ContentHash::of(bytes),
        len: bytes.len(),
    };
    let encodings = Encodings(encoded.iter().map(body).collect());
    let bodies: Vec<&[u8]> = encoded.iter().map(|(_, bytes)| &**bytes).collect();
    match cache.put(key, encodings, &bodies) {
        Ok(entry) => blobs(&entry),
        Err(_) => encoded.into_iter().map(|(coding, bytes)| (coding, Blob::new(bytes))).collect(),
    }
}

fn blobs(entry: &Entry<Encodings>) -> Vec<(Coding, Blob)> {
    let mut start = 0;
    let mut blobs = Vec::new();
    for EncodedBody { coding, hash, len } in &entry.meta.0 {
        blobs.push((*coding, entry.body(*hash, *len, start)));
        start += len;
    }
    blobs
}

impl Encodings {
    /// Checks that these are encoded bodies of some bytes.
    fn are_of(&self, bytes: &[u8], codings: &BTreeSet<Coding>, bodies: &[u8]) -> Option<()> {
        if !self.0.is_sorted_by(|a, b| a.coding < b.coding) {
            return None;
        }
        let mut rest = bodies;
        for EncodedBody { coding, hash, len } in &self.0 {
            let (body, after) = rest.split_at_checked(*len)?;
            let is_whole = codings.contains(coding)
                && saves_enough(bytes.len(), *len)
                && ContentHash::of(body) == *hash
                && decode(*coding, body, bytes.len()).as_deref() == Some(bytes);
            if !is_whole {
                return None;
            }
            rest = after;
        }
        rest.is_empty().then_some(())
    }
}
