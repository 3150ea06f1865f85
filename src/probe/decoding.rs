//! Decodes bodies of unknown origin, up to a limit.

use std::io::Read;

use worker_pack_runtime::Coding;

/// The reason why a body cannot be decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Undecodable {
    /// The coding was not asked for.
    UnknownCoding(String),
    /// The bytes are damaged.
    Damaged(Coding),
    /// The decoded bytes exceed the limit.
    TooLong,
}

/// Returns the coding that `Content-Encoding` names (RFC 9110 §8.4).
pub(crate) fn coding_of(field: Option<&str>) -> Result<Coding, Undecodable> {
    let Some(field) = field else { return Ok(Coding::Identity) };
    let field = field.trim();
    if field.is_empty() {
        return Ok(Coding::Identity);
    }
    Coding::from_token(field).ok_or_else(|| Undecodable::UnknownCoding(field.to_owned()))
}

/// Decodes a body.
pub(crate) fn decode(coding: Coding, body: &[u8], limit: usize) -> Result<Vec<u8>, Undecodable> {
    match coding {
        Coding::Identity => Ok(body.to_vec()),
        Coding::Brotli => {
            read(coding, brotli_decompressor::Decompressor::new(body, 64 * 1024), limit)
        }
        Coding::Gzip => read(coding, flate2::bufread::MultiGzDecoder::new(body), limit),
        // Only the packed body is known to decode.
        Coding::DictionaryBrotli => Err(Undecodable::Damaged(coding)),
    }
}

fn read(coding: Coding, decoder: impl Read, limit: usize) -> Result<Vec<u8>, Undecodable> {
    let mut decoded = Vec::new();
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let read = decoder.take(most).read_to_end(&mut decoded);
    match read {
        Err(_) => Err(Undecodable::Damaged(coding)),
        Ok(_) if decoded.len() > limit => Err(Undecodable::TooLong),
        Ok(_) => Ok(decoded),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::coding::{Effort, compress};

    #[test]
    fn damaged_and_endless_bodies_are_refused() {
        let text = "All work and no play makes a dull site. ".repeat(100);
        let codings = BTreeSet::from([Coding::Brotli, Coding::Gzip]);
        for (coding, body) in compress(text.as_bytes(), &codings, Effort::Fast).unwrap() {
            assert_eq!(decode(coding, &body, text.len()).unwrap(), text.as_bytes());
            let cut = decode(coding, &body[..body.len() / 2], text.len());
            assert_eq!(cut, Err(Undecodable::Damaged(coding)));
            let other = decode(coding, text.as_bytes(), text.len());
            assert_eq!(other, Err(Undecodable::Damaged(coding)));
            assert_eq!(decode(coding, &body, text.len() - 1), Err(Undecodable::TooLong));
        }
    }

    #[test]
    fn codings_are_read_in_any_case() {
        assert_eq!(coding_of(None), Ok(Coding::Identity));
        assert_eq!(coding_of(Some(" BR ")), Ok(Coding::Brotli));
        assert_eq!(coding_of(Some("zstd")), Err(Undecodable::UnknownCoding("zstd".to_owned())));
    }
}
