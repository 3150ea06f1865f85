//! gzip (RFC 1952).

use std::io::Write;

use flate2::Compression;
use flate2::bufread::GzDecoder;
use flate2::write::GzEncoder;

use super::{Effort, read_all};

/// Encodes a body.
pub(super) fn encode(bytes: &[u8], effort: Effort) -> Vec<u8> {
    let level = match effort {
        Effort::Fast => Compression::default(),
        Effort::Balanced | Effort::Max => Compression::best(),
    };
    // The header contains no file name and no time, so equal bodies are encoded equally.
    let mut gzip = GzEncoder::new(Vec::with_capacity(bytes.len() / 3), level);
    gzip.write_all(bytes).expect("memory can be written");
    gzip.finish().expect("memory can be written")
}

/// Decodes a body. `len` is its expected size in bytes. Returns `None` if the input is damaged.
pub(super) fn decode(encoded: &[u8], len: usize) -> Option<Vec<u8>> {
    read_all(GzDecoder::new(encoded), len)
}
