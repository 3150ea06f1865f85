//! gzip (RFC 1952).

use std::io::Write;

use flate2::Compression;
use flate2::bufread::GzDecoder;
use flate2::write::GzEncoder;

use super::{Effort, read_all};

pub(super) fn encode(bytes: &[u8], effort: Effort) -> Vec<u8> {
    let level = match effort {
        Effort::Fast => Compression::default(),
        Effort::Balanced | Effort::Max => Compression::best(),
    };
    // The header has no name and no time, so the same bytes give the same body.
    let mut gzip = GzEncoder::new(Vec::with_capacity(bytes.len() / 3), level);
    gzip.write_all(bytes).expect("memory can be written");
    gzip.finish().expect("memory can be written")
}

pub(super) fn decode(encoded: &[u8], len: usize) -> Option<Vec<u8>> {
    read_all(GzDecoder::new(encoded), len)
}
