//! Bytes with their hash in front of them, by which damage is detected. Anyone can compute it, so it is no
//! proof of origin.

use crate::asset::digest::ContentHash;

/// Puts the hash of bytes in front of them.
pub(crate) fn seal(mut bytes: Vec<u8>) -> Vec<u8> {
    let mut sealed = ContentHash::of(&bytes).as_bytes().to_vec();
    sealed.append(&mut bytes);
    sealed
}

/// Returns the bytes that were sealed. Returns `None` if they are damaged.
pub(crate) fn unseal(sealed: &[u8]) -> Option<&[u8]> {
    let (hash, bytes) = sealed.split_first_chunk::<{ ContentHash::LEN }>()?;
    (ContentHash::of(bytes).as_bytes() == hash).then_some(bytes)
}
