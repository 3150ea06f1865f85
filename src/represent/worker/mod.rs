//! The work on the files of a site, shared by all cores.

mod completion;
mod pictures;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use worker_pack_runtime::Coding;

use super::Known;
use super::cached::{Bodies, CachedFile, Expected, Extent};
use super::key::cache_key;
use super::queue::{Job, Queue, Task};
use super::results::Results;
use super::source::{Source, as_packed};
use crate::asset::digest::ContentHash;
use crate::asset::media_type::{Charset, MediaType};
use crate::cache::{Cache, CacheKey};
use crate::coding::Effort;
use crate::exposure::{Inspector, PublicFile};
use crate::feedback::diagnostic::Diagnostic;
use crate::feedback::error::PackError;
use crate::feedback::findings::Findings;
use crate::feedback::progress::Progress;
use crate::feedback::timings::cpu_time;
use crate::ingest::{FileType, Publication, Site, TypeSource};
use crate::options::{Options, Settings};
use crate::picture::{PixelMemory, Treatment};
use crate::references::{Names, Rewriting};
use crate::survey::Survey;
use crate::transform::{Minifier, Outcome, OwnPolicies, TransformContext, Transformed, transform};
use pictures::Shared;

/// Maximum size of a file that is inspected although its type does not compress, in bytes. It may be a
/// text in a language whose extension belongs to a format of media too, such as `.ts`.
const INSPECTED: usize = 1024 * 1024;

/// The work on a site, shared by all cores.
pub(super) struct Workers<'w> {
    site: &'w Site,
    survey: &'w Survey,
    names: &'w Names,
    options: &'w Options,
    effort: Effort,
    minifier: Minifier,
    inspector: Inspector,
    cache: &'w Cache,
    progress: &'w dyn Progress,
    findings: &'w Findings,
    /// The memory that pictures take.
    pixels: PixelMemory,
    /// The pictures of this run by their keys in the cache: equal ones are optimised once.
    pictures: Mutex<BTreeMap<CacheKey, Shared>>,
    queue: Queue,
    /// The number of files to work on.
    count: usize,
    /// The files whose body is being compressed.
    waiting: Mutex<BTreeMap<BodyKey, Vec<Pending>>>,
    results: Mutex<Results>,
}

/// The hash of a body, and the codings that it is compressed with.
type BodyKey = (ContentHash, BTreeSet<Coding>);

/// Maximum number of bytes by which a completed policy makes a cached page larger.
const MAX_POLICY_GROWTH: usize = 64 * 1024;

/// A transformed file whose body is not compressed yet.
struct Pending {
    index: usize,
    key: CacheKey,
    media_type: MediaType,
    packed: Extent,
    outcome: Outcome,
    charset: Charset,
    /// The codings to compress it with.
    codings: BTreeSet<Coding>,
    variants: Vec<NewVariant>,
    diagnostics: Vec<Diagnostic>,
}

/// A variant that is not stored yet.
struct NewVariant {
    content_type: &'static str,
    body: Vec<u8>,
}

impl<'w> Workers<'w> {
    pub(super) fn new(
        Known { site, survey, names }: Known<'w>,
        indices: &[usize],
        options: &'w Options,
        cache: &'w Cache,
        progress: &'w dyn Progress,
        findings: &'w Findings,
    ) -> Result<Self, PackError> {
        let sizes = indices.iter().map(|&index| (site.files[index].state.len(), index));
        let workers = Self {
            site,
            survey,
            names,
            options,
            effort: options.effort(),
            minifier: Minifier::new(options)?,
            inspector: Inspector::new(&site.project, cache),
            cache,
            progress,
            findings,
            pixels: PixelMemory::default(),
            pictures: Mutex::default(),
            queue: Queue::new(sizes),
            count: indices.len(),
            waiting: Mutex::default(),
            results: Mutex::default(),
        };
        // A pack that is going to fail only looks for the other errors.
        if findings.check().is_err() {
            workers.queue.stop_compressing();
        }
        Ok(workers)
    }

    /// Works on the queue until it is empty.
    pub(super) fn run(&self) {
        while let Some(task) = self.queue.next() {
            match task {
                Task::Transform(index, _transforming) => self.transform(index),
                Task::Compress(job) => self.compress(&job),
            }
        }
    }

