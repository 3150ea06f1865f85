//! What the cache keeps of a file.

use serde::{Deserialize, Serialize};
use worker_pack_runtime::Coding as ContentCoding;

use super::RepresentedFile;
use crate::asset::blob::Blob;
use crate::asset::digest::ContentHash;
use crate::asset::media_type::{Charset, MediaType};
use crate::cache::{Cache, CacheKey, Entry};
use crate::feedback::diagnostic::Diagnostic;
use crate::options::Coding;
use crate::transform::Outcome;

/// What the cache keeps of a file. Its bodies are the encoded ones, and then that of the identity
/// representation, if it can be had from nowhere else.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) outcome: Outcome,
    pub(super) charset: Charset,
    pub(super) identity: Identity,
    pub(super) encoded: Vec<(Coding, Extent)>,
    /// What there is to say about the file, which may have another name the next time.
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// Where the bytes without a content coding are.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) enum Identity {
    /// In the packed file, as they are.
    Packed,
    /// In what the Brotli body decodes to, or among the bodies if there is none.
    Transformed(Extent),
}

/// A body, by its hash and size.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Extent {
    pub(super) hash: ContentHash,
    pub(super) len: usize,
}

impl Extent {
    pub(super) fn of(bytes: &[u8]) -> Self {
        Self { hash: ContentHash::of(bytes), len: bytes.len() }
    }
}

/// A file as the cache keeps it, with what that leaves open.
pub(super) struct Found {
    pub(super) kept: Kept,
    /// The bodies that are kept, in their order.
    bodies: Vec<Blob>,
}

impl Kept {
    /// Looks a file up.
    pub(super) fn find(cache: &Cache, key: CacheKey) -> Option<Found> {
        cache.get::<Self>(key).map(Found::from)
    }

    /// Keeps a file, in memory where there is no cache. The bytes are those of the encoded bodies, in
    /// their order, and those without a content coding.
    pub(super) fn keep(
        self,
        cache: &Cache,
        key: CacheKey,
        encoded: &[&[u8]],
        identity: &[u8],
    ) -> Found {
        let mut bytes = encoded.to_vec();
        if self.extents().len() > encoded.len() {
            bytes.push(identity);
        }
        match cache.put(key, self, &bytes) {
            Ok(entry) => entry.into(),
            Err(kept) => Found { kept, bodies: bytes.into_iter().map(Blob::new).collect() },
        }
    }

    /// Returns the bodies that are kept, in their order.
    fn extents(&self) -> Vec<Extent> {
        let mut extents: Vec<Extent> = self.encoded.iter().map(|(_, extent)| *extent).collect();
        let has_brotli = self.encoded.iter().any(|(coding, _)| *coding == Coding::Brotli);
        if let Identity::Transformed(extent) = self.identity
            && !has_brotli
        {
            extents.push(extent);
        }
        extents
    }
}

impl From<Entry<Kept>> for Found {
    fn from(entry: Entry<Kept>) -> Self {
        let mut start = 0;
        let mut bodies = Vec::new();
        for Extent { hash, len } in entry.meta.extents() {
            bodies.push(entry.body(hash, len, start));
            start += len;
        }
        Self { kept: entry.meta, bodies }
    }
}

impl Found {
    /// Returns the representations. `packed` is the file as it is.
    pub(super) fn represented(self, media_type: MediaType, packed: Blob) -> RepresentedFile {
        let Kept { outcome, charset, identity, encoded, .. } = self.kept;
        let codings = encoded.iter().map(|(coding, _)| *coding);
        let own: Vec<(Coding, Blob)> = codings.zip(self.bodies.iter().cloned()).collect();
        let brotli = own.iter().find(|(coding, _)| *coding == Coding::Brotli);
        let identity = match (identity, brotli) {
            (Identity::Packed, _) => packed,
            (Identity::Transformed(Extent { hash, len }), Some((_, brotli))) => {
                Blob::decoded_from(hash, len, brotli)
            }
            (Identity::Transformed(_), None) => self.bodies.last().cloned().unwrap_or(packed),
        };
        let encoded =
            own.into_iter().map(|(coding, blob)| (ContentCoding::from(coding), blob)).collect();
        RepresentedFile { media_type, charset, outcome, identity, encoded }
    }
}
