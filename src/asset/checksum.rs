//! Checksums by which somebody may name the bytes of a file: MD5 and the SHA family.
//!
//! They are only compared, so the first 64 bits are enough. Should two be equal by accident, a file
//! keeps its bytes that could have changed.

use md5::Md5;
use serde::{Deserialize, Serialize};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

/// The first 64 bits of a checksum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Checksum {
    pub(crate) algorithm: Algorithm,
    pub(crate) head: u64,
}

/// An algorithm for checksums. Each has another length, by which a text shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Algorithm {
    Md5,
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Algorithm {
    pub(crate) const ALL: [Self; 5] =
        [Self::Md5, Self::Sha1, Self::Sha256, Self::Sha384, Self::Sha512];

    /// Returns the length of a checksum, in bytes.
    pub(crate) const fn len(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }
}

/// The checksums of some bytes, one for each algorithm, in the order of [`Algorithm::ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Checksums([u64; Self::LEN]);

impl Checksums {
    /// The number of checksums.
    pub(crate) const LEN: usize = Algorithm::ALL.len();

    /// Computes the checksums of some bytes.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self(Algorithm::ALL.map(|algorithm| match algorithm {
            Algorithm::Md5 => head(&Md5::digest(bytes)),
            Algorithm::Sha1 => head(&Sha1::digest(bytes)),
            Algorithm::Sha256 => head(&Sha256::digest(bytes)),
            Algorithm::Sha384 => head(&Sha384::digest(bytes)),
            Algorithm::Sha512 => head(&Sha512::digest(bytes)),
        }))
    }

    /// Wraps stored heads.
    pub(crate) fn from_heads(heads: [u64; Self::LEN]) -> Self {
        Self(heads)
    }

    /// Returns the first 64 bits of each checksum.
    pub(crate) fn heads(&self) -> &[u64; Self::LEN] {
        &self.0
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Checksum> {
        let pairs = Algorithm::ALL.into_iter().zip(self.0);
        pairs.map(|(algorithm, head)| Checksum { algorithm, head })
    }
}

fn head(digest: &[u8]) -> u64 {
    digest.first_chunk().map_or(0, |head| u64::from_be_bytes(*head))
}
