//! Stage 2: what the pages of a site say of its files.
//!
//! How a file may be transformed depends on who loads it, so all pages are read before the first
//! file is worked on. Of what a page says, only what is needed is kept.

mod usage;

use std::collections::BTreeSet;

use rayon::prelude::*;
use worker_pack_runtime::Behaviour;

use crate::asset::digest::ContentHash;
use crate::asset::media_type::{Language, MediaType};
use crate::asset::route::RoutePath;
use crate::cache::{Cache, CacheKey, KnownFiles};
use crate::feedback::diagnostic::Diagnostic;
use crate::feedback::stage::Stage;
use crate::ingest::{Site, SourceFile};
use crate::options::{EarlyHints, Options, SourceMaps};
use crate::rules::InlineHashes;
use crate::transform::html::{self, EarlyLinks, PageFacts, early_links};
use crate::transform::{How, KeptReason, Restraint};
pub(crate) use usage::Usage;

/// What is known of the files of a site before any of them is transformed.
#[derive(Debug)]
pub(crate) struct Survey {
    /// What is known of each file, in their order.
    pub(crate) files: Vec<Surveyed>,
    usage: Usage,
    /// The files that a published source map describes.
    mapped: BTreeSet<RoutePath>,
}

/// What is known of a file.
#[derive(Debug, Default)]
pub(crate) struct Surveyed {
    /// The hash of its bytes, if it was read, or has not changed since it was.
    pub(crate) hash: Option<ContentHash>,
    /// What a page sends ahead.
    pub(crate) early_links: EarlyLinks,
    /// Whether the inline code of a page is known by its hashes.
    has_code_hashes: bool,
    /// The hash of what a page loads.
    usage: Option<u64>,
}

/// The size from which on the cache keeps what a page says, in bytes. A smaller one is scanned as fast.
const LEAST_KEPT: u64 = 8 * 1024;

/// How many files a core takes at a time.
const CHUNK: usize = 64;

/// Reads the pages of a site, those that are not known.
pub(crate) fn survey(site: &Site, options: &Options, cache: &Cache, known: &KnownFiles) -> Survey {
    let routes: BTreeSet<&RoutePath> = site.files.iter().map(|file| &file.route).collect();
    let survey_file = |file: &SourceFile| {
        let hash = known.hash(&file.name, &file.state);
        // What cannot be read is told when it is to be transformed.
        let facts = is_page(&file.route).then(|| facts(file, hash, cache)).flatten();
        match facts {
            None => (Surveyed { hash, ..Surveyed::default() }, Usage::default()),
            Some((hash, facts)) => {
                let usage = Usage::of_page(&file.route, &facts, &routes);
                (Surveyed::page(file, hash, &facts, &usage, options, site.rules.behaviour), usage)
            }
        }
    };
    // Side by side in chunks, of which each keeps one sum: pages say much the same.
    let chunks: Vec<(Vec<Surveyed>, Usage)> = site
        .files
        .par_chunks(CHUNK)
        .map(|files| {
            let (files, usages): (Vec<_>, Vec<_>) = files.iter().map(survey_file).unzip();
            (files, usages.into_iter().fold(Usage::default(), Usage::and))
        })
        .collect();
    let (files, usages): (Vec<_>, Vec<_>) = chunks.into_iter().unzip();
    let files = files.into_iter().flatten().collect();
    let usage = usages.into_iter().fold(Usage::default(), Usage::and);
    let mapped = match options.source_maps {
        SourceMaps::LeaveOut => BTreeSet::new(),
        SourceMaps::Publish => site.files.iter().filter_map(|map| map.route.of_map()).collect(),
    };
    Survey { files, usage, mapped }
}

fn is_page(route: &RoutePath) -> bool {
    let media_type = MediaType::by_extension(route);
    media_type.is_some_and(|media_type| media_type.language() == Some(Language::Html))
}

/// Returns what a page says, and the hash of its bytes.
fn facts(
    file: &SourceFile,
    known: Option<ContentHash>,
    cache: &Cache,
) -> Option<(ContentHash, PageFacts)> {
    let key = |hash: &ContentHash| CacheKey::new("page", &[hash.as_bytes()]);
    let is_kept = file.state.len() >= LEAST_KEPT;
    let find = |hash: ContentHash| {
        let entry = is_kept.then(|| cache.get::<PageFacts>(key(&hash))).flatten()?;
        Some((hash, entry.meta))
    };
    if let Some(found) = known.and_then(find) {
        return Some(found);
    }
    let bytes = std::fs::read(&file.path).ok()?;
    let hash = ContentHash::of(&bytes);
    if let Some(found) = find(hash) {
        return Some(found);
    }
    // A page that cannot be scanned says nothing that could be relied on.
    let text = String::from_utf8(bytes).ok();
    let facts = text.and_then(|text| html::scan(&text).ok()).map(|page| page.facts);
    let facts = facts.unwrap_or_default();
    if !is_kept {
        return Some((hash, facts));
    }
    match cache.put(key(&hash), facts, &[]) {
        Ok(entry) => Some((hash, entry.meta)),
        Err(facts) => Some((hash, facts)),
    }
}

impl Surveyed {
    fn page(
        file: &SourceFile,
        hash: ContentHash,
        facts: &PageFacts,
        usage: &Usage,
        options: &Options,
        behaviour: Behaviour,
    ) -> Self {
        let early_links = match options.early_hints {
            EarlyHints::Off => EarlyLinks::default(),
            EarlyHints::On => {
                early_links(&facts.hints, facts.base.as_deref(), &file.route.url_path_in(behaviour))
            }
        };
        let has_code_hashes = facts.has_code_hashes;
        Self { hash: Some(hash), early_links, has_code_hashes, usage: Some(usage.hash()) }
    }

    /// Returns what there is to say of what a page does not send ahead.
    pub(crate) fn diagnostic(&self, name: &str) -> Option<Diagnostic> {
        let left_out = self.early_links.left_out;
        let message = format!("{left_out} of its links are not sent ahead: they are too many");
        (left_out > 0).then(|| Diagnostic::note(Stage::Represent, name, message))
    }
}

impl Survey {
    /// Reads a file again that has changed. Returns none if other files have to be looked at as well,
    /// since it says other things of them, or nobody knows what it said.
    pub(crate) fn update(
        &mut self,
        site: &Site,
        index: usize,
        options: &Options,
        cache: &Cache,
    ) -> Option<()> {
        let file = &site.files[index];
        self.files[index] = if is_page(&file.route) {
            let (hash, facts) = facts(file, None, cache)?;
            let routes = site.files.iter().map(|file| &file.route).collect();
            let usage = Usage::of_page(&file.route, &facts, &routes);
            if self.files[index].usage != Some(usage.hash()) {
                return None;
            }
            Surveyed::page(file, hash, &facts, &usage, options, site.rules.behaviour)
        } else {
            Surveyed::default()
        };
        Some(())
    }

    /// Returns how a file may be transformed, by what is around it.
    pub(crate) fn how(&self, site: &Site, index: usize) -> How {
        let route = &site.files[index].route;
        let names_code = site.rules.inline_hashes == InlineHashes::InHeaders;
        let restraint = if self.usage.is_checked(route) {
            Restraint::Keep(KeptReason::IntegrityChecked)
        } else if self.mapped.contains(route) {
            Restraint::Keep(KeptReason::SourceMapPublished)
        } else if names_code || self.files[index].has_code_hashes {
            Restraint::KeepInlineCode
        } else {
            Restraint::None
        };
        How { restraint, script_kind: self.usage.script_kind(route) }
    }
}
