//! The cached representations of a file.

use serde::{Deserialize, Serialize};
use worker_pack_runtime::Coding;

use crate::asset::blob::Blob;
use crate::asset::digest::ContentHash;
use crate::asset::media_type::Charset;
use crate::cache::{Cache, CacheKey, Entry};
use crate::feedback::diagnostic::Diagnostic;
use crate::transform::Outcome;

/// The cache's record of a file. After it, the cache stores the encoded bodies. The identity body
/// comes last, if it is neither the packed file nor the decoded Brotli body.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct FileRecord {
    pub(super) outcome: Outcome,
    pub(super) charset: Charset,
    pub(super) identity: IdentityPlace,
    pub(super) encoded: Vec<EncodedExtent>,
    /// The diagnostics of the file. A file with another name may use the same record.
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// The place of the identity body.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) enum IdentityPlace {
    /// The packed file, unchanged.
    Packed,
    /// The result of decoding the Brotli body; without one, a body of its own.
    Transformed(Extent),
}

/// An encoded body.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct EncodedExtent {
    #[serde(with = "crate::named")]
    pub(super) coding: Coding,
    pub(super) extent: Extent,
}

/// The hash and size of a body.
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

/// A file's record with its stored bodies.
pub(super) struct CachedFile {
    pub(super) record: FileRecord,
    /// The bodies in the order of [`FileRecord::stored`].
    bodies: Vec<Blob>,
}

impl FileRecord {
    /// Returns the extents of the stored bodies, in their order.
    fn stored(&self) -> Vec<Extent> {
        let mut extents: Vec<Extent> = self.encoded.iter().map(|one| one.extent).collect();
        let has_brotli = self.encoded.iter().any(|one| one.coding == Coding::Brotli);
        if let IdentityPlace::Transformed(extent) = self.identity
            && !has_brotli
        {
            extents.push(extent);
        }
        extents
    }
}

impl CachedFile {
    /// Looks up a file.
    pub(super) fn find(cache: &Cache, key: CacheKey) -> Option<Self> {
        cache.get::<FileRecord>(key).map(Self::from)
    }

    /// Stores a file in the cache, or in memory if there is no cache. `encoded` are the bodies of
    /// the record's codings in their order, `identity` is the body without a coding.
    pub(super) fn store(
        record: FileRecord,
        cache: &Cache,
        key: CacheKey,
        encoded: &[&[u8]],
        identity: &[u8],
    ) -> Self {
        let mut bytes = encoded.to_vec();
        if record.stored().len() > encoded.len() {
            bytes.push(identity);
        }
        match cache.put(key, record, &bytes) {
            Ok(entry) => entry.into(),
            Err(record) => Self { record, bodies: bytes.into_iter().map(Blob::new).collect() },
        }
    }

    /// Returns the identity body and the encoded ones. `packed` is the unchanged file.
    pub(super) fn bodies(&self, packed: Blob) -> (Blob, Vec<(Coding, Blob)>) {
        let codings = self.record.encoded.iter().map(|one| one.coding);
        let encoded: Vec<(Coding, Blob)> = codings.zip(self.bodies.iter().cloned()).collect();
        let brotli = encoded.iter().find(|(coding, _)| *coding == Coding::Brotli);
        let identity = match (self.record.identity, brotli) {
            (IdentityPlace::Packed, _) => packed,
            (IdentityPlace::Transformed(Extent { hash, len }), Some((_, brotli))) => {
                Blob::decoded_from(hash, len, brotli)
            }
            (IdentityPlace::Transformed(_), None) => self.bodies.last().cloned().unwrap_or(packed),
        };
        (identity, encoded)
    }
}

impl From<Entry<FileRecord>> for CachedFile {
    fn from(entry: Entry<FileRecord>) -> Self {
        let mut start = 0;
        let mut bodies = Vec::new();
        for Extent { hash, len } in entry.meta.stored() {
            bodies.push(entry.body(hash, len, start));
            start += len;
        }
        Self { record: entry.meta, bodies }
    }
}
