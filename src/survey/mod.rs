//! Stage 2: what the pages of a site say of its files.
//!
//! How a file may be transformed depends on who loads it, so all pages are read before the first
//! file is worked on. Of what a page says, only what is needed is kept.

mod usage;

use std::collections::BTreeSet;
use std::path::Path;

use rayon::prelude::*;
use worker_pack_runtime::Behaviour;

use crate::cache::{Cache, CacheKey, KnownFiles};
use crate::diagnostic::{Diagnostic, Stage};
use crate::digest::ContentHash;
use crate::ingest::{InlineHashes, Site, SourceFile};
use crate::media_type::{Language, MediaType};
use crate::options::{EarlyHints, Options, SourceMaps};
use crate::path::RoutePath;
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
}

/// Reads the pages of a site, those that are not known.
pub(crate) fn survey(site: &Site, options: &Options, cache: &Cache, known: &KnownFiles) -> Survey {
    let routes: BTreeSet<&RoutePath> = site.files.iter().map(|file| &file.route).collect();
    let survey_file = |file: &SourceFile| {
        let hash = known.hash(&file.name, &file.state);
        // What cannot be read is told when it is to be transformed.
        let facts = is_page(&file.route).then(|| facts(&file.path, hash, cache)).flatten();
        match facts {
            None => (Surveyed { hash, ..Surveyed::default() }, Usage::default()),
            Some((hash, facts)) => {
                let usage = Usage::of_page(&file.route, &facts, &routes);
                (Surveyed::page(file, hash, &facts, options, site.rules.behaviour), usage)
            }
        }
    };
    let (files, usages): (Vec<Surveyed>, Vec<Usage>) =
        site.files.par_iter().map(survey_file).unzip();
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

fn key(page: &ContentHash) -> CacheKey {
    CacheKey::new("page", &[page.as_bytes()])
}

/// Returns what a page says, and the hash of its bytes.
fn facts(
    path: &Path,
    known: Option<ContentHash>,
    cache: &Cache,
) -> Option<(ContentHash, PageFacts)> {
    if let Some(hash) = known
        && let Some(entry) = cache.get::<PageFacts>(key(&hash))
    {
        return Some((hash, entry.meta));
    }
    let bytes = std::fs::read(path).ok()?;
    let hash = ContentHash::of(&bytes);
    if let Some(entry) = cache.get::<PageFacts>(key(&hash)) {
        return Some((hash, entry.meta));
    }
    // A page that cannot be scanned says nothing that could be relied on.
    let text = String::from_utf8(bytes).ok();
    let facts = text.and_then(|text| html::scan(&text).ok()).map(|page| page.facts);
    let facts = cache.put(key(&hash), facts.unwrap_or_default(), &[]);
    Some((hash, facts.map_or_else(|facts| facts, |entry| entry.meta)))
}

impl Surveyed {
    fn page(
        file: &SourceFile,
        hash: ContentHash,
        facts: &PageFacts,
        options: &Options,
        behaviour: Behaviour,
    ) -> Self {
        let early_links = match options.early_hints {
            EarlyHints::Off => EarlyLinks::default(),
            EarlyHints::On => {
                early_links(&facts.hints, facts.base.as_deref(), &file.route.url_path_in(behaviour))
            }
        };
        Self { hash: Some(hash), early_links, has_code_hashes: facts.has_code_hashes }
    }

    /// Returns what there is to say of what a page does not send ahead.
    pub(crate) fn diagnostic(&self, name: &str) -> Option<Diagnostic> {
        let left_out = self.early_links.left_out;
        let message = format!("{left_out} of its links are not sent ahead: they are too many");
        (left_out > 0).then(|| Diagnostic::note(Stage::Transform, name, message))
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
            let before = cache.get::<PageFacts>(key(&self.files[index].hash?))?.meta;
            let (hash, now) = facts(&file.path, None, cache)?;
            let routes = site.files.iter().map(|file| &file.route).collect();
            let usage = |page| Usage::of_page(&file.route, page, &routes);
            if before != now && usage(&before) != usage(&now) {
                return None;
            }
            Surveyed::page(file, hash, &now, options, site.rules.behaviour)
        } else {
            Surveyed::default()
        };
        Some(())
    }

    /// Returns how a file may be transformed, by what is around it.
    pub(crate) fn how(&self, site: &Site, index: usize) -> How {
        let route = &site.files[index].route;
        let names_code = site.inline_hashes == InlineHashes::InHeaders;
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
