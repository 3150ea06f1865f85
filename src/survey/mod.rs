//! Stage 2: reads what the pages of a site reveal about its files.
//!
//! A file's transform depends on the pages that load it, so all pages are read before the first
//! file is transformed. Pages themselves are not held in memory, only the facts that later stages
//! need.

mod context;
mod decoding;
mod fetching;
mod naming;
mod reading;
mod router;
mod signature;
mod surveyed;
mod usage;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use rayon::prelude::*;

use crate::asset::checksum::{Checksum, Checksums};
use crate::asset::debug_id::DebugIds;
use crate::asset::media_type::Language;
use crate::asset::route::RoutePath;
use crate::cache::{Cache, CacheKey, KnownFiles};
use crate::ingest::{Site, SourceFile};
use crate::options::{Options, SourceMaps};
use crate::picture;
use crate::transform::html::{Confidence, PageFacts};
use decoding::{Markup, decode};
use fetching::Fetching;
use naming::{Evidence, Memory, Naming};
pub(crate) use naming::{OtherText, is_read, other_texts};
use reading::Reading;
use router::RoutedCode;
pub(crate) use surveyed::Surveyed;
use usage::Usage;

/// Facts about the files of a site, collected before any of them is transformed.
#[derive(Debug)]
pub(crate) struct Survey {
    /// Facts about each file, in the order of [`Site::files`].
    pub(crate) files: Vec<Surveyed>,
    usage: Usage,
    /// Whether minified scripts get debug ids.
    debug_ids: DebugIds,
    /// The files that a published source map describes.
    mapped: BTreeSet<RoutePath>,
    /// The code that a text fetches as data, each with the name of the text.
    fetched: BTreeMap<RoutePath, String>,
    naming: Naming,
    routed_code: RoutedCode,
    /// The checksums of all files and of all inline code.
    known: HashSet<Checksum>,
}

/// Minimum size of a page whose facts are cached, in bytes. A smaller one is scanned just as fast.
const MIN_CACHED_LEN: u64 = 8 * 1024;

/// Maximum size of the facts about a page, as a multiple of the page. In JSON, a character may take six
/// bytes.
const MAX_QUOTED: usize = 8;

/// Files per parallel work item.
const CHUNK_FILES: usize = 64;

/// The facts about a file by itself.
struct Own {
    surveyed: Surveyed,
    usage: Usage,
    evidence: Option<Evidence>,
}

/// Collects the facts about a site's files, reading only files whose facts are not in the cache.
pub(crate) fn survey(site: &Site, options: &Options, cache: &Cache, known: &KnownFiles) -> Survey {
    let routes: BTreeSet<&RoutePath> = site.files.iter().map(|file| &file.route).collect();
    let memory = Memory::read(cache, &site.project.folder);
    let survey_file = |file: &SourceFile| {
        let reading = Reading::new(file, known.hash(&file.name, &file.state));
        Own::of(reading, site, &routes, options, cache, &memory)
    };
    // Pages load much the same files, so each chunk merges the usages of its pages at once.
    let chunks: Vec<(Vec<_>, Usage)> = site
        .files
        .par_chunks(CHUNK_FILES)
        .map(|files| {
            let mut usage = Usage::default();
            let files = files.iter().map(survey_file).map(|own| {
                usage = std::mem::take(&mut usage).merge(own.usage);
                (own.surveyed, own.evidence)
            });
            (files.collect(), usage)
        })
        .collect();
    let (files, usages): (Vec<_>, Vec<_>) = chunks.into_iter().unzip();
    let (files, evidence): (Vec<_>, Vec<_>) = files.into_iter().flatten().unzip();
    let usage = usages.into_iter().fold(Usage::default(), Usage::merge);
    let mapped = match options.source_maps {
        SourceMaps::LeaveOut | SourceMaps::Write => BTreeSet::new(),
        SourceMaps::Publish => site.files.iter().filter_map(|map| map.route.of_map()).collect(),
    };
    let debug_ids = match options.source_maps {
        SourceMaps::LeaveOut | SourceMaps::Publish => DebugIds::None,
        SourceMaps::Write => DebugIds::Added,
    };
    let mut survey = Survey {
        files,
        usage,
        debug_ids,
        mapped,
        fetched: BTreeMap::new(),
        naming: Naming::default(),
        routed_code: RoutedCode::Free,
        known: HashSet::new(),
    };
    survey.find_names(site, evidence, &memory, cache);
    survey.decide_on_routed_code(site);
    survey
}

impl Own {
    fn of(
        mut reading: Reading<'_>,
        site: &Site,
        routes: &BTreeSet<&RoutePath>,
        options: &Options,
        cache: &Cache,
        memory: &Memory,
    ) -> Self {
        let file = reading.file;
        // A page that cannot be read has no facts here. The next stage reads it again and reports
        // it.
        let facts = markup(file).and_then(|markup| facts(&mut reading, markup, cache));
        let may_change =
            naming::is_read(&file.route, file.state.len()) || is_picture(file, options);
        let evidence = may_change.then(|| naming::evidence(&mut reading, memory)).flatten();
        let hash = reading.known_hash();
        let (mut surveyed, usage) = match facts {
            None => (Surveyed { hash, ..Surveyed::default() }, Usage::default()),
            Some(facts) => {
                let usage = Usage::of_page(file, &facts, routes);
                (Surveyed::page(file, hash, facts, &usage, options, site.rules.behaviour), usage)
            }
        };
        surveyed.own = evidence.as_ref().map(|evidence| evidence.own);
        Self { surveyed, usage, evidence }
    }
}

