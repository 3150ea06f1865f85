//! Brotli (RFC 7932): encoded with Google's C library, and decoded with its port to Rust.

use std::io::Write;

use brotlic::{BrotliEncoderOptions, CompressorWriter, Quality, WindowSize};

use super::{Effort, read_all};

/// Encodes a body. Higher qualities take much more time for a few percent.
pub(super) fn encode(bytes: &[u8], effort: Effort) -> Vec<u8> {
    let quality = match effort {
        Effort::Fast => 5,
        Effort::Balanced => 9,
        Effort::Max => 11,
    };
    let encoder = BrotliEncoderOptions::new()
        .quality(Quality::new(quality).expect("levels are from 0 to 11"))
        .window_size(WindowSize::new(window(bytes.len())).expect("window sizes are from 10 to 24"))
        .size_hint(u32::try_from(bytes.len()).unwrap_or(u32::MAX))
        .build()
        .expect("the parameters are in their ranges");
    let encoded = Vec::with_capacity(bytes.len() / 3);
    let mut writer = CompressorWriter::with_encoder(encoder, encoded);
    writer.write_all(bytes).expect("memory can be written");
    writer.into_inner().map_err(|_| ()).expect("memory can be written")
}

/// Decodes a body. `len` is its expected size in bytes. Returns `None` if the input is damaged.
pub(crate) fn decode(encoded: &[u8], len: usize) -> Option<Vec<u8>> {
    read_all(brotli_decompressor::Decompressor::new(encoded, 64 * 1024), len)
}

/// Returns the base-2 logarithm of the smallest window that holds all of a body (RFC 7932 §9.1), at
/// most 24. A larger one would cost every client memory and gain nothing.
fn window(len: usize) -> u8 {
    /// A window of n bits holds 2^n bytes minus this number.
    const SLACK: usize = 16;
    (10..24).find(|bits| (1_usize << bits) - SLACK >= len).unwrap_or(24)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_as_small_as_the_body_allows() {
        for (len, bits) in [(0, 10), (1008, 10), (1009, 11), (65_520, 16), (65_521, 17)] {
            assert_eq!(window(len), bits, "{len}");
        }
        assert_eq!(window(usize::MAX), 24);
    }
}
