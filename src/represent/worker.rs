//! What the cores do with the tasks of a site.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::kept::{Extent, Found, Identity, Kept};
use super::queue::{Board, Job, Task};
use super::source::{Source, as_packed};
use super::{Represented, RepresentedFile};
use crate::asset::digest::ContentHash;
use crate::asset::media_type::{Charset, MediaType};
use crate::cache::{Cache, CacheKey};
use crate::coding::{WronglyEncoded, compress};
use crate::feedback::diagnostic::{Diagnostic, Severity, Stage};
use crate::feedback::error::PackError;
use crate::feedback::progress::Progress;
use crate::feedback::timings::FileTime;
use crate::ingest::Site;
use crate::options::{Coding, Effort, Options, Strictness};
use crate::survey::Survey;
use crate::transform::{How, Minifier, Outcome, Transformed, transform};

/// The work on a site, which all cores share.
pub(super) struct Work<'w> {
    site: &'w Site,
    survey: &'w Survey,
    options: &'w Options,
    effort: Effort,
    minifier: Minifier,
    cache: &'w Cache,
    progress: &'w dyn Progress,
    board: Board,
    /// The files that wait for a body to be compressed, by its hash.
    waiting: Mutex<BTreeMap<ContentHash, Vec<Pending>>>,
    results: Mutex<Represented>,
}

/// A file that is transformed and not compressed.
struct Pending {
    index: usize,
    key: CacheKey,
    media_type: MediaType,
    packed: Extent,
    outcome: Outcome,
    charset: Charset,
    diagnostics: Vec<Diagnostic>,
}

impl<'w> Work<'w> {
    pub(super) fn new(
        site: &'w Site,
        survey: &'w Survey,
        indices: &[usize],
        options: &'w Options,
        cache: &'w Cache,
        progress: &'w dyn Progress,
    ) -> Result<Self, PackError> {
        let work = Self {
            site,
            survey,
            options,
            effort: options.effort(),
            minifier: Minifier::new(options)?,
            cache,
            progress,
            board: Board::new(indices.iter().map(|&index| (site.files[index].state.len(), index))),
            waiting: Mutex::default(),
            results: Mutex::default(),
        };
        work.stop_for(&site.diagnostics);
        Ok(work)
    }

    /// Does what there is to do, until there is nothing left.
    pub(super) fn run(&self) {
        while let Some(task) = self.board.next() {
            match task {
                Task::Transform(index, _transforming) => self.transform(index),
                Task::Compress(job) => self.compress(&job),
            }
        }
    }

