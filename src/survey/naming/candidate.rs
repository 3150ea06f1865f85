//! Texts that may be checksums of files: runs of hexadecimal digits or of Base64 of the right lengths.
//!
//! Most of them are something else, such as long names. That does no harm, since only those count that
//! are the checksum of a file.

use crate::asset::checksum::{Algorithm, Checksum};

/// Lengths of the shortest checksums.
const MIN_BASE64: usize = 22;
const MIN_HEX: usize = 32;

/// Length above which a run is data rather than a path or a list of names, so that a checksum is looked
/// for at its ends only.
const MAX_RUN: usize = 1024;

/// The number of digits that may touch a hexadecimal checksum, such as the end of a word.
const HEX_MARGIN: usize = 16;

/// The value of each byte as a digit of Base64, in both alphabets (RFC 4648 §4 and §5).
const BASE64: [u8; 256] = base64_values();

const NONE: u8 = 0xff;

const fn base64_values() -> [u8; 256] {
    const DIGITS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut values = [NONE; 256];
    let mut value: u8 = 0;
    while (value as usize) < DIGITS.len() {
        values[DIGITS[value as usize] as usize] = value;
        value += 1;
    }
    values[b'+' as usize] = 62;
    values[b'-' as usize] = 62;
    values[b'/' as usize] = 63;
    values[b'_' as usize] = 63;
    values
}

/// Adds the candidates of a text.
pub(super) fn collect(text: &[u8], found: &mut Vec<Checksum>) {
    for run in text.split(|byte| BASE64[usize::from(*byte)] == NONE) {
        if run.len() >= MIN_BASE64 {
            base64(run, found);
        }
        // Hexadecimal digits are digits of Base64 as well.
        if run.len() >= MIN_HEX {
            for digits in run.split(|byte| !byte.is_ascii_hexdigit()) {
                hex(digits, found);
            }
        }
    }
}

/// Adds the candidates of a run in Base64. Before and after a checksum there may be a separator that
/// is a digit too, as in `sha256-…` and `/…/`.
fn base64(run: &[u8], found: &mut Vec<Checksum>) {
    let is_separator = |at: usize| BASE64[usize::from(run[at])] >= 62;
    let begins = |at: usize| at == 0 || is_separator(at - 1);
    let ends = |at: usize| at == run.len() || is_separator(at);
    for algorithm in Algorithm::ALL {
        let len = (algorithm.len() * 8).div_ceil(6);
        let Some(last) = run.len().checked_sub(len) else { return };
        // The last digit has bits that no byte needs, which are zero.
        let unused = len * 6 - algorithm.len() * 8;
        let mut add = |start: usize| {
            let digits = &run[start..start + len];
            let value = |at: usize| u64::from(BASE64[usize::from(digits[at])]);
            if value(len - 1).trailing_zeros() as usize >= unused {
                let head = (0..10).fold(0, |head, at| head << 6 | value(at));
                found.push(Checksum { algorithm, head: head << 4 | value(10) >> 2 });
            }
        };
        if run.len() > MAX_RUN {
            add(0);
            add(last);
            continue;
        }
        (0..=last).filter(|start| begins(*start) || ends(start + len)).for_each(add);
    }
}

/// Adds the candidates of a run of hexadecimal digits. Letters of a word before it, or of an escape
/// such as `\f`, may be digits too.
fn hex(run: &[u8], found: &mut Vec<Checksum>) {
    for algorithm in Algorithm::ALL {
        let Some(last) = run.len().checked_sub(algorithm.len() * 2) else { return };
        let mut add = |start: usize| {
            let digit = |byte: &u8| u64::from(char::from(*byte).to_digit(16).unwrap_or(0));
            let head = run[start..start + 16].iter().fold(0, |head, byte| head << 4 | digit(byte));
            found.push(Checksum { algorithm, head });
        };
        if last <= HEX_MARGIN {
            (0..=last).for_each(add);
        } else {
            add(0);
            add(last);
        }
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};
    use sha2::{Digest, Sha256, Sha384, Sha512};

    use super::*;
    use crate::asset::checksum::Checksums;

    fn candidates(text: &str) -> Vec<Checksum> {
        let mut found = Vec::new();
        collect(text.as_bytes(), &mut found);
        found
    }

    #[test]
    fn a_checksum_is_found_in_each_of_its_spellings() {
        // Many inputs, since the digits decide where a checksum may seem to begin.
        for number in 0..300 {
            let bytes = format!("input {number}").into_bytes();
            let sums: Vec<Checksum> = Checksums::of(&bytes).iter().collect();
            let digests: [(usize, Vec<u8>); 5] = [
                (0, md5::Md5::digest(&bytes).to_vec()),
                (1, sha1::Sha1::digest(&bytes).to_vec()),
                (2, Sha256::digest(&bytes).to_vec()),
                (3, Sha384::digest(&bytes).to_vec()),
                (4, Sha512::digest(&bytes).to_vec()),
            ];
            for (index, digest) in digests {
                let hex = digest.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
                let spellings = [
                    hex.to_uppercase(),
                    hex,
                    BASE64_STANDARD.encode(&digest),
                    BASE64_STANDARD_NO_PAD.encode(&digest),
                    BASE64_URL_SAFE_NO_PAD.encode(&digest),
                ];
                for spelling in spellings {
                    for text in [
                        spelling.clone(),
                        format!("'sha256-{spelling}'"),
                        format!("name_{spelling}/more-of-it"),
                        format!("/a/path/{spelling}/"),
                        format!("\\n{spelling}\\n"),
                        format!("{spelling}?ct=x"),
                    ] {
                        let found = candidates(&text);
                        assert!(found.contains(&sums[index]), "{text}");
                    }
                }
            }
        }
    }

    #[test]
    fn data_has_few_candidates() {
        let data = "QUJD/".repeat(100_000);
        assert!(candidates(&data).len() <= 2 * Algorithm::ALL.len());
        let digits = "0123456789abcdef".repeat(10_000);
        assert!(candidates(&digits).len() <= 4 * Algorithm::ALL.len());
        assert!(candidates("a short text of ordinary words").is_empty());
    }
}
