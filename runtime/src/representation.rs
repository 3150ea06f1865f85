//! The bytes of an asset, in each content coding that there is.

use crate::body::{Body, Stored};
use crate::coding::Coding;
use crate::etag::ETag;

/// Bytes that can be sent for an asset, with the validator that names them.
#[derive(Clone, Copy, Debug)]
pub struct Representation<'a> {
    coding: Coding,
    etag: ETag,
    body: Body<'a>,
}

impl<'a> Representation<'a> {
    /// Makes the representation without a content coding.
    pub const fn identity(etag: ETag, body: &'a [u8]) -> Self {
        Self::new(Coding::Identity, etag, Body::memory(body))
    }

    /// Makes the representation without a content coding, `len` bytes that are not kept: they are
    /// what the Brotli representation decodes to.
    pub const fn decoded(etag: ETag, len: usize, brotli: &'a [u8]) -> Self {
        Self::new(Coding::Identity, etag, Body::decoded(Stored::Memory(brotli), len))
    }

    /// Makes a Brotli representation (RFC 7932).
    pub const fn brotli(etag: ETag, body: &'a [u8]) -> Self {
        Self::new(Coding::Brotli, etag, Body::memory(body))
    }

    /// Makes a gzip representation (RFC 1952).
    pub const fn gzip(etag: ETag, body: &'a [u8]) -> Self {
        Self::new(Coding::Gzip, etag, Body::memory(body))
    }

    /// Makes a representation of any kind.
    pub const fn new(coding: Coding, etag: ETag, body: Body<'a>) -> Self {
        Self { coding, etag, body }
    }

    /// Returns the content coding of the bytes.
    pub const fn coding(&self) -> Coding {
        self.coding
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
