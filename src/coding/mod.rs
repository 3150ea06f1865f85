//! Content codings (RFC 9110 §8.4.1), one file or folder each: encoding, and decoding as a check.
//!
//! A new coding is a variant of the runtime's [`Coding`], a file here, and an arm of [`encoders`] and
//! of [`decode`]. Each encoded body is decoded again and compared before it is used, in the case of
//! Brotli by another implementation than the encoder.

mod brotli;
mod gzip;

use std::collections::BTreeSet;
use std::io::Read;

use worker_pack_runtime::Coding;

use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::named::named;

use brotli::Encoder;
pub(crate) use brotli::decode as decode_brotli;
#[cfg(feature = "dictionaries")]
pub(crate) use brotli::{Dictionary, FRAMING, decode_with_dictionary};

named! {
    /// The effort of the encoders.
    ///
    /// A cached body of a greater effort is also used where a lesser one is asked for.
    pub enum Effort {
        /// Brotli 5, gzip 6: about a fiftieth of the time of `Max`, and an eighth more bytes of
        /// text.
        Fast = "fast",
        /// Brotli 9, gzip 9: a quarter of the time of `Max`, and a ninth more bytes of text.
        Balanced = "balanced",
        /// Brotli 11, gzip 9: for production.
        Max = "max",
    }
}

/// Parses the token of a content coding that encodes.
///
/// # Errors
/// If the token is unknown, or `identity`.
pub fn encoding(token: &str) -> Result<Coding, String> {
    let codings = Coding::ENCODED;
    codings.into_iter().find(|coding| coding.token() == token).ok_or_else(|| {
        let tokens = codings.map(|coding| format!("`{coding}`")).join(", ");
        format!("`{token}` is not one of {tokens}")
    })
}

/// Minimum that an encoded body must save, in bytes: about the size of the header fields
/// `Content-Encoding` and `Vary`.
const MIN_SAVING_BYTES: usize = 48;

/// Minimum that an encoded body must save, in percent of the body. Less would not be worth the time
/// to decode it and its space in the Worker.
const MIN_SAVING_PERCENT: usize = 5;

/// An encoded body does not decode to the original: a bug in the encoder of this coding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RoundTripFailed(pub(crate) Coding);

impl RoundTripFailed {
    /// Returns the error for a file with such a body.
    pub(crate) fn diagnostic(self, file: &str) -> Diagnostic {
        let message = format!("its {} body does not decode to the original", self.0);
        Diagnostic::error(Code::CompressRoundTripFailed, file, message)
            .with_help("this is a bug in worker-pack or in an encoder it uses; please report it")
    }
}

/// Encodes a body in each coding, and returns the representations that save enough, the preferred
/// coding first.
pub(crate) fn compress(
    body: &[u8],
    codings: &BTreeSet<Coding>,
    effort: Effort,
) -> Result<Vec<(Coding, Vec<u8>)>, RoundTripFailed> {
    compress_with(body, codings, effort, encoders)
}

fn compress_with(
    body: &[u8],
    codings: &BTreeSet<Coding>,
    effort: Effort,
    encoders: impl Fn(Coding) -> &'static [Encoder],
) -> Result<Vec<(Coding, Vec<u8>)>, RoundTripFailed> {
    let mut encoded = Vec::new();
    // A body needs no coding to be sent as it is, and no dictionary is at hand here.
    for &coding in codings.iter().filter(|coding| Coding::ENCODED.contains(coding)) {
        let checked = encoders(coding).iter().find_map(|encode| {
            let bytes = encode(body, effort)?;
            // Tested first, because a body that is not used need not be decoded.
            if !saves_enough(body.len(), bytes.len()) {
                return Some(None);
            }
            let is_right = decode(coding, &bytes, body.len()).as_deref() == Some(body);
            is_right.then_some(Some(bytes))
        });
        let saving = checked.ok_or(RoundTripFailed(coding))?;
        encoded.extend(saving.map(|bytes| (coding, bytes)));
    }
    Ok(encoded)
}

/// Returns whether an encoded body saves enough. Both sizes are in bytes.
pub(crate) fn saves_enough(identity: usize, encoded: usize) -> bool {
    let saved = identity.saturating_sub(encoded);
    saved >= MIN_SAVING_BYTES && saved * 100 >= identity * MIN_SAVING_PERCENT
}

/// Returns the encoders of a coding, which write the same bytes, the fastest first.
fn encoders(coding: Coding) -> &'static [Encoder] {
    match coding {
        Coding::Brotli => brotli::ENCODERS,
        Coding::Gzip => &[|bytes, effort| Some(gzip::encode(bytes, effort))],
        Coding::Identity => &[|bytes, _| Some(bytes.to_vec())],
        // It needs a dictionary, which the body alone does not tell.
        Coding::DictionaryBrotli => &[],
    }
}