/// Returns the language of a file that may load others.
fn markup(file: &SourceFile) -> Option<Markup> {
    let media_type = file.media_type(|| file.head()).ok()?.media_type;
    match media_type.as_str() {
        "application/xhtml+xml" => Some(Markup::Xhtml),
        "image/svg+xml" => Some(Markup::Svg),
        _ => (media_type.language() == Some(Language::Html)).then_some(Markup::Html),
    }
}

/// Returns whether a file is a picture that would be optimised, unless a text names its bytes.
fn is_picture(file: &SourceFile, options: &Options) -> bool {
    let file_type = file.media_type(|| file.head());
    file_type.is_ok_and(|file_type| picture::is_optimised(&file_type.media_type, options))
}

/// Returns the facts of a page, from the cache if possible. Returns `None` if the page cannot be read.
fn facts(reading: &mut Reading<'_>, markup: Markup, cache: &Cache) -> Option<PageFacts> {
    let len = reading.file.state.len();
    let is_cached = len >= MIN_CACHED_LEN;
    if !is_cached {
        return Some(read_facts(reading.bytes()?, markup));
    }
    let key =
        CacheKey::new("page", &[reading.hash()?.as_bytes(), format!("{markup:?}").as_bytes()]);
    let max_len = usize::try_from(len).ok()?.saturating_mul(MAX_QUOTED);
    if let Some(facts) = cache.get_meta::<PageFacts>(key, max_len, |_| true) {
        return Some(facts);
    }
    let facts = read_facts(reading.bytes()?, markup);
    match cache.put(key, facts, &[]) {
        Ok(entry) => Some(entry.meta),
        Err(facts) => Some(facts),
    }
}

fn read_facts(bytes: &[u8], markup: Markup) -> PageFacts {
    let text = decode(bytes, markup);
    match (markup, str::from_utf8(bytes)) {
        (Markup::Html, Ok(_)) => PageFacts::of(&text, Confidence::Certain),
        // The page is served without early links, which would need another encoding.
        (Markup::Html, Err(_)) => {
            PageFacts { hints: Vec::new(), ..PageFacts::of(&text, Confidence::Doubtful) }
        }
        (Markup::Xhtml, _) => PageFacts { hints: Vec::new(), ..PageFacts::of_xhtml(&text) },
        (Markup::Svg, _) => PageFacts::of_svg(&text),
    }
}

impl Survey {
    /// Finds the files and the inline code whose checksum a text of the build contains.
    fn find_names(
        &mut self,
        site: &Site,
        evidence: Vec<Option<Evidence>>,
        memory: &Memory,
        cache: &Cache,
    ) {
        let known = self.files.iter().flat_map(Surveyed::checksums).flat_map(Checksums::iter);
        self.known = known.collect();
        let mut next = Memory::default();
        let mut fetching = Fetching::default();
        for ((file, index), evidence) in site.files.iter().zip(0..).zip(evidence) {
            let (Some(evidence), Some(hash)) = (evidence, self.files[index].hash) else { continue };
            self.naming.add(&file.name, &evidence.named);
            self.files[index].names = self.names(&evidence.named);
            self.files[index].fetched.clone_from(&evidence.fetched);
            fetching.add(&file.name, &evidence.fetched);
            next.add(hash, evidence);
        }
        for text in naming::other_texts(site) {
            let (hash, evidence) = text.evidence(memory);
            self.naming.add(&text.name, &evidence.named);
            fetching.add(&text.name, &evidence.fetched);
            next.add(hash, evidence);
        }
        next.store(cache, &site.project.folder, memory);
        self.fetched = fetching.find(site);
        let signed = signature::signed_files(site);
        for (file, surveyed) in site.files.iter().zip(&mut self.files) {
            surveyed.find_names(&self.naming);
            if let Some(signature) = signed.get(file.route.as_str()) {
                surveyed.named_by.get_or_insert_with(|| (*signature).to_owned());
            }
        }
    }

    /// Returns those checksums that are of a file or of inline code.
    fn names(&self, candidates: &[Checksum]) -> Vec<Checksum> {
        candidates.iter().copied().filter(|one| self.known.contains(one)).collect()
    }

    /// Updates the facts about a changed file. Returns `None` if that is not enough, because it is
    /// a page that loads other files than before, or could not be read before or now, or because it
    /// names the bytes of a file, is named, fetches other files, or changes how a router compares it: then the whole site must be surveyed again.
    pub(crate) fn update(
        &mut self,
        site: &Site,
        index: usize,
        options: &Options,
        cache: &Cache,
    ) -> Option<()> {
        let file = &site.files[index];
        let routes = site.files.iter().map(|file| &file.route).collect();
        let reading = Reading::new(file, None);
        let Own { mut surveyed, evidence, .. } =
            Own::of(reading, site, &routes, options, cache, &Memory::default());
        // A page that loads other files changes how those have to be transformed.
        let before = &self.files[index];
        let of_router = |page: &Surveyed| (page.has_router, page.is_doubtful, page.has_code_hashes);
        if before.usage != surveyed.usage
            || before.is_named()
            || of_router(before) != of_router(&surveyed)
        {
            return None;
        }
        let (named, fetched) =
            evidence.map(|evidence| (evidence.named, evidence.fetched)).unwrap_or_default();
        if before.fetched != fetched {
            return None;
        }
        surveyed.fetched = fetched;
        self.known.extend(surveyed.checksums().flat_map(Checksums::iter));
        self.naming.add(&file.name, &named);
        surveyed.find_names(&self.naming);
        surveyed.names = self.names(&named);
        if surveyed.is_named() || before.names != surveyed.names {
            return None;
        }
        self.files[index] = surveyed;
        Some(())
    }
}
