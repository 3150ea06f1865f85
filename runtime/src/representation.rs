//! The representations of an asset: its bytes, in different content codings.

use crate::body::Body;
use crate::coding::Coding;
use crate::etag::ETag;

/// Bytes that can be sent for an asset, with their validator.
#[derive(Clone, Copy, Debug)]
pub struct Representation<'a> {
    coding: Coding,
    etag: ETag,
    body: Body<'a>,
}

impl<'a> Representation<'a> {
    /// Makes a representation without a content coding.
    pub const fn identity(etag: ETag, body: &'a [u8]) -> Self {
        Self::new(Coding::Identity, etag, Body::memory(body))
    }

    /// Makes a Brotli representation (RFC 7932).
    pub const fn brotli(etag: ETag, body: &'a [u8]) -> Self {
        Self::new(Coding::Brotli, etag, Body::memory(body))
    }

    /// Makes a gzip representation (RFC 1952).
    pub const fn gzip(etag: ETag, body: &'a [u8]) -> Self {
        Self::new(Coding::Gzip, etag, Body::memory(body))
    }

    /// Makes a representation in any content coding.
    pub const fn new(coding: Coding, etag: ETag, body: Body<'a>) -> Self {
        Self { coding, etag, body }
    }

    /// Returns the content coding of the bytes.
    pub const fn coding(&self) -> Coding {
        self.coding
    }

    /// Returns the validator of the bytes. Each content coding has its own (RFC 9110 §8.8.3.3).
    pub const fn etag(&self) -> ETag {
        self.etag
    }

    /// Returns the body.
    pub const fn body(&self) -> Body<'a> {
        self.body
    }
}
