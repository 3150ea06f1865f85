//! Makes the encoded representations of a body that are worth having.
//!
//! Every one of them is decoded, by another implementation than the one that encoded it, and
//! compared before it goes on.

use std::collections::BTreeSet;
use std::io::{Read, Write};

use brotlic::{BrotliEncoderOptions, CompressorWriter, Quality, WindowSize};
use flate2::Compression;
use flate2::bufread::GzDecoder;
use flate2::write::GzEncoder;

use crate::options::{Coding, Effort};

/// The least that an encoded body has to save, in bytes: about what the fields `Content-Encoding`
/// and `Vary` cost.
const LEAST_SAVING: usize = 48;

/// An encoded body also has to save one in so many bytes. Below that the client's work of decoding
/// and the room it takes in the Worker are not worth it.
const LEAST_SAVING_SHARE: usize = 20;

/// The encoder made something that does not decode to the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WronglyEncoded(pub(crate) Coding);

/// Makes the representations worth having, the one to prefer first.
pub(crate) fn compress(
    body: &[u8],
    codings: &BTreeSet<Coding>,
    effort: Effort,
) -> Result<Vec<(Coding, Vec<u8>)>, WronglyEncoded> {
    compress_with(body, codings, |coding, bytes| encode(coding, bytes, effort))
}

fn compress_with(
    body: &[u8],
    codings: &BTreeSet<Coding>,
    encode: impl Fn(Coding, &[u8]) -> Vec<u8>,
) -> Result<Vec<(Coding, Vec<u8>)>, WronglyEncoded> {
    let mut encoded = Vec::new();
    for &coding in codings {
        let bytes = encode(coding, body);
        if !is_worth_it(body.len(), bytes.len()) {
            continue;
        }
        if decode(coding, &bytes, body.len()).as_deref() != Some(body) {
            return Err(WronglyEncoded(coding));
        }
        encoded.push((coding, bytes));
    }
    Ok(encoded)
}

fn is_worth_it(identity: usize, encoded: usize) -> bool {
    let saved = identity.saturating_sub(encoded);
    saved >= LEAST_SAVING && saved >= identity.div_ceil(LEAST_SAVING_SHARE)
}

fn encode(coding: Coding, bytes: &[u8], effort: Effort) -> Vec<u8> {
    let mut encoded = Vec::with_capacity(bytes.len() / 3);
    match coding {
        Coding::Brotli => {
            let quality = match effort {
                Effort::Fast => 5,
                Effort::Balanced => 9,
                Effort::Max => 11,
            };
            let encoder = BrotliEncoderOptions::new()
                .quality(Quality::new(quality).expect("0 to 11 are levels"))
                .window_size(
                    WindowSize::new(brotli_window(bytes.len())).expect("10 to 24 are sizes"),
                )
                .size_hint(u32::try_from(bytes.len()).unwrap_or(u32::MAX))
                .build()
                .expect("the parameters are in their ranges");
            let mut writer = CompressorWriter::with_encoder(encoder, encoded);
            writer.write_all(bytes).expect("memory can be written");
            encoded = writer.into_inner().map_err(|_| ()).expect("memory can be written");
        }
        Coding::Gzip => {
            let level = match effort {
                Effort::Fast => Compression::default(),
                Effort::Balanced | Effort::Max => Compression::best(),
            };
            // The header has no name and no time, so the same bytes give the same body.
            let mut gzip = GzEncoder::new(&mut encoded, level);
            gzip.write_all(bytes).expect("memory can be written");
            gzip.finish().expect("memory can be written");
        }
    }
    encoded
}

/// Decodes a body. `len` is what it should come to.
fn decode(coding: Coding, encoded: &[u8], len: usize) -> Option<Vec<u8>> {
    match coding {
        Coding::Brotli => decode_brotli(encoded, len),
        Coding::Gzip => read_all(GzDecoder::new(encoded), len),
    }
}

/// Decodes a Brotli body. `len` is what it should come to.
pub(crate) fn decode_brotli(encoded: &[u8], len: usize) -> Option<Vec<u8>> {
    read_all(brotli_decompressor::Decompressor::new(encoded, 64 * 1024), len)
}

fn read_all(mut from: impl Read, len: usize) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(len);
    from.read_to_end(&mut decoded).ok().map(|_| decoded)
}

/// Returns the base-2 logarithm of the smallest window that holds all of a body (RFC 7932 §9.1).
/// A larger one costs every client memory and gains nothing; 24 is the largest there is.
fn brotli_window(len: usize) -> u8 {
    const SLACK: usize = 16;
    (10..24).find(|bits| (1_usize << bits) - SLACK >= len).unwrap_or(24)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_window_fits_the_body() {
        for (len, bits) in [(0, 10), (1008, 10), (1009, 11), (65_520, 16), (65_521, 17)] {
            assert_eq!(brotli_window(len), bits, "{len}");
        }
        assert_eq!(brotli_window(usize::MAX), 24);
    }

    #[test]
    fn a_body_that_saves_little_is_not_worth_it() {
        assert!(!is_worth_it(100, 60), "too few bytes");
        assert!(is_worth_it(100, 52));
        assert!(!is_worth_it(10_000, 9_501), "too small a share");
        assert!(is_worth_it(10_000, 9_500));
        assert!(!is_worth_it(10, 11));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn what_is_encoded_decodes_to_itself(bytes in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..5000),
            "([a-z]{1,9} ){0,400}".prop_map(String::into_bytes),
        ]) {
            for coding in Coding::ALL {
                for effort in Effort::ALL {
                    let encoded = encode(coding, &bytes, effort);
                    let decoded = decode(coding, &encoded, bytes.len());
                    prop_assert_eq!(decoded.as_deref(), Some(bytes.as_slice()));
                }
            }
        }
    }

    #[test]
    fn what_an_encoder_gets_wrong_is_not_emitted() {
        let body = [b'a'; 1000];
        let codings = [Coding::Brotli].into();
        assert_eq!(compress(&body, &codings, Effort::Max).unwrap().len(), 1);
        let shorter = encode(Coding::Brotli, &body[1..], Effort::Max);
        for wrong in [&b"no Brotli"[..], &shorter] {
            let result = compress_with(&body, &codings, |_, _| wrong.to_vec());
            assert_eq!(result, Err(WronglyEncoded(Coding::Brotli)));
        }
    }

    #[test]
    fn a_damaged_body_does_not_pass_the_check() {
        let encoded = encode(Coding::Brotli, b"hello hello hello hello", Effort::Max);
        assert_eq!(decode(Coding::Brotli, &encoded[..encoded.len() - 1], 23), None);
        assert_eq!(decode(Coding::Gzip, &encoded, 23), None);
    }
}
