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

#[cfg(test)]
mod tests {
    use super::super::{Effort, c};
    use super::*;

    /// A text of repeated words, as HTML is, with some noise.
    fn text(len: usize, seed: u64) -> Vec<u8> {
        let mut state = seed;
        let mut random = move || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            state >> 33
        };
        let words: Vec<String> = (0..200).map(|_| format!("w{:x} ", random() % 100_000)).collect();
        let mut text = Vec::with_capacity(len + 16);
        while text.len() < len {
            match random() % 8 {
                0 => text
                    .extend((0..random() % 40).map(|_| u8::try_from(random() % 256).unwrap_or(0))),
                1 => text.extend(b"<p class=\"item\">"),
                _ => text.extend(words[usize::try_from(random() % 200).unwrap_or(0)].bytes()),
            }
        }
        text.truncate(len);
        text
    }

    #[test]
    fn both_encoders_write_the_same_bytes() {
        let lens =
            [1, 15, 1008, 1009, 4096, 65_520, 65_536, 262_144, 300_001, (1 << 20) - 1, 1 << 20];
        for (seed, len) in lens.into_iter().enumerate() {
            let body = text(len, seed as u64);
            for effort in Effort::ALL {
                // 11 takes a second per megabyte.
                if effort == Effort::Max && len > 300_001 {
                    continue;
                }
                let parameters = Parameters::new(len, effort);
                if let Some(encoded) = encode(&body, parameters) {
                    let by_c = c::encode(&body, parameters);
                    assert!(by_c.as_ref() == Some(&encoded), "{len} bytes, {effort}");
                }
            }
        }
    }
}
