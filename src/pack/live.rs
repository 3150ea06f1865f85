//! A site that is packed again whenever it changes, as far as it has changed.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use rayon::ThreadPool;

use super::Pack;
use super::packed::Packed;
use super::pipeline::{Prepared, prepare};
use crate::cache::{Cache, FileState};
use crate::feedback::error::PackError;
use crate::feedback::progress::{Progress, Silent};
use crate::feedback::timings::Timings;
use crate::ingest::LARGEST_ASSET;
use crate::options::Options;
use crate::represent::represent_some;

/// A site that is packed again whenever it changes.
///
/// What is known of the files stays in memory, so that a changed page costs what that page costs. For
/// as long as this lives, nobody can empty the cache.
#[derive(Debug)]
pub struct LivePack {
    pack: Pack,
    cache: Arc<Cache>,
    threads: ThreadPool,
    last: Option<Prepared>,
}

impl LivePack {
    pub(crate) fn new(pack: Pack, cache: Cache, threads: ThreadPool) -> Self {
        Self { pack, cache: Arc::new(cache), threads, last: None }
    }

    /// Packs the folder.
    pub fn run(&mut self, progress: &dyn Progress) -> Result<Packed, PackError> {
        let mut timings = Timings::default();
        self.last = None;
        let (dist, options) = (self.pack.dist(), self.pack.packing_options());
        let prepare = || prepare(dist, options, &self.cache, progress, &mut timings);
        let prepared = self.threads.install(prepare)?;
        self.conclude(prepared, timings)
    }

    /// Packs the folder, of which the files at some absolute paths have changed, and nothing else.
    ///
    /// If that is more than the bytes of public files, or changes what the pages say of each other,
    /// the whole folder is looked at.
    pub fn run_changed(&mut self, changed: &BTreeSet<PathBuf>) -> Result<Packed, PackError> {
        let mut timings = Timings::default();
        let Some(mut prepared) = self.last.take() else { return self.run(&Silent) };
        let (options, cache) = (self.pack.packing_options(), &self.cache);
        let update = || update(&mut prepared, changed, options, cache);
        match timings.time("represent", || self.threads.install(update))? {
            Some(()) => self.conclude(prepared, timings),
            None => self.run(&Silent),
        }
    }

    fn conclude(&mut self, prepared: Prepared, mut timings: Timings) -> Result<Packed, PackError> {
        let (table, report) =
            prepared.conclude(self.pack.packing_options(), &self.cache, &mut timings)?;
        // Only a whole one is gone on from.
        self.last = Some(prepared);
        Ok(self.pack.packed(table, report, timings, Arc::clone(&self.cache)))
    }
}

/// Does the work for changed files. Returns none if that is not enough.
fn update(
    prepared: &mut Prepared,
    changed: &BTreeSet<PathBuf>,
    options: &Options,
    cache: &Cache,
) -> Result<Option<()>, PackError> {
    let Some(changed) = look(prepared, changed) else { return Ok(None) };
    let Prepared { site, survey, represented } = prepared;
    for &index in &changed {
        if survey.update(site, index, options, cache).is_none() {
            return Ok(None);
        }
    }
    let new = represent_some(site, survey, &changed, options, cache, &Silent)?;
    represented.replace(site, &changed, new);
    Ok(Some(()))
}

/// Looks at the files at some paths, and returns their indices. Returns none if any is not a public
/// file that was there before.
fn look(prepared: &mut Prepared, changed: &BTreeSet<PathBuf>) -> Option<Vec<usize>> {
    let mut indices = Vec::new();
    for path in changed {
        let index = prepared.site.files.iter().position(|file| file.path == *path);
        match (index, fs::metadata(path)) {
            (Some(index), Ok(metadata)) if metadata.is_file() => {
                let state = FileState::of(&metadata);
                if state.len() > LARGEST_ASSET {
                    return None;
                }
                prepared.site.files[index].state = state;
                indices.push(index);
            }
            // It came and went, as what is renamed into its place does.
            (None, Err(_)) => {}
            _ => return None,
        }
    }
    Some(indices)
}
