//! Google's encoder, in C.

use brotlic::{CompressionMode, Quality, WindowSize, compress, compress_bound};

use super::Parameters;

/// Encodes a body. Returns `None` if memory for it cannot be had.
pub(super) fn encode(bytes: &[u8], Parameters { quality, window }: Parameters) -> Option<Vec<u8>> {
    let quality = Quality::new(quality).expect("qualities are from 0 to 11");
    let window = WindowSize::new(window).expect("windows are from 10 to 24");
    // As one call: told to go on before it is told to end, the encoder would end a body of a whole number
    // of blocks with an empty one.
    let mut encoded = vec![0; compress_bound(bytes.len(), quality)?];
    let len = compress(bytes, &mut encoded, quality, window, CompressionMode::Generic).ok()?;
    encoded.truncate(len);
    encoded.shrink_to_fit();
    Some(encoded)
}
