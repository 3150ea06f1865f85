//! Dictionaries (RFC 9842): pages that are sent as their difference to another page, which a browser has fetched
//! beforehand.
//!
//! A dictionary is a copy of a real page, stored once under a name with its hash. Pages announce it by their `Link`
//! field, so that no page is edited, and each page has one more representation that is encoded with it. A page
//! itself is never a dictionary: browsers keep one only as long as it is fresh, and a page is not.
//!
//! With the option `keep`, a dictionary of an earlier build stays as long as it is nearly as good as the best page,
//! since browsers have it. One that was replaced is served for a while, and pages have bodies for both.

mod choice;
mod deltas;
mod encoding;
mod group;
mod page;
mod plan;
mod scope;
mod serving;
mod source;

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::asset::blob::Blob;
use crate::asset::dictionary::DictionaryOrigin;
use crate::asset::digest::ContentHash;
use crate::asset::variant::Variant;
use crate::cache::Cache;
use crate::coding::Effort;
use crate::feedback::diagnostic::Diagnostic;
use crate::feedback::error::PackError;
use crate::retention::{AnnouncedDictionary, EarlierDictionaries};
use crate::tabulate::{AssetEntry, AssetTable};
pub(crate) use deltas::for_hashed_files;
use page::{Announcement, Page};
use plan::{Plan, Planned, Planning, Replaced, Uses};
use serving::Serving;
use source::{ANNOUNCED, REPLACED, Source, Survivor};

