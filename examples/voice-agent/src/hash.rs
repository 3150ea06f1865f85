//! Hashes and random identifiers, in hexadecimal.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};
use worker::Error;

/// Returns the SHA-256 of some parts. Where one ends and the next begins is part of the input.
pub(crate) fn of(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hex(&hash.finalize())
}

/// Returns an identifier of 128 random bits.
///
/// # Errors
/// If the host has no random numbers.
pub(crate) fn random() -> Result<String, Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| Error::RustError(error.to_string()))?;
    Ok(hex(&bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