    /// Returns the results.
    pub(super) fn finish(self) -> Results {
        // A few files are no reason to store what is known of all.
        if self.site.files.len() == self.count {
            self.inspector.remember(self.cache);
        }
        self.results.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn transform(&self, index: usize) {
        let (found, taken) = cpu_time(|| self.find_or_transform(index));
        match found {
            Ok(None) => {}
            Ok(Some((pending, body))) => {
                self.add_diagnostics(index, &pending.diagnostics);
                self.add_time(index, taken, Duration::ZERO);
                let hash = ContentHash::of(&body);
                let codings = pending.codings.clone();
                let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
                // Files with the same body and codings share one job.
                let others = waiting.entry((hash, codings.clone())).or_default();
                others.push(pending);
                if others.len() == 1 {
                    self.queue.add(Job { hash, body, codings });
                }
            }
            Err(error) => {
                let error = Diagnostic::unreadable(self.name(index), &error);
                self.add_diagnostics(index, &[error]);
            }
        }
    }

    /// Finishes a file from the cache, or transforms it and returns the body to compress.
    fn find_or_transform(&self, index: usize) -> io::Result<Option<(Pending, Vec<u8>)>> {
        let surveyed = &self.survey.files[index];
        let file = &self.site.files[index];
        let mut source = Source::new(file, surveyed.hash);
        let file_type = source.media_type()?;
        self.add_diagnostics(index, file_type.diagnostic(file).as_slice());
        let FileType { media_type, source: type_source } = file_type;
        let diagnostics = self.survey.diagnostics(self.site, index, type_source);
        self.add_diagnostics(index, &diagnostics);
        let len = usize::try_from(file.state.len()).unwrap_or(usize::MAX);
        if let Some(treatment) = Treatment::of(&media_type, self.options) {
            return self.find_or_optimise(index, treatment, media_type, type_source, source);
        }
        if !media_type.is_compressible() {
            if len <= INSPECTED {
                self.inspect(index, &mut source, &media_type)?;
            }
            let packed = Extent { hash: source.hash_of_file()?, len };
            let bodies = Bodies::only(as_packed(file, packed));
            self.done(index, packed, media_type, Charset::Unknown, Outcome::NotMinifiable, bodies);
            return Ok(None);
        }
        let hash = self.inspect(index, &mut source, &media_type)?;
        let context = self.context(index, &media_type, type_source);
        let packed = Extent { hash, len };
        let rewriting = self.names.rewriting(index);
        let rewriting = rewriting.filter(|rewriting| rewriting.hash == hash);
        let found = self.find(index, &media_type, context, packed, rewriting.as_ref(), &mut source);
        if let Some(cached) = found {
            self.done_with_cached(index, packed, media_type, &cached);
            return Ok(None);
        }
        let bytes = source.into_bytes()?;
        // The file may have changed since it was hashed, so its key is that of the bytes just read.
        let packed = Extent::of(&bytes);
        let rewriting = rewriting.filter(|rewriting| rewriting.hash == packed.hash);
        let settings = self.settings(index);
        let key = cache_key(
            self.options,
            settings,
            &media_type,
            context,
            packed.hash,
            rewriting.as_ref(),
            self.effort,
        );
        let bytes = match &rewriting {
            None => bytes,
            Some(rewriting) => match rewriting.apply(&bytes, &media_type) {
                Some(rewritten) => rewritten,
                None => bytes,
            },
        };
        let Transformed { bytes, outcome, diagnostics } =
            transform(&file.name, bytes, &media_type, context, &self.minifier);
        let charset = Charset::of(&bytes);
        let codings = settings.encodings.clone();
        let pending = Pending {
            index,
            key,
            media_type,
            packed,
            outcome,
            charset,
            codings,
            variants: Vec::new(),
            diagnostics,
        };
        Ok(Some((pending, bytes)))
    }

    /// Looks for secrets and server code in a file, unless a rule publishes it or an earlier run found
    /// none. Returns the hash of its bytes.
    fn inspect(
        &self,
        index: usize,
        source: &mut Source<'_>,
        media_type: &MediaType,
    ) -> io::Result<ContentHash> {
        let file = &self.site.files[index];
        let hash = source.hash()?;
        if file.publication == Publication::Usual && !self.inspector.is_clean(&file.route, hash) {
            let (name, route) = (&*file.name, &file.route);
            let public = PublicFile { name, route, media_type, bytes: source.bytes()? };
            self.add_diagnostics(index, &self.inspector.inspect(public, hash));
        }
        Ok(hash)
    }

    /// Looks up a file that was compressed with the effort of the options, or a greater one.
    fn find(
        &self,
        index: usize,
        media_type: &MediaType,
        context: TransformContext<'_>,
        packed: Extent,
        rewriting: Option<&Rewriting>,
        source: &mut Source<'_>,
    ) -> Option<CachedFile> {
        let settings = self.settings(index);
        let efforts = Effort::ALL.into_iter().rev().filter(|effort| *effort >= self.effort);
        let mut keys = efforts.map(|effort| {
            cache_key(self.options, settings, media_type, context, packed.hash, rewriting, effort)
        });
        let inserted = rewriting.map(Rewriting::inserted);
        let (codings, findings) = (&settings.encodings, self.findings);
        let growth = match context.own_policies {
            OwnPolicies::Stay => 0,
            OwnPolicies::Completed(_) => MAX_POLICY_GROWTH,
        };
        let picture = None;
        let mut expected =
            Expected { packed, inserted, source, codings, picture, findings, growth };
        keys.find_map(|key| CachedFile::find(self.cache, key, &mut expected))
    }

    /// Adds diagnostics of a file. If one fails the pack, compressing stops, since no body will be
    /// written. Transforming goes on, to find the other errors of the site.
    fn add_diagnostics(&self, index: usize, diagnostics: &[Diagnostic]) {
        if diagnostics.iter().any(|diagnostic| self.findings.is_failure(diagnostic)) {
            self.queue.stop_compressing();
        }
        self.results().add_diagnostics(index, diagnostics);
    }

    fn add_time(&self, index: usize, transform: Duration, compress: Duration) {
        self.results().add_time(index, &self.site.files[index], transform, compress);
    }

    /// Returns the context that a file is transformed in.
    fn context(
        &self,
        index: usize,
        media_type: &MediaType,
        type_source: TypeSource,
    ) -> TransformContext<'w> {
        let context = self.survey.context(self.site, index, media_type, type_source, self.options);
        self.names.context(index, context)
    }

    fn settings(&self, index: usize) -> &Settings {
        &self.site.files[index].settings
    }

    fn name(&self, index: usize) -> &str {
        &self.site.files[index].name
    }

    fn results(&self) -> MutexGuard<'_, Results> {
        self.results.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
