//! A pack that is repeated after each change of its folder, for the changed files only.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use rayon::ThreadPool;

use super::packed::EmittedPack;
use super::run::Run;
use super::{Pack, threads, with_doubt};
use crate::cache::{Cache, FileState};
use crate::feedback::error::PackError;
use crate::feedback::findings::Findings;
use crate::feedback::progress::Silent;
use crate::feedback::stage::Stage;
use crate::ingest::{MAX_ASSET_SIZE, Site, decides_by_content};
use crate::options::{Fingerprints, Integrity, Options};
use crate::output::Earlier;
use crate::references::Names;
use crate::represent::{Known, Represented, represent_some};
use crate::survey::Survey;

/// A pack that is repeated after each change of its folder.
///
/// The results of the stages stay in memory, so that after a change of a page only that page is
/// packed again. While a live pack exists, no process can empty the cache.
#[derive(Debug)]
pub struct LivePack {
    pack: Pack,
    cache: Arc<Cache>,
    threads: ThreadPool,
    /// The stages of the last run, if it succeeded.
    last: Option<Stages>,
    earlier: Earlier,
}

/// The files that changed since the last run.
#[derive(Clone, Debug)]
pub enum Changes {
    /// The files at these absolute paths, and nothing else.
    Files(BTreeSet<PathBuf>),
    /// Unknown changes, so that the whole folder is packed again.
    Anything,
}

/// The results of the stages that work on each file by itself.
#[derive(Debug)]
struct Stages {
    site: Site,
    survey: Survey,
    represented: Represented,
    /// The diagnostics of the site. Those of its files are in `represented`.
    findings: Findings,
}

impl Pack {
    /// Prepares to pack the folder repeatedly.
    ///
    /// # Errors
    /// If threads cannot be started.
    pub fn live(self) -> Result<LivePack, PackError> {
        let (cache, threads) = (Arc::new(self.open_cache()), threads()?);
        Ok(LivePack { pack: self, cache, threads, last: None, earlier: Earlier::default() })
    }
}

impl LivePack {
    /// Packs the changed files, and makes the target's output.
    ///
    /// The whole folder is packed the first time and after a failed run. It is also packed if more
    /// has changed than the bytes of public files, or if the pages load other files than before.
    ///
    /// # Errors
    /// As for [`Pack::emit`]. An earlier output is then unchanged.
    pub fn emit(&mut self, changes: &Changes) -> Result<EmittedPack, PackError> {
        let Self { pack, cache, threads, last, earlier } = self;
        // A run that fails leaves `None`, so that the next one packs the whole folder.
        let mut last_stages = last.take();
        let (stages, emitted, next) = with_doubt(cache, |cache, hashes| {
            let mut run = Run::start(pack, cache, hashes);
            let last_stages = last_stages.take();
            threads.install(|| {
                let stages = match stages_of_changes(&mut run, last_stages, changes)? {
                    Some(stages) => stages,
                    None => stages_of_all(&mut run)?,
                };
                let own = run.tabulate(&stages.site, &stages.represented)?;
                // What is packed while a site is edited is not deployed, so it is not added to the store.
                let table = run.complete(&stages.site, &own)?;
                run.check_budgets(&stages.site, &table)?;
                let (table, output) =
                    run.output_within_limits(&stages.site, &own, table, earlier)?;
                let Stages { site, survey, represented, .. } = &stages;
                let output = run.source_maps(site, survey, represented, output)?;
                let next = Earlier::of(&output);
                let emitted = run.finish(&stages.site, &table, output);
                Ok((stages, emitted, next))
            })
        })?;
        (*last, *earlier) = (Some(stages), next);
        Ok(emitted)
    }
}

/// Runs the stages for the whole folder.
fn stages_of_all(run: &mut Run<'_>) -> Result<Stages, PackError> {
    let site = run.ingest()?;
    let findings = run.findings.clone();
    let survey = run.survey(&site);
    let represented = run.represent(&site, &survey)?;
    Ok(Stages { site, survey, represented, findings })
}

/// Runs the stages for changed files. Returns `None` if the whole folder has to be packed.
fn stages_of_changes(
    run: &mut Run<'_>,
    last: Option<Stages>,
    changes: &Changes,
) -> Result<Option<Stages>, PackError> {
    let (Some(mut stages), Changes::Files(changed)) = (last, changes) else { return Ok(None) };
    run.findings = stages.findings.clone();
    let Run { pack, cache, timings, .. } = run;
    let updated =
        timings.time(Stage::Represent, || update(&mut stages, changed, &pack.options, cache))?;
    if updated.is_none() {
        run.findings = Findings::new(run.pack.options.strictness);
    }
    Ok(updated.map(|()| stages))
}

/// Updates the stages for changed files. Returns `None` if the whole folder has to be packed.
fn update(
    stages: &mut Stages,
    changed: &BTreeSet<PathBuf>,
    options: &Options,
    cache: &Cache,
) -> Result<Option<()>, PackError> {
    let Some(changed) = look(&mut stages.site, changed) else { return Ok(None) };
    // The names of files depend on the bytes of others, and texts on the names and on the bytes.
    if options.fingerprints != Fingerprints::Off || options.integrity != Integrity::Off {
        return Ok(None);
    }
    let Stages { site, survey, represented, findings } = stages;
    for &index in &changed {
        if survey.update(site, index, options, cache).is_none() {
            return Ok(None);
        }
    }
    let names = Names::default();
    let known = Known { site, survey, names: &names };
    let new = represent_some(known, &changed, options, cache, &Silent, findings)?;
    // The timings of a run contain its own files only.
    represented.files.iter_mut().for_each(|file| file.time = None);
    for (index, file) in changed.into_iter().zip(new) {
        represented.files[index] = file;
    }
    Ok(Some(()))
}

/// Looks up the new state of changed files, and returns their indices. Returns `None` if one of
/// them is not a public file of the last run.
fn look(site: &mut Site, changed: &BTreeSet<PathBuf>) -> Option<Vec<usize>> {
    // A build may have put a new folder in the place of the packed one.
    if !site.project.held.is_in_place() {
        return None;
    }
    let mut indices = Vec::new();
    for path in changed {
        let index = site.files.iter().position(|file| file.path == *path);
        let Some(index) = index else {
            // A temporary file of an editor, which has been renamed or removed.
            if fs::symlink_metadata(path).is_err() {
                continue;
            }
            return None;
        };
        let file = site.files[index].content.open();
        match file.and_then(|file| file.metadata()) {
            Ok(metadata) => {
                let state = FileState::of(&metadata);
                if state.len() > MAX_ASSET_SIZE || decides_by_content(path) {
                    return None;
                }
                site.files[index].state = state;
                indices.push(index);
            }
            Err(_) => return None,
        }
    }
    Some(indices)
}
