//! The table: the contract between the packer and the runtime.
//!
//! An emitted module builds it through the `const fn` constructors here, so a field can be added
//! without breaking modules that an earlier version emitted. `worker-pack serve` builds the same
//! types from owned values, which is why text is a [`Cow`].

use std::borrow::Cow;
use std::fmt;
use std::mem;

use crate::etag::ETag;
use crate::reply::Body;

/// Every asset of a site, ordered by path.
#[derive(Clone, Debug)]
pub struct Table<'a> {
    assets: Cow<'a, [Asset<'a>]>,
}

impl<'a> Table<'a> {
    /// Makes a table of assets that are sorted by path, byte by byte, each path once.
    ///
    /// The packer guarantees the order. In a table without it some lookups miss.
    pub const fn new(assets: &'a [Asset<'a>]) -> Self {
        Self { assets: Cow::Borrowed(assets) }
    }

    /// Makes a table that owns its assets, in the order of [`Table::new`].
    pub const fn from_vec(assets: Vec<Asset<'a>>) -> Self {
        Self { assets: Cow::Owned(assets) }
    }

    /// Returns the asset at a decoded path, such as `/about/index.html`.
    ///
    /// The cost is the logarithm of the table's length.
    pub fn asset(&self, path: &str) -> Option<&Asset<'a>> {
        let index = self.assets.binary_search_by(|asset| (*asset.path).cmp(path)).ok()?;
        self.assets.get(index)
    }

    /// Returns all assets, ordered by path.
    pub fn assets(&self) -> &[Asset<'a>] {
        &self.assets
    }
}

/// One file of the site, and the representations of it that can be sent.
#[derive(Clone, Debug)]
pub struct Asset<'a> {
    path: Cow<'a, str>,
    content_type: Cow<'a, str>,
    cache_control: Cow<'a, str>,
    identity: Representation<'a>,
    encoded: Cow<'a, [Representation<'a>]>,
}

impl<'a> Asset<'a> {
    /// Makes an asset that has no encoded representations.
    pub const fn new(
        path: &'a str,
        content_type: &'a str,
        cache_control: &'a str,
        identity: Representation<'a>,
    ) -> Self {
        Self {
            path: Cow::Borrowed(path),
            content_type: Cow::Borrowed(content_type),
            cache_control: Cow::Borrowed(cache_control),
            identity,
            encoded: Cow::Borrowed(&[]),
        }
    }

    /// Makes an asset that owns its values.
    pub fn from_owned(
        path: String,
        content_type: String,
        cache_control: String,
        identity: Representation<'a>,
        encoded: Vec<Representation<'a>>,
    ) -> Self {
        Self {
            path: Cow::Owned(path),
            content_type: Cow::Owned(content_type),
            cache_control: Cow::Owned(cache_control),
            identity,
            encoded: Cow::Owned(encoded),
        }
    }

    /// Sets the encoded representations, the one to prefer among equals first.
    #[must_use]
    pub const fn with_encoded(mut self, encoded: &'a [Representation<'a>]) -> Self {
        // A constant function cannot run a destructor; what a constant holds owns nothing.
        mem::forget(mem::replace(&mut self.encoded, Cow::Borrowed(encoded)));
        self
    }

    /// Returns the decoded path of the file below the site's root, with a leading slash.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the value of the `Content-Type` field (RFC 9110 §8.3).
    pub fn content_type(&self) -> &str {
        &self.content_type
    }

    /// Returns the value of the `Cache-Control` field (RFC 9111 §5.2).
    pub fn cache_control(&self) -> &str {
        &self.cache_control
    }

    /// Returns the representation without a content coding.
    pub fn identity(&self) -> &Representation<'a> {
        &self.identity
    }

    /// Returns the representations with a content coding, the one to prefer among equals first.
    pub fn encoded(&self) -> &[Representation<'a>] {
        &self.encoded
    }

    /// Returns whether the answer depends on `Accept-Encoding`, so that `Vary` has to say so
    /// (RFC 9110 §12.5.5).
    pub fn varies(&self) -> bool {
        !self.encoded.is_empty()
    }
}

/// Bytes that can be sent for an asset, with the validator that names them.
#[derive(Clone, Debug)]
pub struct Representation<'a> {
    encoding: Encoding,
    etag: ETag,
    body: Body<'a>,
}

impl<'a> Representation<'a> {
    /// Makes the representation without a content coding.
    pub const fn identity(etag: ETag, body: &'a [u8]) -> Self {
        Self::new(Encoding::Identity, etag, Body::Borrowed(body))
    }

    /// Makes a Brotli representation (RFC 7932).
    pub const fn brotli(etag: ETag, body: &'a [u8]) -> Self {
        Self::new(Encoding::Brotli, etag, Body::Borrowed(body))
    }

    /// Makes a gzip representation (RFC 1952).
    pub const fn gzip(etag: ETag, body: &'a [u8]) -> Self {
        Self::new(Encoding::Gzip, etag, Body::Borrowed(body))
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
    pub const fn body(&self) -> &Body<'a> {
        &self.body
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
