//! The end of the work on a file: its body is compressed and stored, and its result is added.

use std::sync::PoisonError;
use std::time::Duration;

use worker_pack_runtime::Coding;

use super::{NewVariant, Pending, Workers};
use crate::asset::media_type::{Charset, MediaType};
use crate::coding::compress;
use crate::feedback::diagnostic::Diagnostic;
use crate::feedback::timings::cpu_time;
use crate::represent::RepresentedFile;
use crate::represent::cached::{
    Bodies, CachedFile, EncodedExtent, Extent, FileRecord, IdentityPlace, VariantExtent,
};
use crate::represent::queue::Job;
use crate::represent::source::as_packed;
use crate::transform::Outcome;

impl Workers<'_> {
    pub(super) fn compress(&self, job: &Job) {
        let (result, taken) = cpu_time(|| compress(&job.body, &job.codings, self.effort));
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let files = waiting.remove(&(job.hash, job.codings.clone())).unwrap_or_default();
        // Unlocked before storing, which the other cores need not wait for.
        drop(waiting);
        for pending in files {
            self.add_time(pending.index, Duration::ZERO, taken);
            match &result {
                Ok(encoded) => self.store(pending, job, encoded),
                Err(failure) => {
                    self.add_diagnostics(
                        pending.index,
                        &[failure.diagnostic(self.name(pending.index))],
                    );
                }
            }
        }
    }

    fn store(&self, pending: Pending, job: &Job, encoded: &[(Coding, Vec<u8>)]) {
        let Pending { index, key, media_type, packed, outcome, charset, diagnostics, .. } = pending;
        let identity = if job.hash == packed.hash {
            IdentityPlace::Packed
        } else {
            IdentityPlace::Transformed(Extent { hash: job.hash, len: job.body.len() })
        };
        let extent = |(coding, bytes): &(Coding, Vec<u8>)| EncodedExtent {
            coding: *coding,
            extent: Extent::of(bytes),
        };
        let extents = encoded.iter().map(extent).collect();
        let variant = |variant: &NewVariant| VariantExtent {
            content_type: variant.content_type.to_owned(),
            extent: Extent::of(&variant.body),
        };
        let variants = pending.variants.iter().map(variant).collect();
        // Files with the same bytes share the result, so it does not depend on a name.
        let nameless = |one| Diagnostic { file: String::new(), ..one };
        let diagnostics = diagnostics.into_iter().map(nameless).collect();
        let record =
            FileRecord { outcome, charset, identity, encoded: extents, variants, diagnostics };
        let encoded = encoded.iter().map(|(_, bytes)| &**bytes);
        let variants = pending.variants.iter().map(|variant| &*variant.body);
        let bodies: Vec<&[u8]> = encoded.chain(variants).collect();
        let cached = CachedFile::store(record, self.cache, key, &bodies, &job.body);
        self.done_with(index, packed, media_type, &cached);
        self.share(key, cached);
    }

    /// Finishes a file whose result is in the cache. It may come from a file with another name.
    pub(super) fn done_with_cached(
        &self,
        index: usize,
        packed: Extent,
        media_type: MediaType,
        cached: &CachedFile,
    ) {
        let file = self.name(index).to_owned();
        let renamed = |one: &Diagnostic| Diagnostic { file: file.clone(), ..one.clone() };
        let diagnostics: Vec<_> = cached.record.diagnostics.iter().map(renamed).collect();
        self.add_diagnostics(index, &diagnostics);
        self.done_with(index, packed, media_type, cached);
    }

    fn done_with(&self, index: usize, packed: Extent, media_type: MediaType, cached: &CachedFile) {
        let bodies = cached.bodies(as_packed(&self.site.files[index], packed));
        let (charset, outcome) = (cached.record.charset, cached.record.outcome);
        self.done(index, packed, media_type, charset, outcome, bodies);
    }

    pub(super) fn done(
        &self,
        index: usize,
        packed: Extent,
        media_type: MediaType,
        charset: Charset,
        outcome: Outcome,
        Bodies { identity, encoded, variants }: Bodies,
    ) {
        let is_named = matches!(outcome, Outcome::Untouched(reason) if reason.is_for_a_text());
        let named_by = is_named.then(|| self.survey.named_by(self.site, index)).flatten();
        let link = self.survey.files[index].early_links.field.as_deref();
        let file = RepresentedFile {
            source: self.site.files[index].clone(),
            hash: packed.hash,
            media_type,
            charset,
            outcome,
            fingerprinted: None,
            link: link.map(|field| self.names.link(index, field)),
            named_by: named_by.map(str::to_owned),
            identity,
            encoded,
            variants,
            diagnostics: Vec::new(),
            time: None,
        };
        self.results().add(index, file);
        self.progress.advanced(self.site.files[index].state.len());
    }
}
