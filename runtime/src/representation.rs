//! The bytes of an asset, in each content coding that there is.

use std::fmt;

use crate::body::{Body, Stored};
use crate::etag::ETag;

/// Bytes that can be sent for an asset, with the validator that names them.
#[derive(Clone, Copy, Debug)]
pub struct Representation<'a> {
    encoding: Encoding,
    etag: ETag,
    body: Body<'a>,
}

impl<'a> Representation<'a> {
    /// Makes the representation without a content coding.
    pub const fn identity(etag: ETag, body: &'a [u8]) -> Self {
        Self::new(Encoding::Identity, etag, Body::memory(body))
    }

    /// Makes the representation without a content coding, `len` bytes that are not kept: they are
    /// what the Brotli representation decodes to.
    pub const fn decoded(etag: ETag, len: usize, brotli: &'a [u8]) -> Self {
        Self::new(Encoding::Identity, etag, Body::decoded(Stored::Memory(brotli), len))
    }

    /// Makes a Brotli representation (RFC 7932).
    pub const fn brotli(etag: ETag, body: &'a [u8]) -> Self {
        Self::new(Encoding::Brotli, etag, Body::memory(body))
    }

    /// Makes a gzip representation (RFC 1952).
    pub const fn gzip(etag: ETag, body: &'a [u8]) -> Self {
        Self::new(Encoding::Gzip, etag, Body::memory(body))
    }

    /// Makes a representation of any kind.
    pub const fn new(encoding: Encoding, etag: ETag, body: Body<'a>) -> Self {
        Self { encoding, etag, body }
    }

    /// Returns the content coding of the bytes.
    pub const fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Returns the validator of the bytes: an encoded body is another representation and has
    /// another tag (RFC 9110 §8.8.3.3).
    pub const fn etag(&self) -> ETag {
        self.etag
    }

    /// Returns the bytes.
    pub const fn body(&self) -> Body<'a> {
        self.body
    }
}

/// A content coding (RFC 9110 §8.4.1). `Display` is the token on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Encoding {
    /// No coding.
    Identity,
    /// `gzip` (RFC 1952), also asked for as `x-gzip`.
    Gzip,
    /// `br` (RFC 7932).
    Brotli,
}

impl Encoding {
    /// How many codings there are besides identity.
    pub const CODINGS: usize = 2;

    /// Returns the coding's token, as in `Content-Encoding`.
    pub const fn token(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Gzip => "gzip",
            Self::Brotli => "br",
        }
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.token())
    }
}
