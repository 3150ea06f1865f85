//! Brotli with a dictionary, the content coding `dcb` (RFC 9842 §4): encoded by the encoder in Rust, and decoded
//! by another implementation as a check of every body.
//!
//! A body is the four bytes of its format, the SHA-256 of the dictionary, and a Brotli stream. The stream copies
//! from the dictionary as from bytes that lie before its window (RFC 9841 §3.2), so the window only has to hold
//! the body, and is never larger than the 16 MB that clients accept.

use brotli_decompressor::Decompressor;
use mbrotli::dictionary::{DictionaryBuilder, PreparedDictionary};
use mbrotli::{Compressor, EncoderConfig, Quality, Window};
use sha2::{Digest, Sha256};

use super::{Effort, Parameters, read_all};

/// The first bytes of every body.
const MAGIC: [u8; 4] = [0xff, 0x44, 0x43, 0x42];

/// The length of a SHA-256, in bytes.
const HASH_LEN: usize = 32;

/// The number of bytes before the Brotli stream.
pub(crate) const FRAMING: usize = MAGIC.len() + HASH_LEN;

/// The first seven bits of a stream with a Large Window (RFC 9841 §4), which clients refuse.
const LARGE_WINDOW: u8 = 0b001_0001;

/// A dictionary that is ready to encode any number of bodies, on any thread.
#[derive(Debug)]
pub(crate) struct Dictionary<'d> {
    bytes: &'d [u8],
    prepared: PreparedDictionary,
}

impl<'d> Dictionary<'d> {
    /// Prepares a dictionary. Returns `None` if it is empty, or larger than the encoder accepts.
    pub(crate) fn new(bytes: &'d [u8]) -> Option<Self> {
        let prepared = DictionaryBuilder::new().add_prefix(bytes).build().ok()?;
        Some(Self { bytes, prepared })
    }

    /// Encodes a body, and decodes it again. Returns `None` if the encoder fails, or if the body does not decode
    /// to the original.
    pub(crate) fn encode(&self, body: &[u8], effort: Effort) -> Option<Vec<u8>> {
        let mut encoded = MAGIC.to_vec();
        encoded.extend(Sha256::digest(self.bytes));
        self.stream(body, effort, &mut encoded)?;
        let decoded = decode_with_dictionary(&encoded, self.bytes, body.len())?;
        (decoded == body).then_some(encoded)
    }

    /// Returns the size of an encoded body, in bytes. Returns `None` if the encoder fails.
    pub(crate) fn encoded_len(&self, body: &[u8], effort: Effort) -> Option<usize> {
        let mut stream = Vec::new();
        self.stream(body, effort, &mut stream)?;
        Some(FRAMING + stream.len())
    }

    /// Adds the Brotli stream of a body to `encoded`.
    fn stream(&self, body: &[u8], effort: Effort, encoded: &mut Vec<u8>) -> Option<()> {
        let Parameters { quality, window } = Parameters::new(body.len(), effort);
        let config = EncoderConfig::new()
            .with_quality(Quality::try_from(quality).expect("qualities are from 0 to 11"))
            .with_window(Window::standard(window).expect("windows are from 10 to 24"));
        let mut encoder = Compressor::new(config).expect("the parameters are in their ranges");
        encoder.compress_with_dictionary_into(&self.prepared, body, encoded).ok()?;
        Some(())
    }
}