    /// Returns what came of it.
    pub(super) fn finish(self) -> Represented {
        self.results.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn transform(&self, index: usize) {
        let begun = Instant::now();
        match self.find_or_transform(index) {
            Ok(None) => {}
            Ok(Some((pending, body))) => {
                self.tell(&pending.diagnostics);
                self.add_time(index, begun.elapsed(), Duration::ZERO);
                let hash = ContentHash::of(&body);
                let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
                let others = waiting.entry(hash).or_default();
                others.push(pending);
                if others.len() == 1 {
                    self.board.add(Job { hash, body });
                }
            }
            Err(error) => {
                let message = format!("cannot be read: {error}");
                self.tell(&[Diagnostic::error(Stage::Transform, self.name(index), message)]);
            }
        }
    }

    /// Takes a file from the cache, or transforms it to a body that is to be compressed.
    fn find_or_transform(&self, index: usize) -> io::Result<Option<(Pending, Vec<u8>)>> {
        let surveyed = &self.survey.files[index];
        self.tell(surveyed.diagnostic(self.name(index)).as_slice());
        let file = &self.site.files[index];
        let mut source = Source::new(file, surveyed.hash);
        let media_type = source.media_type()?;
        let hash = source.hash()?;
        let len = usize::try_from(file.state.len()).unwrap_or(usize::MAX);
        if !media_type.is_compressible() {
            let packed = Extent { hash, len };
            let represented = RepresentedFile {
                media_type,
                charset: Charset::Unknown,
                outcome: Outcome::NotMinifiable,
                identity: as_packed(file, packed),
                encoded: Vec::new(),
            };
            self.done(index, packed, represented);
            return Ok(None);
        }
        let how = self.survey.how(self.site, index);
        if let Some(found) = self.find(&media_type, how, hash) {
            let renamed = |one: &Diagnostic| Diagnostic { file: file.name.clone(), ..one.clone() };
            let diagnostics: Vec<_> = found.kept.diagnostics.iter().map(renamed).collect();
            self.tell(&diagnostics);
            let packed = Extent { hash, len };
            self.done(index, packed, found.represented(media_type, as_packed(file, packed)));
            return Ok(None);
        }
        let bytes = source.into_bytes()?;
        // Of what was read, since the file may have changed after it was looked at.
        let packed = Extent::of(&bytes);
        let key = self.key(&media_type, how, packed.hash, self.effort);
        let Transformed { bytes, outcome, diagnostics } =
            transform(&file.name, bytes, &media_type, how, &self.minifier);
        let charset = Charset::of(&bytes);
        let pending = Pending { index, key, media_type, packed, outcome, charset, diagnostics };
        Ok(Some((pending, bytes)))
    }

    /// Looks a file up, at the effort that is asked for or a greater one.
    fn find(&self, media_type: &MediaType, how: How, hash: ContentHash) -> Option<Found> {
        let efforts = Effort::ALL.into_iter().rev().filter(|effort| *effort >= self.effort);
        let mut keys = efforts.map(|effort| self.key(media_type, how, hash, effort));
        keys.find_map(|key| Kept::find(self.cache, key))
    }

    fn key(&self, media_type: &MediaType, how: How, hash: ContentHash, effort: Effort) -> CacheKey {
        let Options { minify, css_targets, encodings, .. } = self.options;
        let minified = media_type.language().map(|_| (how, minify, css_targets));
        let how = format!("{media_type} {minified:?} {encodings:?} {effort}");
        CacheKey::new("file", &[how.as_bytes(), hash.as_bytes()])
    }

    fn compress(&self, job: &Job) {
        let begun = Instant::now();
        let result = compress(&job.body, &self.options.encodings, self.effort);
        let taken = begun.elapsed();
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let files = waiting.remove(&job.hash).unwrap_or_default();
        drop(waiting);
        for pending in files {
            self.add_time(pending.index, Duration::ZERO, taken);
            match &result {
                Ok(encoded) => self.keep(pending, job, encoded),
                Err(WronglyEncoded(coding)) => {
                    let message = format!("its {coding} body does not decode to the file");
                    let name = self.name(pending.index);
                    let error = Diagnostic::error(Stage::Compress, name, message);
                    self.tell(&[error.with_help(
                        "this is a mistake in worker-pack or its encoders; please report it",
                    )]);
                }
            }
        }
    }

    fn keep(&self, pending: Pending, job: &Job, encoded: &[(Coding, Vec<u8>)]) {
        let Pending { index, key, media_type, packed, outcome, charset, diagnostics } = pending;
        let identity = if job.hash == packed.hash {
            Identity::Packed
        } else {
            Identity::Transformed(Extent { hash: job.hash, len: job.body.len() })
        };
        let extents = encoded.iter().map(|(coding, bytes)| (*coding, Extent::of(bytes)));
        let kept = Kept { outcome, charset, identity, encoded: extents.collect(), diagnostics };
        let bodies: Vec<&[u8]> = encoded.iter().map(|(_, bytes)| &**bytes).collect();
        let found = kept.keep(self.cache, key, &bodies, &job.body);
        let packed_body = as_packed(&self.site.files[index], packed);
        self.done(index, packed, found.represented(media_type, packed_body));
    }

    fn done(&self, index: usize, packed: Extent, represented: RepresentedFile) {
        let mut results = self.results();
        results.files.insert(index, represented);
        results.hashes.insert(index, packed.hash);
        drop(results);
        self.progress.advanced(self.site.files[index].state.len());
    }

    /// Notes what there is to say.
    fn tell(&self, diagnostics: &[Diagnostic]) {
        self.stop_for(diagnostics);
        if !diagnostics.is_empty() {
            self.results().diagnostics.extend_from_slice(diagnostics);
        }
    }

    /// Compresses no more if there is something that fails the pack.
    fn stop_for(&self, diagnostics: &[Diagnostic]) {
        let fails = |found: &Diagnostic| match found.severity {
            Severity::Error => true,
            Severity::Warning => self.options.strictness == Strictness::Strict,
            Severity::Note => false,
        };
        if diagnostics.iter().any(fails) {
            self.board.stop_compressing();
        }
    }

    fn add_time(&self, index: usize, transform: Duration, compress: Duration) {
        let mut results = self.results();
        let time = results.times.entry(index).or_insert_with(|| FileTime {
            file: self.name(index).to_owned(),
            source: self.site.files[index].state.len(),
            ..FileTime::default()
        });
        time.transform += transform;
        time.compress += compress;
    }

    fn name(&self, index: usize) -> &str {
        &self.site.files[index].name
    }

    fn results(&self) -> MutexGuard<'_, Represented> {
        self.results.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
