//! Google's encoder, ported to Rust.

use mbrotli::{Compressor, EncoderConfig, Quality, Window};

use super::Parameters;

/// The size in bytes from which qualities below 10 use a table that version 1.2.0, of which this is a port,
/// fills in another way than 1.0.9, which is the encoder in C.
const OTHER_TABLE: usize = 1 << 20;

/// Encodes a body. Returns `None` if the encoder finds a fault in itself, or would write other bytes than the
/// one in C.
pub(super) fn encode(bytes: &[u8], Parameters { quality, window }: Parameters) -> Option<Vec<u8>> {
    if quality < 10 && bytes.len() >= OTHER_TABLE {
        return None;
    }
    let config = EncoderConfig::new()
        .with_quality(Quality::try_from(quality).expect("qualities are from 0 to 11"))
        .with_window(Window::standard(window).expect("windows are from 10 to 24"));
    let mut encoder = Compressor::new(config).expect("the parameters are in their ranges");
    let mut encoded = Vec::with_capacity(bytes.len() / 3);
    encoder.compress_into(bytes, &mut encoded).ok()?;
    Some(encoded)
}
