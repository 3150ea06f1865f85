//! The work on pictures.

use std::collections::BTreeSet;
use std::collections::btree_map::Entry;
use std::sync::{Arc, PoisonError};
use std::{io, mem};

use worker_pack_runtime::behaviour::Fidelity;

use super::{NewVariant, Pending, Workers};
use crate::asset::media_type::{Charset, MediaType};
use crate::cache::CacheKey;
use crate::feedback::diagnostic::Diagnostic;
use crate::ingest::TypeSource;
use crate::picture::{Form, Forms, OptimisedPicture, Treatment, optimise};
use crate::represent::cached::{CachedFile, Expected, Extent};
use crate::represent::key::picture_key;
use crate::represent::source::Source;
use crate::transform::Preserve;

/// The result of a picture, for all files of a run with the same bytes.
pub(super) enum Shared {
    /// It is being made, and these files wait for it.
    Awaited(Vec<Equal>),
    Made(Arc<CachedFile>),
}

/// A file with the bytes of another one.
pub(super) struct Equal {
    index: usize,
    packed: Extent,
    media_type: MediaType,
}

impl Workers<'_> {
    /// Finishes a picture from the cache, or optimises it.
    pub(super) fn find_or_optimise(
        &self,
        index: usize,
        treatment: Treatment,
        media_type: MediaType,
        type_source: TypeSource,
        mut source: Source<'_>,
    ) -> io::Result<Option<(Pending, Vec<u8>)>> {
        let file = &self.site.files[index];
        let context = self.context(index, &media_type, type_source);
        let forms = self.forms(index);
        let hash = self.inspect(index, &mut source, &media_type)?;
        let len = usize::try_from(file.state.len()).unwrap_or(usize::MAX);
        let packed = Extent { hash, len };
        let variants = match forms {
            Forms::Saved | Forms::Own => &[],
            Forms::All => treatment.forms(),
        };
        // Its own compression is better than any content coding.
        let codings = BTreeSet::new();
        let mut expected = Expected {
            packed,
            inserted: None,
            source: &mut source,
            codings: &codings,
            picture: Some((treatment, variants)),
            findings: self.findings,
            growth: 0,
        };
        let key = picture_key(treatment, &media_type, forms, context, packed.hash);
        if let Some(cached) = CachedFile::find(self.cache, key, &mut expected) {
            self.done_with_cached(index, packed, media_type, &cached);
            return Ok(None);
        }
        let bytes = source.into_bytes()?;
        // The file may have changed since it was hashed, so its key is that of the bytes just read.
        let packed = Extent::of(&bytes);
        let key = picture_key(treatment, &media_type, forms, context, packed.hash);
        let Some(media_type) = self.first_of_equal(key, index, packed, media_type) else {
            return Ok(None);
        };
        let OptimisedPicture { bytes, outcome, forms, diagnostics } = match context.preserve {
            Preserve::All(reason) => OptimisedPicture::untouched(bytes, reason),
            Preserve::Nothing | Preserve::InlineCode => {
                optimise(&file.name, bytes, treatment, forms, &self.pixels)
            }
        };
        self.fail_equal(key, &diagnostics);
        let variant = |form: Form| NewVariant { content_type: form.media_type, body: form.body };
        let pending = Pending {
            index,
            key,
            media_type,
            packed,
            outcome,
            charset: Charset::of(&bytes),
            codings,
            variants: forms.into_iter().map(variant).collect(),
            diagnostics,
        };
        Ok(Some((pending, bytes)))
    }

    /// Returns the media type of a picture whose key no other file of the run has had before. A file with the same
    /// key gets the same result, now or when there is one.
    fn first_of_equal(
        &self,
        key: CacheKey,
        index: usize,
        packed: Extent,
        media_type: MediaType,
    ) -> Option<MediaType> {
        let mut pictures = self.pictures.lock().unwrap_or_else(PoisonError::into_inner);
        let cached = match pictures.entry(key) {
            Entry::Vacant(place) => {
                place.insert(Shared::Awaited(Vec::new()));
                return Some(media_type);
            }
            Entry::Occupied(mut place) => match place.get_mut() {
                Shared::Awaited(others) => {
                    others.push(Equal { index, packed, media_type });
                    return None;
                }
                Shared::Made(cached) => Arc::clone(cached),
            },
        };
        drop(pictures);
        self.done_with_cached(index, packed, media_type, &cached);
        None
    }

    /// Finishes the files that wait for the result of an equal picture.
    pub(super) fn share(&self, key: CacheKey, cached: CachedFile) {
        let cached = Arc::new(cached);
        let mut pictures = self.pictures.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(shared) = pictures.get_mut(&key) else { return };
        let before = mem::replace(shared, Shared::Made(Arc::clone(&cached)));
        drop(pictures);
        let Shared::Awaited(others) = before else { return };
        for Equal { index, packed, media_type } in others {
            self.done_with_cached(index, packed, media_type, &cached);
        }
    }

    /// Reports diagnostics that fail the pack for the files that wait for an equal picture too: it will have no
    /// result.
    fn fail_equal(&self, key: CacheKey, diagnostics: &[Diagnostic]) {
        if !diagnostics.iter().any(|diagnostic| self.findings.is_failure(diagnostic)) {
            return;
        }
        let before = self.pictures.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
        let Some(Shared::Awaited(others)) = before else { return };
        for Equal { index, .. } in others {
            let renamed =
                |one: &Diagnostic| Diagnostic { file: self.name(index).to_owned(), ..one.clone() };
            let diagnostics: Vec<_> = diagnostics.iter().map(renamed).collect();
            self.add_diagnostics(index, &diagnostics);
        }
    }

    /// Returns the forms of a picture that are made.
    fn forms(&self, index: usize) -> Forms {
        let rules = &self.site.rules;
        let is_strict = rules.behaviour.fidelity == Fidelity::Strict;
        // A rule that sets a type would set it for each form.
        let is_typed =
            rules.change_types() || self.site.files[index].settings.content_type.is_some();
        if self.survey.is_downloaded(self.site, index) {
            Forms::Saved
        } else if is_strict || is_typed {
            Forms::Own
        } else {
            Forms::All
        }
    }
}
