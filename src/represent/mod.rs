//! Stage 3: makes every file's representations, from the bytes on the disk to bodies that are hashed,
//! checked, and kept.
//!
//! A file goes through two steps, transforming and compressing, on whichever core is free. What the
//! cache has goes through neither. Equal bodies are compressed once.

mod kept;
mod queue;
mod source;
mod worker;

use std::collections::BTreeMap;

use worker_pack_runtime::Coding;

use crate::asset::blob::Blob;
use crate::asset::digest::ContentHash;
use crate::asset::media_type::{Charset, MediaType};
use crate::cache::Cache;
use crate::feedback::diagnostic::{Diagnostic, Stage};
use crate::feedback::error::PackError;
use crate::feedback::progress::Progress;
use crate::feedback::timings::FileTime;
use crate::ingest::Site;
use crate::options::Options;
use crate::survey::Survey;
use crate::transform::Outcome;
use worker::Work;

/// A file with all its representations.
#[derive(Clone, Debug)]
pub(crate) struct RepresentedFile {
    /// Its media type.
    pub(crate) media_type: MediaType,
    /// What its text is written with.
    pub(crate) charset: Charset,
    /// What the transform came to.
    pub(crate) outcome: Outcome,
    /// The bytes without a content coding.
    pub(crate) identity: Blob,
    /// The encoded bytes, the coding to prefer first.
    pub(crate) encoded: Vec<(Coding, Blob)>,
}

/// The files of a site with all their representations.
#[derive(Debug, Default)]
pub(crate) struct Represented {
    /// The files, by their index in the site. Where there is an error among the diagnostics, some are
    /// missing.
    pub(crate) files: BTreeMap<usize, RepresentedFile>,
    /// The hashes of their bytes as they are, by the same index.
    pub(crate) hashes: BTreeMap<usize, ContentHash>,
    /// What there is to say about them.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// How long those took that were not in the cache.
    pub(crate) times: BTreeMap<usize, FileTime>,
}

/// Makes the representations of a site's files.
pub(crate) fn represent(
    site: &Site,
    survey: &Survey,
    options: &Options,
    cache: &Cache,
    progress: &dyn Progress,
) -> Result<Represented, PackError> {
    let all: Vec<usize> = (0..site.files.len()).collect();
    represent_some(site, survey, &all, options, cache, progress)
}

/// Makes the representations of some of a site's files, by their indices.
pub(crate) fn represent_some(
    site: &Site,
    survey: &Survey,
    indices: &[usize],
    options: &Options,
    cache: &Cache,
    progress: &dyn Progress,
) -> Result<Represented, PackError> {
    let bytes = indices.iter().map(|index| site.files[*index].state.len()).sum();
    progress.started(Stage::Compress, bytes);
    let work = Work::new(site, survey, indices, options, cache, progress)?;
    rayon::broadcast(|_| work.run());
    Ok(work.finish())
}

impl Represented {
    /// Takes over what came of some files, by their indices.
    pub(crate) fn replace(&mut self, site: &Site, indices: &[usize], new: Self) {
        for index in indices {
            let name = &site.files[*index].name;
            self.files.remove(index);
            self.diagnostics.retain(|diagnostic| diagnostic.file != *name);
        }
        self.files.extend(new.files);
        self.hashes.extend(new.hashes);
        self.diagnostics.extend(new.diagnostics);
        self.times = new.times;
    }
}
