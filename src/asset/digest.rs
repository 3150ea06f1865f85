//! Content hashes, from which the names of body files and the entity tags are made.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read};

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};
use worker_pack_runtime::ETag;

/// The number of bytes that are read at once to be hashed.
const BUFFER: usize = 256 * 1024;

/// The SHA-256 of some bytes, displayed as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentHash([u8; ContentHash::LEN]);

impl ContentHash {
    /// The length of a hash, in bytes.
    pub(crate) const LEN: usize = 32;

    /// Hashes bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Hashes the bytes of a reader, and counts them. They are not held in memory.
    pub(crate) fn of_reader(reader: impl Read) -> io::Result<(Self, u64)> {
        let mut reader = BufReader::with_capacity(BUFFER, reader);
        let (mut hasher, mut len) = (Sha256::new(), 0);
        loop {
            let bytes = match reader.fill_buf() {
                Ok([]) => return Ok((Self(hasher.finalize().into()), len)),
                Ok(bytes) => bytes,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            hasher.update(bytes);
            let count = bytes.len();
            len += count as u64;
            reader.consume(count);
        }
    }

    /// Wraps stored hash bytes.
    pub(crate) const fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    /// Returns the bytes of the hash.
    pub(crate) fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }

    /// Returns the first 128 bits as the strong entity tag of a representation with this hash.
    ///
    /// Each representation is hashed by itself, so that the tag stays strong even if another version
    /// of an encoder produces different bytes for the same file (RFC 9110 §8.8.3.3).
    pub fn etag(self) -> ETag {
        let first = self.0.first_chunk::<16>().expect("a SHA-256 has 32 bytes");
        ETag::new(u128::from_be_bytes(*first))
    }

    /// Returns the entity tag of a representation that is sent with a content security policy.
    ///
    /// The policy is a part of what is hashed. Chromium ignores `Content-Security-Policy` in a 304, so it would use
    /// a stored page with the old policy for as long as the page's bytes stay the same.
    pub(crate) fn etag_with(self, policy: Option<&str>) -> ETag {
        match policy {
            Some(policy) => Self::of(&[&self.0, policy.as_bytes()].concat()).etag(),
            None => self.etag(),
        }
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for ContentHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ContentHash {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let digits = String::deserialize(from)?;
        let digit = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
        let bytes: Option<Vec<u8>> = (0..digits.len()).step_by(2).map(digit).collect();
        let bytes = bytes.and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or_else(|| D::Error::custom("not 64 hexadecimal digits"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_sha_256_and_entity_tags_their_first_half() {
        let hash = ContentHash::of(b"");
        let hex = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(hash.to_string(), hex);
        assert_eq!(hash.etag().to_string(), format!("\"{}\"", &hex[..32]));
    }

    #[test]
    fn a_reader_is_hashed_like_its_bytes() {
        for len in [0, 1, BUFFER - 1, BUFFER, BUFFER + 1, 3 * BUFFER + 7] {
            let bytes: Vec<u8> = (0..=u8::MAX).cycle().take(len).collect();
            let (hash, counted) = ContentHash::of_reader(&*bytes).unwrap();
            assert_eq!((hash, counted), (ContentHash::of(&bytes), len as u64));
        }
    }
}
