//! Brotli decoding (RFC 7932), for clients that accept no content coding.

use std::io::Read;

/// Decodes a body. Returns none if it is not valid or its decoded size is not `len`.
pub fn brotli(body: &[u8], len: usize) -> Option<Vec<u8>> {
    /// The bytes that the decoder reads at a time, which is all of most bodies.
    const BUFFER: usize = 64 * 1024;
    let mut decoded = Vec::with_capacity(len);
    brotli_decompressor::Decompressor::new(body, BUFFER.min(body.len()))
        .read_to_end(&mut decoded)
        .ok()?;
    (decoded.len() == len).then_some(decoded)
}