/// Decodes a body as a browser does. `len` is its expected size in bytes, at which decoding stops. Returns `None` if
/// the input is damaged, was made with another dictionary, or decodes to more.
pub(crate) fn decode_with_dictionary(
    encoded: &[u8],
    dictionary: &[u8],
    len: usize,
) -> Option<Vec<u8>> {
    let (hash, stream) = encoded.strip_prefix(&MAGIC)?.split_at_checked(HASH_LEN)?;
    let has_large_window = stream.first().is_some_and(|byte| byte & 0x7f == LARGE_WINDOW);
    if hash != Sha256::digest(dictionary).as_slice() || has_large_window {
        return None;
    }
    let dictionary = dictionary.to_vec().into();
    read_all(Decompressor::new_with_custom_dict(stream, 64 * 1024, dictionary), len)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn encode_with_dictionary(body: &[u8], dictionary: &[u8], effort: Effort) -> Option<Vec<u8>> {
        Dictionary::new(dictionary)?.encode(body, effort)
    }

    fn page(title: &str, text: &str) -> Vec<u8> {
        let head = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>";
        let navigation = "<nav><a href=\"/\">Home</a><a href=\"/about/\">About</a></nav>".repeat(3);
        format!("{head}{title}</title></head><body>{navigation}<main>{text}</main></body></html>")
            .into_bytes()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn bodies_decode_to_the_original(
            dictionary in prop_oneof![
                prop::collection::vec(any::<u8>(), 1..3000),
                "([a-z]{1,9} ){1,400}".prop_map(String::into_bytes),
            ],
            parts in prop::collection::vec(
                (any::<prop::sample::Index>(), any::<prop::sample::Index>(), "[a-z <>/]{0,40}"),
                0..12,
            ),
        ) {
            // A body of ranges of the dictionary with other bytes between them, as a page is.
            let mut body = Vec::new();
            for (start, end, own) in parts {
                let (start, end) = (start.index(dictionary.len()), end.index(dictionary.len() + 1));
                body.extend(dictionary.get(start..end).unwrap_or_default());
                body.extend(own.as_bytes());
            }
            for effort in Effort::ALL {
                let encoded = encode_with_dictionary(&body, &dictionary, effort).unwrap();
                let decoded = decode_with_dictionary(&encoded, &dictionary, body.len());
                prop_assert_eq!(decoded.as_deref(), Some(&*body));
            }
        }

        #[test]
        fn damaged_bodies_decode_to_nothing_larger(
            at in any::<prop::sample::Index>(),
            bits in 1..=255_u8,
        ) {
            let (dictionary, body) = (page("One", "first"), page("Two", "second ".repeat(20).as_str()));
            let mut encoded = encode_with_dictionary(&body, &dictionary, Effort::Max).unwrap();
            let at = at.index(encoded.len());
            encoded[at] ^= bits;
            let decoded = decode_with_dictionary(&encoded, &dictionary, body.len());
            prop_assert!(decoded.as_ref().is_none_or(|decoded| decoded.len() <= body.len()));
            if at < FRAMING {
                prop_assert_eq!(decoded, None);
            }
        }
    }

    #[test]
    fn a_body_begins_with_its_format_and_the_hash_of_the_dictionary() {
        let (dictionary, body) = (page("One", "first"), page("Two", "second"));
        let encoded = encode_with_dictionary(&body, &dictionary, Effort::Max).unwrap();
        assert_eq!(encoded[..4], [0xff, b'D', b'C', b'B']);
        assert_eq!(encoded[4..36], *Sha256::digest(&dictionary));
        assert!(encoded.len() < FRAMING + 40, "{} bytes", encoded.len());
        let prepared = Dictionary::new(&dictionary).unwrap();
        assert_eq!(prepared.encoded_len(&body, Effort::Max), Some(encoded.len()));
    }

    #[test]
    fn a_body_does_not_decode_with_another_dictionary() {
        let dictionary = page("One", "the text that both pages contain");
        let other = page("One", "the text of a third page, no copy");
        let body = page("Two", "the text that both pages contain, and more");
        let encoded = encode_with_dictionary(&body, &dictionary, Effort::Max).unwrap();
        assert_eq!(decode_with_dictionary(&encoded, &other, body.len()), None);
        // A body that lies about its dictionary does not decode to the original.
        let mut forged = encoded;
        forged[4..FRAMING].copy_from_slice(&Sha256::digest(&other));
        assert_ne!(decode_with_dictionary(&forged, &other, body.len()), Some(body));
    }

    /// A regression of another encoder: <https://github.com/dropbox/rust-brotli/issues/224>.
    #[test]
    fn a_copy_across_the_end_of_the_dictionary_decodes() {
        let noise: Vec<u8> =
            (0..400_u32).map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect();
        let dictionary = [page("One", "first"), noise[..200].to_vec()].concat();
        // The body begins with the bytes that end the dictionary and goes on with those that it begins with
        // itself, so that the best match runs from the one into the other.
        for tail in [1, 2, 3, 7, 50, 199, 200] {
            let end = &dictionary[dictionary.len() - tail..];
            let unit = [&noise[200..260], end].concat();
            let body = [end.repeat(4), noise[200..260].to_vec(), unit.repeat(3)].concat();
            for effort in Effort::ALL {
                let encoded = Dictionary::new(&dictionary).unwrap().encode(&body, effort);
                let decoded = decode_with_dictionary(&encoded.unwrap(), &dictionary, body.len());
                assert!(decoded == Some(body.clone()), "{tail} bytes, {effort}");
            }
        }
    }

    #[test]
    fn a_body_larger_than_its_window_still_copies_from_the_dictionary() {
        let text = |from: u32| -> Vec<u8> {
            let word = |n: u32| format!("{:x} ", n.wrapping_mul(2_654_435_761) >> 7);
            (from..from + 3_000).flat_map(|n| word(n).into_bytes()).collect()
        };
        let dictionary = text(0);
        let body = [text(10_000), text(20_000), dictionary.clone()].concat();
        for effort in Effort::ALL {
            let with = encode_with_dictionary(&body, &dictionary, effort).unwrap();
            let without = encode_with_dictionary(&body, b"-", effort).unwrap();
            assert!(with.len() < without.len() * 3 / 4, "{} {}", with.len(), without.len());
        }
    }

    #[test]
    fn decoding_stops_at_the_expected_size() {
        let zeros = vec![0; 20_000_000];
        let bomb = encode_with_dictionary(&zeros, &zeros[..1_000], Effort::Fast).unwrap();
        assert!(bomb.len() < 100_000);
        assert_eq!(decode_with_dictionary(&bomb, &zeros[..1_000], 1_000), None);
    }

    #[test]
    fn no_body_is_made_with_an_empty_dictionary() {
        assert_eq!(encode_with_dictionary(b"body", b"", Effort::Max), None);
    }

    #[test]
    fn a_large_window_is_refused() {
        let dictionary = page("One", "first");
        let mut encoded = [&MAGIC[..], &Sha256::digest(&dictionary)].concat();
        let config = EncoderConfig::new().with_window(Window::large(25).unwrap());
        let prepared = DictionaryBuilder::new().add_prefix(&*dictionary).build().unwrap();
        let mut encoder = Compressor::new(config).unwrap();
        encoder.compress_with_dictionary_into(&prepared, b"some body", &mut encoded).unwrap();
        assert_eq!(decode_with_dictionary(&encoded, &dictionary, 9), None);
    }
}
