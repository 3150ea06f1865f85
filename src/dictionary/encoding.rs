//! The bodies of pages that are encoded with a dictionary, and their cached results.

use serde::{Deserialize, Serialize};

use super::page::Page;
use crate::asset::blob::Blob;
use crate::asset::digest::ContentHash;
use crate::cache::{Cache, CacheKey};
use crate::coding::{Dictionary, Effort, FRAMING, decode_with_dictionary};
use crate::feedback::error::PackError;

/// The number of bytes that a body must save compared with that in Brotli: about the size of the header fields that
/// belong to it.
const MIN_SAVING: usize = 100;

/// The cache's record of a page, with the extent of its body if that saves enough.
#[derive(Debug, Serialize, Deserialize)]
struct Stored {
    body: Option<(ContentHash, usize)>,
}

/// A dictionary, with its bytes at hand.
pub(super) struct Encoder<'d> {
    hash: ContentHash,
    bytes: &'d [u8],
    dictionary: Dictionary<'d>,
    effort: Effort,
    cache: &'d Cache,
}

impl<'d> Encoder<'d> {
    /// Prepares a dictionary. Returns `None` if no body can be encoded with it.
    pub(super) fn new(bytes: &'d [u8], effort: Effort, cache: &'d Cache) -> Option<Self> {
        let dictionary = Dictionary::new(bytes)?;
        Some(Self { hash: ContentHash::of(bytes), bytes, dictionary, effort, cache })
    }

    /// Encodes a page. Returns `None` if that does not save enough bytes, or if the encoder fails.
    ///
    /// # Errors
    /// If the page cannot be read.
    pub(super) fn encode(&self, page: &Page<'_>) -> Result<Option<Blob>, PackError> {
        self.encode_body(&page.entry.identity, page.brotli)
    }

    /// Encodes a body that is sent as `brotli` otherwise. Returns `None` if that does not save enough bytes, or if
    /// the encoder fails.
    ///
    /// # Errors
    /// If the body cannot be read.
    pub(super) fn encode_body(
        &self,
        identity: &Blob,
        brotli: &Blob,
    ) -> Result<Option<Blob>, PackError> {
        let limit = brotli.len().saturating_sub(MIN_SAVING);
        let hash = identity.hash();
        let options = format!("{} {limit}", self.effort);
        let key = CacheKey::new(
            "dictionary body",
            &[self.hash.as_bytes(), hash.as_bytes(), options.as_bytes()],
        );
        // As in `represent`, the cache is not trusted: its bodies are decoded.
        let is_valid = |stored: &Stored, body: &[u8]| match stored.body {
            None => body.is_empty(),
            Some((own, len)) => {
                let decodes = || decode_with_dictionary(body, self.bytes, identity.len());
                len == body.len()
                    && len <= limit
                    && own == ContentHash::of(body)
                    && decodes().is_some_and(|page| ContentHash::of(&page) == hash)
            }
        };
        let max_len = brotli.len() + FRAMING;
        if let Some(entry) = self.cache.get::<Stored>(key, max_len, is_valid) {
            return Ok(entry.meta.body.map(|(hash, len)| entry.body(hash, len, 0)));
        }
        let encoded = self.dictionary.encode(&identity.read()?, self.effort);
        let body = encoded.filter(|body| body.len() <= limit);
        let stored = Stored { body: body.as_ref().map(|it| (ContentHash::of(it), it.len())) };
        let bytes = body.as_deref().unwrap_or_default();
        let cached = self.cache.put(key, stored, &[bytes]);
        Ok(body.map(|body| match &cached {
            Ok(entry) => entry.body(ContentHash::of(&body), body.len(), 0),
            Err(_) => Blob::new(body),
        }))
    }
}
