//! The texts that name other files, with the places of the names.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::answers::PLACEHOLDER;
use super::locate::{Address, Locator, Spot};
use super::parsers::Parsers;
use super::plan::is_script;
use super::text::{Contents, Reading, Text, is_app_manifest};
use crate::asset::digest::ContentHash;
use crate::asset::media_type::{CodeLanguage, Language};
use crate::ingest::Site;
use crate::options::{Options, SourceMaps};
use crate::survey::Survey;
use crate::transform::reference::{Reference, References, Role};

/// A text that names other files. Files are given by their indices in the site.
#[derive(Debug)]
pub(super) struct PlannedText {
    /// The hash of its bytes as packed.
    pub(super) hash: ContentHash,
    /// The places of the names, in the order of the text.
    pub(super) spots: Vec<Spot>,
    /// The places of names in a drawing that are relative to its URL. They are none where its elements are used.
    pub(super) relative: Vec<Spot>,
    /// The drawings whose elements it uses.
    pub(super) used: BTreeSet<usize>,
    /// The places of names in its `Link` field.
    pub(super) links: Vec<Spot>,
    /// The files that it calls manifests of web apps.
    manifests: BTreeSet<usize>,
    is_script: bool,
}

impl PlannedText {
    /// Reads the texts of a site that name other files: first those whose types tell what they are, then the
    /// manifests that pages name.
    pub(super) fn of_site(
        site: &Site,
        survey: &Survey,
        options: &Options,
        parsers: Parsers<'_>,
    ) -> BTreeMap<usize, Self> {
        let locator = Locator::new(site);
        let read = |index: &usize, reading| {
            let text = Self::of_file(site, survey, &locator, *index, reading, parsers)?;
            // A source map describes a script as the build wrote it.
            let is_mapped = text.is_script && options.source_maps != SourceMaps::LeaveOut;
            (!is_mapped).then_some((*index, text))
        };
        let indices: Vec<usize> = (0..site.files.len()).collect();
        let of_pages = indices.par_iter().filter_map(|index| read(index, Reading::ByType));
        let mut texts: BTreeMap<usize, Self> = of_pages.collect();
        let manifests: BTreeSet<usize> =
            texts.values().flat_map(|text| text.manifests.iter().copied()).collect();
        let others = manifests.iter().filter(|index| !texts.contains_key(index));
        let others: Vec<_> = others.filter_map(|index| read(index, Reading::AppManifest)).collect();
        texts.extend(others);
        texts
    }

    /// Returns the files that it may name otherwise.
    pub(super) fn targets(&self) -> impl Iterator<Item = usize> {
        self.spots.iter().chain(&self.relative).map(|spot| spot.target)
    }

    /// Reads a file. Returns `None` if nothing in it depends on names of files.
    fn of_file(
        site: &Site,
        survey: &Survey,
        locator: &Locator<'_>,
        index: usize,
        reading: Reading,
        parsers: Parsers<'_>,
    ) -> Option<Self> {
        let file = &site.files[index];
        let media_type = file.media_type(|| file.head()).ok()?.media_type;
        let is_read = match media_type.language()? {
            Language::Html
            | Language::Code(CodeLanguage::Css | CodeLanguage::JavaScript | CodeLanguage::Svg) => {
                true
            }
            Language::Code(CodeLanguage::Json) => {
                reading == Reading::AppManifest || is_app_manifest(&media_type)
            }
            Language::Code(CodeLanguage::Xml) => false,
        };
        if !is_read {
            return None;
        }
        let bytes = file.content.read().ok()?;
        let Text { hash, source, contents } =
            Text::of_file(site, survey, index, bytes, reading, parsers)?;
        let Contents::Read { references, allowance } = &contents else { return None };
        let address = locator.address(index)?;
        let is_drawing = media_type.language() == Some(Language::Code(CodeLanguage::Svg));
        let (mut spots, mut relative) = (Vec::new(), Vec::new());
        for reference in references.all.iter().filter(|reference| allowance.permits(reference)) {
            let Some(spot) = locator.find(&source, references, reference, &address) else {
                continue;
            };
            // It may be a service worker.
            if reference.role == Role::Resolved && is_script(&site.files[spot.target]) {
                continue;
            }
            let is_relative = !source[reference.range.clone()].trim_ascii_start().starts_with('/');
            if is_drawing && is_relative { relative.push(spot) } else { spots.push(spot) }
        }
        let names_script = spots.iter().any(|spot| is_script(&site.files[spot.target]));
        let can_be_rewritten =
            |language| parsers.can_be_rewritten(&source, language, &spots, PLACEHOLDER);
        if names_script && !media_type.language().is_some_and(can_be_rewritten) {
            spots.clear();
        }
        let targets = |role| -> BTreeSet<usize> {
            let with_role = references.all.iter().filter(|one| one.role == role);
            let found = with_role.filter_map(|one| {
                let written = source.get(one.range.clone())?.trim_ascii();
                locator.target(written, one.range.start, &references.base, &address)
            });
            found.collect()
        };
        let (used, manifests) = (targets(Role::Used), targets(Role::Manifest));
        if spots.is_empty() && relative.is_empty() && used.is_empty() && manifests.is_empty() {
            return None;
        }
        let links = links(survey, locator, index, &address);
        let is_script = is_script(file);
        Some(Self { hash, spots, relative, used, links, manifests, is_script })
    }
}

/// Returns the places of names in the `Link` field of a page.
fn links(survey: &Survey, locator: &Locator<'_>, index: usize, address: &Address) -> Vec<Spot> {
    let Some(field) = survey.files[index].early_links.field.as_deref() else { return Vec::new() };
    let references = of_link(field);
    let find = |one| locator.find(field, &references, one, address);
    references.all.iter().filter_map(find).collect()
}

/// Returns the references of a `Link` field (RFC 8288 §3). Its targets contain no angle brackets.
pub(super) fn of_link(field: &str) -> References {
    let mut all = Vec::new();
    let mut at = 0;
    while let Some(start) = field[at..].find('<').map(|found| at + found + 1) {
        let Some(end) = field[start..].find('>').map(|found| start + found) else { break };
        all.push(Reference { range: start..end, role: Role::Loaded });
        at = end;
    }
    References { all, ..References::default() }
}