/// Decodes a body. `len` is its expected size in bytes: an encoded body may be small and decode to
/// gigabytes, so decoding stops there. Returns `None` if the input is damaged, or decodes to more.
pub(crate) fn decode(coding: Coding, encoded: &[u8], len: usize) -> Option<Vec<u8>> {
    match coding {
        Coding::Brotli => brotli::decode(encoded, len),
        Coding::Gzip => gzip::decode(encoded, len),
        Coding::Identity => Some(encoded.to_vec()),
        Coding::DictionaryBrotli => None,
    }
}

/// Reads at most `len` decoded bytes. Returns `None` if there are more, or if the encoded ones are
/// damaged.
fn read_all(from: impl Read, len: usize) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(len);
    from.take(len as u64 + 1).read_to_end(&mut decoded).ok()?;
    (decoded.len() <= len).then_some(decoded)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::feedback::diagnostic::Severity;

    #[test]
    fn encoded_bodies_must_save_enough_bytes_and_percent() {
        assert!(!saves_enough(100, 60), "too few bytes");
        assert!(saves_enough(100, 52));
        assert!(!saves_enough(10_000, 9_501), "too few percent");
        assert!(saves_enough(10_000, 9_500));
        assert!(!saves_enough(10, 11));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn encoded_bodies_decode_to_the_original(bytes in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..5000),
            "([a-z]{1,9} ){0,400}".prop_map(String::into_bytes),
        ]) {
            for coding in Coding::ALL {
                for effort in Effort::ALL {
                    for encode in encoders(coding) {
                        let encoded = encode(&bytes, effort).unwrap();
                        let decoded = decode(coding, &encoded, bytes.len());
                        prop_assert_eq!(decoded.as_deref(), Some(bytes.as_slice()));
                    }
                }
            }
        }
    }

    #[test]
    fn wrong_output_of_the_only_encoder_is_an_error() {
        let body = [b'a'; 1000];
        let codings = [Coding::Brotli].into();
        assert_eq!(compress(&body, &codings, Effort::Max).unwrap().len(), 1);
        let wrong: [&[Encoder]; 3] = [&[NO_BROTLI], &[SHORTER], &[FAILED, NO_BROTLI]];
        for encoders in wrong {
            let result = compress_with(&body, &codings, Effort::Max, |_| encoders);
            assert_eq!(result, Err(RoundTripFailed(Coding::Brotli)));
        }
    }

    #[test]
    fn the_next_encoder_is_asked_if_one_is_wrong() {
        let body = [b'a'; 1000];
        let codings = [Coding::Brotli].into();
        let right = compress(&body, &codings, Effort::Max);
        let lists: [&[Encoder]; 3] = [&[NO_BROTLI, RIGHT], &[SHORTER, RIGHT], &[FAILED, RIGHT]];
        for encoders in lists {
            assert_eq!(compress_with(&body, &codings, Effort::Max, |_| encoders), right);
        }
    }

    const RIGHT: Encoder = |bytes, effort| brotli::ENCODERS[0](bytes, effort);
    const NO_BROTLI: Encoder = |_, _| Some(b"no Brotli".to_vec());
    const SHORTER: Encoder = |bytes, effort| RIGHT(&bytes[1..], effort);
    const FAILED: Encoder = |_, _| None;

    #[test]
    fn a_body_that_does_not_decode_is_an_error_with_a_code() {
        let error = RoundTripFailed(Coding::Brotli).diagnostic("a.html");
        assert_eq!((error.code, error.severity), (Code::CompressRoundTripFailed, Severity::Error));
        assert!(error.message.contains("br body"), "{error}");
    }

    #[test]
    fn decoding_stops_at_the_expected_size() {
        let zeros = vec![0; 50_000_000];
        for coding in Coding::ENCODED {
            let bomb =
                encoders(coding).iter().find_map(|encode| encode(&zeros, Effort::Fast)).unwrap();
            assert!(bomb.len() < 100_000, "{coding}");
            assert_eq!(decode(coding, &bomb, 1_000), None, "{coding}");
        }
    }

    #[test]
    fn damaged_bodies_do_not_decode() {
        let encoded = RIGHT(b"hello hello hello hello", Effort::Max).unwrap();
        assert_eq!(decode(Coding::Brotli, &encoded[..encoded.len() - 1], 23), None);
        assert_eq!(decode(Coding::Gzip, &encoded, 23), None);
    }
}
