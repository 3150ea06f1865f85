//! Stage 3: hashes every file's bytes and makes the encoded representations worth having.
//!
//! Equal bodies are compressed and kept once. Every encoded body is decoded and compared before it
//! goes on.

use std::collections::BTreeMap;
use std::io::{Read, Write};

use brotli::enc::BrotliEncoderParams;
use flate2::Compression;
use flate2::bufread::GzDecoder;
use flate2::write::GzEncoder;
use worker_pack_runtime::Encoding;

use crate::diagnostic::{Diagnostic, Stage};
use crate::digest::{Blob, ContentHash};
use crate::media_type::MediaType;
use crate::options::{Coding, Options};
use crate::parallel;
use crate::path::RoutePath;
use crate::progress::Progress;
use crate::transform::{Outcome, Transformed, TransformedFile};

/// A file with all its representations.
#[derive(Clone, Debug)]
pub(crate) struct CompressedFile {
    /// Where the table has it.
    pub route: RoutePath,
    /// How it is called in messages.
    pub name: String,
    /// Its media type.
    pub media_type: MediaType,
    /// The size of the file in bytes, before the transform.
    pub source_len: usize,
    /// What the transform came to.
    pub outcome: Outcome,
    /// The value of its `Link` field, if it has one.
    pub link: Option<String>,
    /// The bytes without a content coding.
    pub identity: Blob,
    /// The encoded bytes, the coding to prefer first.
    pub encoded: Vec<(Encoding, Blob)>,
}

/// The least that an encoded body has to save, in bytes: about what the fields `Content-Encoding`
/// and `Vary` cost.
const LEAST_SAVING: usize = 48;

/// An encoded body also has to save one in so many bytes. Below that the client's work of decoding
/// and the room it takes in the Worker are not worth it.
const LEAST_SAVING_SHARE: usize = 20;

/// Compresses the files of a site.
pub(crate) fn compress(
    transformed: Transformed,
    options: &Options,
    progress: &dyn Progress,
) -> Result<Vec<CompressedFile>, Vec<Diagnostic>> {
    let files: Vec<CompressedFile> =
        parallel::map_largest_first(transformed.files, |file| file.bytes.len(), hashed);
    let mut jobs = BTreeMap::<ContentHash, Job>::new();
    for file in files.iter().filter(|file| file.media_type.is_compressible()) {
        jobs.entry(file.identity.hash())
            .or_insert_with(|| Job { body: file.identity.clone(), name: file.name.clone() });
    }
    let jobs: Vec<Job> = jobs.into_values().collect();
    progress.started(Stage::Compress, jobs.iter().map(|job| job.body.len() as u64).sum());

    let results = parallel::map_largest_first(
        jobs,
        |job| job.body.len(),
        |job| {
            let encoded = job.encode(options);
            progress.advanced(job.body.len() as u64);
            encoded.map(|encoded| (job.body.hash(), encoded))
        },
    );
    let (encoded, errors) = split(results);
    if !errors.is_empty() {
        return Err(errors);
    }
    let encoded: BTreeMap<ContentHash, Vec<(Encoding, Blob)>> = encoded.into_iter().collect();
    let with_encoded = |file: CompressedFile| {
        let hash = file.identity.hash();
        let encoded = if file.media_type.is_compressible() { encoded.get(&hash) } else { None };
        CompressedFile { encoded: encoded.cloned().unwrap_or_default(), ..file }
    };
    Ok(files.into_iter().map(with_encoded).collect())
}

fn hashed(file: TransformedFile) -> CompressedFile {
    let TransformedFile { route, name, media_type, source_len, bytes, outcome, link } = file;
    let identity = Blob::new(bytes);
    CompressedFile {
        route,
        name,
        media_type,
        source_len,
        outcome,
        link,
        identity,
        encoded: Vec::new(),
    }
}

fn split<T, E>(results: Vec<Result<T, E>>) -> (Vec<T>, Vec<E>) {
    let mut values = Vec::with_capacity(results.len());
    let mut errors = Vec::new();
    for result in results {
        match result {
            Ok(value) => values.push(value),
            Err(error) => errors.push(error),
        }
    }
    (values, errors)
}

