//! The work on pictures.

use std::collections::BTreeSet;
use std::io;

use worker_pack_runtime::behaviour::Fidelity;

use super::{NewVariant, Pending, Workers};
use crate::asset::media_type::{Charset, MediaType};
use crate::ingest::TypeSource;
use crate::picture::{Forms, OptimisedPicture, WEBP, optimise};
use crate::represent::cached::{CachedFile, Expected, Extent};
use crate::represent::key::picture_key;
use crate::represent::source::Source;
use crate::transform::Preserve;

impl Workers<'_> {
    /// Finishes a picture from the cache, or optimises it.
    pub(super) fn find_or_optimise(
        &self,
        index: usize,
        media_type: MediaType,
        type_source: TypeSource,
        mut source: Source<'_>,
    ) -> io::Result<Option<(Pending, Vec<u8>)>> {
        let file = &self.site.files[index];
        let context = self.survey.context(self.site, index, &media_type, type_source);
        let forms = self.forms(index);
        let hash = self.inspect(index, &mut source, &media_type)?;
        let len = usize::try_from(file.state.len()).unwrap_or(usize::MAX);
        let packed = Extent { hash, len };
        let variants: &[&str] = match forms {
            Forms::Own => &[],
            Forms::OwnAndWebp => &[WEBP],
        };
        // Its own compression is better than any content coding.
        let codings = BTreeSet::new();
        let mut expected = Expected {
            packed,
            source: &mut source,
            codings: &codings,
            variants,
            findings: self.findings,
        };
        let key = picture_key(self.options, &media_type, forms, context, packed.hash);
        if let Some(cached) = CachedFile::find(self.cache, key, &mut expected) {
            self.done_with_cached(index, packed, media_type, &cached);
            return Ok(None);
        }
        let bytes = source.into_bytes()?;
        // The file may have changed since it was hashed, so its key is that of the bytes just read.
        let packed = Extent::of(&bytes);
        let key = picture_key(self.options, &media_type, forms, context, packed.hash);
        let OptimisedPicture { bytes, outcome, webp, diagnostics } = match context.preserve {
            Preserve::All(reason) => OptimisedPicture::untouched(bytes, reason),
            Preserve::Nothing | Preserve::InlineCode => {
                optimise(&file.name, bytes, forms, &self.pixels)
            }
        };
        let variants = webp.map(|body| NewVariant { content_type: WEBP, body });
        let pending = Pending {
            index,
            key,
            media_type,
            packed,
            outcome,
            charset: Charset::of(&bytes),
            codings,
            variants: variants.into_iter().collect(),
            diagnostics,
        };
        Ok(Some((pending, bytes)))
    }

    /// Returns the forms of a picture that are made.
    fn forms(&self, index: usize) -> Forms {
        let rules = &self.site.rules;
        let is_strict = rules.behaviour.fidelity == Fidelity::Strict;
        // A rule that sets a type would set it for each form.
        let is_typed =
            rules.change_types() || self.site.files[index].settings.content_type.is_some();
        if is_strict || is_typed || self.survey.is_downloaded(self.site, index) {
            Forms::Own
        } else {
            Forms::OwnAndWebp
        }
    }
}