/// A table with dictionaries, and what is to say about them.
pub(crate) struct WithDictionaries {
    pub(crate) table: AssetTable,
    /// The dictionaries of the table, those of a group of pages after each other.
    pub(crate) made: Vec<MadeDictionary>,
    /// The dictionaries of earlier builds that are copies of what is no longer a public page.
    pub(crate) withdrawn: BTreeSet<ContentHash>,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// A dictionary of a table, and what it is used for. Sizes are in bytes.
pub(crate) struct MadeDictionary {
    /// The dictionary as the store of earlier builds keeps it.
    pub(crate) dictionary: AnnouncedDictionary,
    /// The file of the page that it is, or was, a copy of.
    pub(crate) file: String,
    pub(crate) origin: DictionaryOrigin,
    /// Its size as sent.
    pub(crate) len: usize,
    /// The size of its body for browsers that have the one before, if there is such a body.
    pub(crate) difference: Option<usize>,
    /// The number of pages that announce it.
    pub(crate) announced: usize,
    /// The number of pages with a body for it.
    pub(crate) pages: usize,
    /// The size of these pages without it.
    pub(crate) without: usize,
    /// The size of these bodies.
    pub(crate) with: usize,
    /// The number of further pages of a visit after which it has saved more than it costs.
    pub(crate) pays_after: usize,
}

/// Adds dictionaries for pages to a table: to each group of pages the one that saves most, if it pays. One of an
/// earlier build is preferred.
///
/// # Errors
/// If a body cannot be read, because the site or the cache has changed.
pub(crate) fn for_pages(
    table: &AssetTable,
    earlier: &EarlierDictionaries,
    effort: Effort,
    cache: &Cache,
) -> Result<WithDictionaries, PackError> {
    let replies = Serving::of(table);
    let asked = replies.table();
    let pages: Vec<Option<Page<'_>>> = table
        .entries()
        .par_iter()
        .enumerate()
        .map(|(index, entry)| Page::read(index, entry, &asked))
        .collect::<Result<_, PackError>>()?;
    let pages: Vec<Page<'_>> = pages.into_iter().flatten().collect();
    let mut survivors = Vec::new();
    let mut withdrawn = BTreeSet::new();
    for dictionary in &earlier.all {
        match Survivor::find(dictionary, &pages) {
            Some(survivor) => survivors.push(survivor),
            None => drop(withdrawn.insert(dictionary.identity.hash())),
        }
    }
    let mut diagnostics = page::blocked(&pages);
    let mut entries = table.entries().to_vec();
    let mut made = Vec::new();
    let groups = group::groups(&pages);
    if groups.is_empty() {
        diagnostics.push(plan::too_few(pages.len()));
    }
    let mut planning = Planning { table, survivors, room: earlier.room, effort, cache };
    for group in groups {
        let Planned { plans, notes } = planning.plan(&group)?;
        diagnostics.extend(notes);
        for plan in plans {
            made.extend(add(&mut entries, &plan));
        }
    }
    let table = AssetTable::new(entries, table.rules().clone());
    Ok(WithDictionaries { table, made, withdrawn, diagnostics })
}

/// Adds a dictionary and the one that it has replaced, the announcements, and the bodies that are encoded with both.
fn add(entries: &mut Vec<AssetEntry>, plan: &Plan<'_, '_>) -> Vec<MadeDictionary> {
    let Plan { scope, uses, pays_after, replaced } = plan;
    let mut dictionary = uses.source.entry(scope, ANNOUNCED);
    let link = format!("<{}>; rel=\"compression-dictionary\"", dictionary.route);
    let announcing = || {
        let pages = uses.bodies.iter().map(|(page, _)| *page);
        pages.filter(|page| page.announcement == Announcement::Allowed)
    };
    for page in announcing() {
        let entry = &mut entries[page.index];
        entry.link = Some(match entry.link.take() {
            Some(earlier) => format!("{earlier}, {link}"),
            None => link.clone(),
        });
    }
    add_bodies(entries, uses);
    let origin = match uses.source {
        Source::Page(_) => DictionaryOrigin::ThisBuild,
        Source::Earlier(_) => DictionaryOrigin::EarlierBuild,
    };
    let made = made(&dictionary, uses, origin);
    let mut all =
        vec![MadeDictionary { announced: announcing().count(), pays_after: *pays_after, ..made }];
    if let Some(Replaced { uses, successor }) = replaced {
        let before = uses.source.entry(scope, REPLACED);
        add_bodies(entries, uses);
        let difference = successor.iter().map(|body| variant(&before.identity, body));
        dictionary.variants.extend(difference);
        all[0].difference = successor.as_ref().map(Blob::len);
        all.push(self::made(&before, uses, DictionaryOrigin::Replaced));
        entries.push(before);
    }
    entries.push(dictionary);
    all
}

/// Adds the bodies that are encoded with a dictionary.
fn add_bodies(entries: &mut [AssetEntry], Uses { source, bodies }: &Uses<'_, '_>) {
    for (page, body) in bodies {
        let variants = body.iter().map(|body| variant(source.identity(), body));
        entries[page.index].variants.extend(variants);
    }
}

/// Describes a dictionary that nothing announces.
fn made(entry: &AssetEntry, uses: &Uses<'_, '_>, origin: DictionaryOrigin) -> MadeDictionary {
    let page = uses.source.page().entry;
    let encoded = || uses.bodies.iter().filter_map(|(page, body)| Some((page, body.as_ref()?)));
    MadeDictionary {
        dictionary: AnnouncedDictionary {
            route: entry.route.clone(),
            use_as_dictionary: entry.use_as_dictionary.clone().unwrap_or_default(),
            page: page.route.clone(),
            identity: entry.identity.clone(),
        },
        file: page.name.clone(),
        origin,
        len: entry.preferred().len(),
        difference: None,
        announced: 0,
        pages: encoded().count(),
        without: encoded().map(|(page, _)| page.entry.preferred().len()).sum(),
        with: encoded().map(|(_, body)| body.len()).sum(),
        pays_after: 0,
    }
}

fn variant(dictionary: &Blob, body: &Blob) -> Variant {
    Variant {
        coding: worker_pack_runtime::Coding::DictionaryBrotli,
        content_type: None,
        dictionary: Some(dictionary.hash()),
        body: body.clone(),
    }
}
