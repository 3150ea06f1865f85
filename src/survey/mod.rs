//! Stage 2: reads what the pages of a site reveal about its files.
//!
//! A file's transform depends on the pages that load it, so all pages are read before the first
//! file is transformed. Pages themselves are not held in memory, only the facts that later stages
//! need.

mod usage;

use std::collections::BTreeSet;

use rayon::prelude::*;
use worker_pack_runtime::Behaviour;

use crate::asset::digest::ContentHash;
use crate::asset::media_type::{Language, MediaType};
use crate::asset::route::RoutePath;
use crate::cache::{Cache, CacheKey, KnownFiles};
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::ingest::{Site, SourceFile};
use crate::options::{EarlyHints, Options, SourceMaps};
use crate::rules::InlineHashes;
use crate::transform::html::{EarlyLinks, PageFacts, early_links};
use crate::transform::{Preserve, TransformContext, UntouchedReason};
pub(crate) use usage::Usage;

/// Facts about the files of a site, collected before any of them is transformed.
#[derive(Debug)]
pub(crate) struct Survey {
    /// Facts about each file, in the order of [`Site::files`].
    pub(crate) files: Vec<Surveyed>,
    usage: Usage,
    /// The files that a published source map describes.
    mapped: BTreeSet<RoutePath>,
}

/// Facts about one file.
#[derive(Debug, Default)]
pub(crate) struct Surveyed {
    /// The hash of its bytes, if this run has read it, or an earlier one did and it is unchanged.
    pub(crate) hash: Option<ContentHash>,
    /// The early links of a page.
    pub(crate) early_links: EarlyLinks,
    /// True if a policy in the page lists hashes of its inline code.
    has_code_hashes: bool,
    /// The fingerprint of the files that a page loads, see [`Usage::fingerprint`].
    usage: Option<u64>,
}

/// Minimum size of a page whose facts are cached, in bytes. A smaller one is scanned just as fast.
const MIN_CACHED_LEN: u64 = 8 * 1024;

/// Maximum size of the facts about a page, as a multiple of the page. In JSON, a character may take six
/// bytes.
const MAX_QUOTED: usize = 8;

/// Files per parallel work item.
const CHUNK_FILES: usize = 64;

/// Collects the facts about a site's files, reading only pages whose facts are not in the cache.
pub(crate) fn survey(site: &Site, options: &Options, cache: &Cache, known: &KnownFiles) -> Survey {
    let routes: BTreeSet<&RoutePath> = site.files.iter().map(|file| &file.route).collect();
    let survey_file = |file: &SourceFile| {
        let hash = known.hash(&file.name, &file.state);
        // A page that cannot be read has no facts here. The next stage reads it again and reports
        // it.
        let facts = is_page(&file.route).then(|| facts(file, hash, cache)).flatten();
        match facts {
            None => (Surveyed { hash, ..Surveyed::default() }, Usage::default()),
            Some((hash, facts)) => {
                let usage = Usage::of_page(&file.route, &facts, &routes);
                (Surveyed::page(file, hash, &facts, &usage, options, site.rules.behaviour), usage)
            }
        }
    };
    // Pages load much the same files, so each chunk merges the usages of its pages at once.
    let chunks: Vec<(Vec<Surveyed>, Usage)> = site
        .files
        .par_chunks(CHUNK_FILES)
        .map(|files| {
            let (files, usages): (Vec<_>, Vec<_>) = files.iter().map(survey_file).unzip();
            (files, usages.into_iter().fold(Usage::default(), Usage::merge))
        })
        .collect();
    let (files, usages): (Vec<_>, Vec<_>) = chunks.into_iter().unzip();
    let files = files.into_iter().flatten().collect();
    let usage = usages.into_iter().fold(Usage::default(), Usage::merge);
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

/// Returns the hash of a page and its facts, from the cache if possible. `known` is the hash from
/// an earlier run, which saves reading the page. Returns `None` if the page cannot be read.
fn facts(
    file: &SourceFile,
    known: Option<ContentHash>,
    cache: &Cache,
) -> Option<(ContentHash, PageFacts)> {
    let key = |hash: &ContentHash| CacheKey::new("page", &[hash.as_bytes()]);
    let is_cached = file.state.len() >= MIN_CACHED_LEN;
    let find = |hash: ContentHash| {
        let max_len = usize::try_from(file.state.len()).ok()?.saturating_mul(MAX_QUOTED);
        let get = || cache.get_meta::<PageFacts>(key(&hash), max_len, |_| true);
        Some((hash, is_cached.then(get).flatten()?))
    };
    if let Some(cached) = known.and_then(find) {
        return Some(cached);
    }
    let bytes = file.content.read().ok()?;
    let hash = ContentHash::of(&bytes);
    if let Some(cached) = find(hash) {
        return Some(cached);
    }
    let facts = if let Ok(text) = str::from_utf8(&bytes) {
        PageFacts::of(text)
    } else {
        // Browsers read such a page as UTF-16 if it has a byte order mark, and else as this encoding
        // unless it names another one, which agrees in ASCII. Its links would need the right one.
        let (text, _, _) = encoding_rs::WINDOWS_1252.decode(&bytes);
        PageFacts { hints: Vec::new(), ..PageFacts::of(&text) }
    };
    if !is_cached {
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
        Self { hash: Some(hash), early_links, has_code_hashes, usage: Some(usage.fingerprint()) }
    }

    /// Returns a note if the page has more early links than the limits allow.
    pub(crate) fn diagnostic(&self, name: &str) -> Option<Diagnostic> {
        let left_out = self.early_links.left_out;
        let message = match left_out {
            0 => return None,
            1 => "1 link is not sent as an Early Hint: the page has too many".to_owned(),
            count => format!("{count} links are not sent as Early Hints: the page has too many"),
        };
        let help = "preload only what the page needs first";
        Some(Diagnostic::note(Code::HtmlTooManyEarlyHints, name, message).with_help(help))
    }
}

impl Survey {
    /// Updates the facts about a changed file. Returns `None` if that is not enough, because it is
    /// a page that loads other files than before, or could not be read before or now: then the
    /// whole site must be surveyed again.
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
            // A page that loads other files changes how those have to be transformed.
            if self.files[index].usage != Some(usage.fingerprint()) {
                return None;
            }
            Surveyed::page(file, hash, &facts, &usage, options, site.rules.behaviour)
        } else {
            Surveyed::default()
        };
        Some(())
    }

    /// Returns the context that a file is to be transformed in.
    pub(crate) fn context(&self, site: &Site, index: usize) -> TransformContext {
        let route = &site.files[index].route;
        let has_hashes_in_headers = site.rules.inline_hashes == InlineHashes::InHeaders;
        // The strictest requirement wins: a whole file before the inline code of a page.
        let preserve = if self.usage.is_checked(route) {
            Preserve::All(UntouchedReason::IntegrityChecked)
        } else if self.mapped.contains(route) {
            Preserve::All(UntouchedReason::SourceMapPublished)
        } else if has_hashes_in_headers || self.files[index].has_code_hashes {
            Preserve::InlineCode
        } else {
            Preserve::Nothing
        };
        TransformContext { preserve, script_kind: self.usage.script_kind(route) }
    }
}
