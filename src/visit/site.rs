//! The visits of all pages of a site.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::loading::Visit;
use super::page::{Form, Named};
use super::reply::{Replies, site_url, target};
use super::report::{Freshness, Load, LoadKind, LoadTime, PageWeight};
use super::style::StyleFacts;
use crate::asset::media_type::{CodeLanguage, Language, MediaType};
use crate::feedback::error::PackError;
use crate::tabulate::{AssetEntry, AssetTable};
use crate::transform::javascript::Imports;

/// The facts about the files that pages load, by their numbers in the table.
pub(super) struct Facts {
    pub(super) styles: BTreeMap<usize, StyleFacts>,
    pub(super) modules: BTreeMap<usize, Imports>,
}

impl Facts {
    fn of(assets: &AssetTable) -> Result<Self, PackError> {
        let entries = || assets.entries().par_iter().enumerate();
        let is = |entry: &AssetEntry, language| {
            entry.media_type.language() == Some(Language::Code(language))
        };
        let styles = entries().filter(|(_, entry)| is(entry, CodeLanguage::Css));
        let styles = styles.map(|(index, entry)| Ok((index, StyleFacts::of_sheet(&text(entry)?))));
        let modules = entries().filter(|(_, entry)| is(entry, CodeLanguage::JavaScript));
        let modules = modules.map(|(index, entry)| {
            // A classic script that is not valid as a module imports nothing.
            Ok((index, Imports::of(&text(entry)?).unwrap_or_default()))
        });
        Ok(Self {
            styles: styles.collect::<Result<_, PackError>>()?,
            modules: modules.collect::<Result<_, PackError>>()?,
        })
    }
}

/// Visits all pages, sorted by URL. The traffic of second visits is still zero.
pub(super) fn visits(
    assets: &AssetTable,
    replies: &Replies<'_>,
) -> Result<Vec<PageWeight>, PackError> {
    let facts = Facts::of(assets)?;
    let table = replies.table();
    let is_page = |entry: &&AssetEntry| is_page(&entry.media_type);
    let pages: Vec<&AssetEntry> = assets.entries().iter().filter(is_page).collect();
    let weigh = |entry: &&AssetEntry| {
        let path = entry.route.url_path_in(table.behaviour());
        let url = site_url(&worker_pack_runtime::packer::path::encode(&path));
        let mut visit = Visit::new(replies, &table, &facts);
        let (kind, time, form) = (LoadKind::Document, LoadTime::First, Form::Plain);
        visit.document(&Named { url: url.clone(), kind, time, form }, 0)?;
        Ok(visit.weight(target(&url), entry.name.clone()))
    };
    let mut pages = pages.par_iter().map(weigh).collect::<Result<Vec<_>, PackError>>()?;
    pages.sort_by(|a, b| a.url.cmp(&b.url));
    Ok(pages)
}

/// Returns whether a media type is that of pages.
pub(super) fn is_page(media_type: &MediaType) -> bool {
    media_type.language() == Some(Language::Html) || media_type.as_str() == "application/xhtml+xml"
}

/// Sets the traffic of second visits, after one of the entry page.
pub(super) fn visit_again(pages: &mut [PageWeight], entry: &str, replies: &Replies<'_>) {
    let Some(first) = pages.iter().find(|page| page.url == entry) else { return };
    let is_stored =
        |load: &&Load| load.time == LoadTime::First && load.freshness != Freshness::NotStored;
    let stored: BTreeMap<String, Freshness> = first
        .loads
        .iter()
        .filter(is_stored)
        .map(|load| (load.url.clone(), load.freshness))
        .collect();
    let table = replies.table();
    let has_dictionary = |load: &&Load| load.kind == LoadKind::Dictionary;
    let dictionary = first.loads.iter().find(has_dictionary).and_then(|load| {
        let fetched = replies.fetch(&table, &site_url(&load.url), load.kind, None);
        replies.asset_of(&fetched).map(|asset| asset.identity.hash())
    });
    for page in pages {
        for load in page.loads.iter().filter(|load| load.time == LoadTime::First) {
            match stored.get(&load.url) {
                Some(Freshness::Fresh) => {}
                Some(_) => page.second.add(0),
                None => page.second.add(match (load.kind, dictionary) {
                    (LoadKind::Document, Some(_)) => {
                        let url = site_url(&load.url);
                        replies.fetch(&table, &url, load.kind, dictionary).bytes_of(&load.url)
                    }
                    _ => load.bytes,
                }),
            }
        }
    }
}

/// Returns the text of a file, minified.
pub(super) fn text(entry: &AssetEntry) -> Result<String, PackError> {
    Ok(String::from_utf8_lossy(&entry.identity.read()?).into_owned())
}
