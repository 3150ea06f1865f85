//! Brotli decoding (RFC 7932), for clients that take no content coding.

use std::io::Read;

/// Decodes a body whose decoded size is known. Returns none if it is not what it should be.
pub fn brotli(body: &[u8], len: usize) -> Option<Vec<u8>> {
    /// What the decoder reads at a time, in bytes: all of it, most often.
    const BUFFER: usize = 64 * 1024;
    let mut decoded = Vec::with_capacity(len);
    brotli_decompressor::Decompressor::new(body, BUFFER.min(body.len()))
        .read_to_end(&mut decoded)
        .ok()?;
    (decoded.len() == len).then_some(decoded)
}
