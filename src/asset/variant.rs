//! Variants: representations of an asset for clients that name another media type, or that have a dictionary.

use worker_pack_runtime::Coding;

use super::blob::Blob;
use super::digest::ContentHash;

/// A further representation of an asset: of another media type, or encoded with a dictionary.
#[derive(Clone, Debug)]
pub struct Variant {
    /// Its content coding, [`Coding::DictionaryBrotli`] if it has a dictionary.
    pub coding: Coding,
    /// The value of its `Content-Type`, if that is not the asset's.
    pub content_type: Option<String>,
    /// The hash of the dictionary that it is encoded with, if it is.
    pub dictionary: Option<ContentHash>,
    /// Its bytes.
    pub body: Blob,
}
