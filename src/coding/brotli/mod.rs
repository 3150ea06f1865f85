//! Brotli (RFC 7932): encoded by one of two encoders that write the same bytes, and decoded by a third
//! implementation, Google's decoder ported to Rust.
//!
//! The command has the encoder in Rust, with which a first pack takes 0.8 of the CPU time. It is six times slower
//! than the one in C if it is not optimised, as in a build script by default. So the library alone encodes in C, with
//! the feature `dictionaries` too: that adds the encoder in Rust for what the one in C cannot do.

mod c;
#[cfg(feature = "dictionaries")]
mod dictionary;
#[cfg(feature = "cli")]
mod rust;

use super::{Effort, read_all};

#[cfg(feature = "dictionaries")]
pub(crate) use dictionary::{Dictionary, FRAMING, decode_with_dictionary};

/// The parameters of an encoder.
#[derive(Clone, Copy, Debug)]
struct Parameters {
    /// From 0 to 11. Higher ones take much more time for a few percent.
    quality: u8,
    /// The base-2 logarithm of the window, from 10 to 24.
    window: u8,
}

impl Parameters {
    fn new(len: usize, effort: Effort) -> Self {
        let quality = match effort {
            Effort::Fast => 5,
            Effort::Balanced => 9,
            Effort::Max => 11,
        };
        Self { quality, window: window(len) }
    }
}

/// An encoder. It returns `None` if it fails.
pub(super) type Encoder = fn(&[u8], Effort) -> Option<Vec<u8>>;

/// The encoders, the fastest first. The next one is asked if one makes no body that decodes to the original,
/// since the one in Rust is young.
pub(super) const ENCODERS: &[Encoder] = &[
    #[cfg(feature = "cli")]
    |bytes, effort| rust::encode(bytes, Parameters::new(bytes.len(), effort)),
    |bytes, effort| c::encode(bytes, Parameters::new(bytes.len(), effort)),
];

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
