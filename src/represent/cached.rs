//! The cached representations of a file.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use worker_pack_runtime::Coding;

use super::source::Source;
use crate::asset::blob::Blob;
use crate::asset::digest::ContentHash;
use crate::asset::media_type::Charset;
use crate::asset::variant::Variant;
use crate::cache::{Cache, CacheKey, Entry};
use crate::coding::{decode, saves_enough};
use crate::feedback::diagnostic::Diagnostic;
use crate::feedback::findings::Findings;
use crate::picture::{self, Treatment, is_form_of};
use crate::transform::Outcome;

/// The cache's record of a file. After it, the cache stores the encoded bodies, then those of its variants.
/// The identity body comes last, if it is neither the packed file nor the decoded Brotli body.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct FileRecord {
    pub(super) outcome: Outcome,
    pub(super) charset: Charset,
    pub(super) identity: IdentityPlace,
    pub(super) encoded: Vec<EncodedExtent>,
    pub(super) variants: Vec<VariantExtent>,
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

/// The body of a variant in another format.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct VariantExtent {
    pub(super) content_type: String,
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

/// The facts about a file that its cached result has to agree with.
pub(super) struct Expected<'e, 's> {
    /// The packed file.
    pub(super) packed: Extent,
    /// The number of bytes that are inserted before the transform. `None` if the file is not rewritten.
    pub(super) inserted: Option<usize>,
    pub(super) source: &'e mut Source<'s>,
    pub(super) codings: &'e BTreeSet<Coding>,
    /// The treatment of a picture, and the media types of variants that it may have.
    pub(super) picture: Option<(Treatment, &'e [&'e str])>,
    pub(super) findings: &'e Findings,
    /// The number of bytes by which it may be larger than the packed file.
    pub(super) growth: usize,
}

/// Returns the media types of variants that a file may have.
fn variant_types<'e>(picture: Option<(Treatment, &'e [&'e str])>) -> &'e [&'e str] {
    picture.map(|(_, types)| types).unwrap_or_default()
}

impl Expected<'_, '_> {
    /// Checks a result. Encoded bodies are decoded, and those of a file that is served as it was packed
    /// decode to it. That minified bytes come from this file cannot be seen; they are smaller, and all
    /// codings decode to them.
    ///
    /// Returns `None` if the result is not valid.
    fn check(&mut self, record: &FileRecord, bodies: &[u8]) -> Option<()> {
        let picture = self.picture;
        let identity = match record.identity {
            IdentityPlace::Packed => self.packed,
            IdentityPlace::Transformed(extent) => extent,
        };
        let is_minified = record.outcome == Outcome::Minified;
        let is_transformed = matches!(record.identity, IdentityPlace::Transformed(_));
        let is_plausible = match self.inserted {
            None => {
                is_minified == is_transformed
                    && (!is_transformed
                        || identity.len < self.packed.len.saturating_add(self.growth))
            }
            // A text that is not rewritten after all, since it would not be the same, is made anew.
            Some(inserted) => {
                is_transformed && identity.len <= self.packed.len + inserted + self.growth
            }
        };
        let codings: Vec<Coding> = record.encoded.iter().map(|one| one.coding).collect();
        let are_codings = codings.is_sorted_by(|a, b| a < b)
            && codings.iter().all(|coding| self.codings.contains(coding));
        // A result that is not complete anyway is made anew, so no error comes from the cache.
        let has_failure = record.diagnostics.iter().any(|one| self.findings.is_failure(one));
        if !is_plausible || !are_codings || has_failure {
            return None;
        }
        let mut rest = bodies;
        let mut stored = Vec::new();
        for Extent { hash, len } in record.stored() {
            let (body, after) = rest.split_at_checked(len)?;
            if ContentHash::of(body) != hash {
                return None;
            }
            stored.push(body);
            rest = after;
        }
        let mut bytes = None;
        for (EncodedExtent { coding, extent }, body) in record.encoded.iter().zip(&stored) {
            let decoded = decode(*coding, body, identity.len)?;
            let is_same = ContentHash::of(&decoded) == identity.hash;
            if !is_same || !saves_enough(identity.len, extent.len) {
                return None;
            }
            bytes = Some(decoded);
        }
        let others = stored.get(record.encoded.len()..)?;
        let (variants, identity_body) = others.split_at_checked(record.variants.len())?;
        let identity_bytes = match (&bytes, identity_body) {
            (Some(bytes), _) => bytes,
            (None, [identity]) => *identity,
            (None, _) => self.source.bytes().ok()?,
        };
        let mut fallback = identity.len;
        let mut types = variant_types(picture).iter().rev();
        // From the last one on, since each has to save enough of what a client gets without it.
        for (variant, body) in record.variants.iter().zip(variants).rev() {
            let VariantExtent { content_type, extent } = variant;
            let (treatment, _) = picture?;
            let is_right = types.any(|known| known == content_type)
                && picture::saves_enough(fallback, extent.len)
                && is_form_of(identity_bytes, content_type, body, treatment);
            if !is_right {
                return None;
            }
            fallback = extent.len;
        }
        let charset = Charset::of(identity_bytes);
        (rest.is_empty() && charset == record.charset).then_some(())
    }
}

/// The bodies of a file.
pub(super) struct Bodies {
    pub(super) identity: Blob,
    /// The encoded ones, the preferred coding first.
    pub(super) encoded: Vec<(Coding, Blob)>,
    pub(super) variants: Vec<Variant>,
}

impl Bodies {
    /// The bodies of a file that has no other than its own.
    pub(super) fn only(identity: Blob) -> Self {
        Self { identity, encoded: Vec::new(), variants: Vec::new() }
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
        extents.extend(self.variants.iter().map(|one| one.extent));
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
    /// Looks up a file. `expected` is what is known about its result.
    pub(super) fn find(
        cache: &Cache,
        key: CacheKey,
        expected: &mut Expected<'_, '_>,
    ) -> Option<Self> {
        let copies = expected.codings.len() + variant_types(expected.picture).len() + 1;
        let inserted = expected.inserted.unwrap_or_default().saturating_add(expected.growth);
        let max_len = expected.packed.len.saturating_add(inserted).saturating_mul(copies);
        let is_valid =
            |record: &FileRecord, bodies: &[u8]| expected.check(record, bodies).is_some();
        cache.get::<FileRecord>(key, max_len, is_valid).map(Self::from)
    }

    /// Stores a file in the cache, or in memory if there is no cache. `encoded` are the bodies of
    /// the record's codings in their order, followed by those of its variants, `identity` is the body without
    /// a coding.
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

    /// Returns the bodies. `packed` is the unchanged file.
    pub(super) fn bodies(&self, packed: Blob) -> Bodies {
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
        let variants = self.record.variants.iter().zip(self.bodies.iter().skip(encoded.len()));
        let variants = variants.map(|(one, body)| Variant {
            coding: Coding::Identity,
            content_type: Some(one.content_type.clone()),
            dictionary: None,
            body: body.clone(),
        });
        Bodies { identity, encoded, variants: variants.collect() }
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
