//! Dictionaries (RFC 9842): pages that are sent as their difference to another page, which a browser has fetched
//! beforehand.
//!
//! A dictionary is a copy of a real page, stored once under a name with its hash. Pages announce it by their `Link`
//! field, so that no page is edited, and each page has one more representation that is encoded with it. A page
//! itself is never a dictionary: browsers keep one only as long as it is fresh, and a page is not.

mod choice;
mod deltas;
mod encoding;
mod group;
mod page;
mod plan;
mod scope;
mod serving;

use rayon::prelude::*;

use crate::asset::blob::Blob;
use crate::asset::cache_policy::CachePolicy;
use crate::asset::media_type::MediaType;
use crate::asset::variant::Variant;
use crate::cache::Cache;
use crate::coding::Effort;
use crate::feedback::diagnostic::Diagnostic;
use crate::feedback::error::PackError;
use crate::tabulate::{AssetEntry, AssetTable};
use crate::transform::Outcome;
pub(crate) use deltas::for_hashed_files;
use page::{Announcement, Page};
use plan::{Plan, Planned};
use scope::Scope;
use serving::Serving;

/// A table with dictionaries, and what is to say about them.
pub(crate) struct WithDictionaries {
    pub(crate) table: AssetTable,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// Adds dictionaries for pages to a table: to each group of pages the one that saves most, if it pays.
///
/// # Errors
/// If a body cannot be read, because the site or the cache has changed.
pub(crate) fn for_pages(
    table: &AssetTable,
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
    let mut diagnostics = page::blocked(&pages);
    let mut entries = table.entries().to_vec();
    let groups = group::groups(&pages);
    if groups.is_empty() {
        diagnostics.push(plan::too_few(pages.len()));
    }
    for group in groups {
        let Planned { plans, notes } = plan::plan(&group, table, effort, cache)?;
        diagnostics.extend(notes);
        for plan in plans {
            add(&mut entries, &plan);
        }
    }
    let table = AssetTable::new(entries, table.rules().clone());
    Ok(WithDictionaries { table, diagnostics })
}

/// Adds a dictionary, its announcements and the bodies that are encoded with it.
fn add(entries: &mut Vec<AssetEntry>, plan: &Plan<'_, '_>) {
    let Plan { scope, page, bodies } = plan;
    let dictionary = entry(scope, page.entry);
    let url = dictionary.route.as_str();
    let link = format!("<{url}>; rel=\"compression-dictionary\"");
    for (page, body) in bodies {
        let entry = &mut entries[page.index];
        if page.announcement == Announcement::Allowed {
            entry.link = Some(match entry.link.take() {
                Some(earlier) => format!("{earlier}, {link}"),
                None => link.clone(),
            });
        }
        entry.variants.extend(body.iter().map(|body| variant(&dictionary.identity, body)));
    }
    entries.push(dictionary);
}

fn variant(dictionary: &Blob, body: &Blob) -> Variant {
    Variant {
        coding: worker_pack_runtime::Coding::DictionaryBrotli,
        content_type: None,
        dictionary: Some(dictionary.hash()),
        body: body.clone(),
    }
}

/// Makes the asset of a dictionary: a copy of a page, of which it shares the bodies.
fn entry(scope: &Scope, page: &AssetEntry) -> AssetEntry {
    let media_type = MediaType::essence("application/octet-stream");
    let route = scope.route(page.identity.hash());
    AssetEntry {
        name: route.as_str()[1..].to_owned(),
        route,
        content_type: media_type.to_string(),
        media_type,
        cache_policy: CachePolicy::Immutable,
        source_len: page.identity.len(),
        outcome: Outcome::NotMinifiable,
        rules: Vec::new(),
        link: None,
        named_by: None,
        identity: page.identity.clone(),
        encoded: page.encoded.clone(),
        variants: Vec::new(),
        use_as_dictionary: Some(scope.use_as_dictionary()),
    }
}