/// A body to compress, and the first file that has it.
struct Job {
    body: Blob,
    name: String,
}

impl Job {
    /// Makes the representations worth having, the one to prefer first.
    fn encode(&self, options: &Options) -> Result<Vec<(Encoding, Blob)>, Diagnostic> {
        self.encode_with(options, encode)
    }

    fn encode_with(
        &self,
        options: &Options,
        encode: impl Fn(Coding, &[u8]) -> Vec<u8>,
    ) -> Result<Vec<(Encoding, Blob)>, Diagnostic> {
        let mut encoded = Vec::new();
        for coding in &options.encodings {
            let bytes = encode(*coding, self.body.bytes());
            if !is_worth_it(self.body.len(), bytes.len()) {
                continue;
            }
            if decode(*coding, &bytes).as_deref() != Some(self.body.bytes()) {
                let message = format!("its {coding} body does not decode to the file");
                let error = Diagnostic::error(Stage::Compress, &self.name, message);
                return Err(error.with_help(
                    "this is a mistake in worker-pack or its encoders; please report it",
                ));
            }
            let encoding = match coding {
                Coding::Brotli => Encoding::Brotli,
                Coding::Gzip => Encoding::Gzip,
            };
            encoded.push((encoding, Blob::new(bytes)));
        }
        Ok(encoded)
    }
}

fn is_worth_it(identity: usize, encoded: usize) -> bool {
    let saved = identity.saturating_sub(encoded);
    saved >= LEAST_SAVING && saved >= identity.div_ceil(LEAST_SAVING_SHARE)
}

fn encode(coding: Coding, bytes: &[u8]) -> Vec<u8> {
    let mut encoded = Vec::with_capacity(bytes.len() / 3);
    match coding {
        Coding::Brotli => {
            let params = BrotliEncoderParams {
                quality: 11,
                lgwin: brotli_window(bytes.len()),
                size_hint: bytes.len(),
                ..BrotliEncoderParams::default()
            };
            let mut input = bytes;
            brotli::BrotliCompress(&mut input, &mut encoded, &params)
                .expect("memory can be read and written");
        }
        Coding::Gzip => {
            // The header has no name and no time, so the same bytes give the same body.
            let mut gzip = GzEncoder::new(&mut encoded, Compression::best());
            gzip.write_all(bytes).expect("memory can be written");
            gzip.finish().expect("memory can be written");
        }
    }
    encoded
}

fn decode(coding: Coding, encoded: &[u8]) -> Option<Vec<u8>> {
    let mut decoded = Vec::new();
    match coding {
        Coding::Brotli => brotli::Decompressor::new(encoded, 64 * 1024).read_to_end(&mut decoded),
        Coding::Gzip => GzDecoder::new(encoded).read_to_end(&mut decoded),
    }
    .is_ok()
    .then_some(decoded)
}

/// Returns the base-2 logarithm of the smallest window that holds all of a body (RFC 7932 §9.1).
/// A larger one costs every client memory and gains nothing; 24 is the largest there is.
fn brotli_window(len: usize) -> i32 {
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
                let encoded = encode(coding, &bytes);
                let decoded = decode(coding, &encoded);
                prop_assert_eq!(decoded.as_deref(), Some(bytes.as_slice()));
            }
        }
    }

    #[test]
    fn what_an_encoder_gets_wrong_is_not_emitted() {
        let job = Job { body: Blob::new(vec![b'a'; 1000]), name: "a.txt".to_owned() };
        let options = Options::default();
        assert_eq!(job.encode(&options).unwrap().len(), 1);
        for wrong in [&b"no Brotli"[..], &encode(Coding::Brotli, &[b'a'; 999])] {
            let error = job.encode_with(&options, |_, _| wrong.to_vec()).unwrap_err();
            assert_eq!(error.file, "a.txt");
            assert!(error.message.contains("does not decode to the file"), "{error}");
        }
    }

    #[test]
    fn a_damaged_body_does_not_pass_the_check() {
        let encoded = encode(Coding::Brotli, b"hello hello hello hello");
        assert_eq!(decode(Coding::Brotli, &encoded[..encoded.len() - 1]), None);
        assert_eq!(decode(Coding::Gzip, &encoded), None);
    }
}
