//! The plan: which files may have a fingerprint, where their names are written, and why others keep theirs.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use rayon::prelude::*;

use super::answers::answered_alike;
use super::locate::{Locator, Spot};
use super::mention::Mentions;
use super::order::circular;
use super::report::{NameReason, TextPlace};
use super::text::{Contents, Text};
use crate::asset::cache_policy::CachePolicy;
use crate::asset::digest::ContentHash;
use crate::asset::media_type::{CodeLanguage, Language, MediaType};
use crate::asset::route::RoutePath;
use crate::ingest::{Site, SourceFile};
use crate::options::{Fidelity, Fingerprints, Options};
use crate::survey::{Survey, is_read, other_texts};
use crate::transform::reference::{Reference, References, Role};

/// The files that may have a fingerprint, and the texts that name them. Files are given by their indices in
/// the site.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) files: BTreeSet<usize>,
    pub(super) texts: BTreeMap<usize, PlannedText>,
    /// The places of names in the `Link` fields of pages.
    pub(super) links: BTreeMap<usize, Vec<Spot>>,
    /// The files that keep their names although a text loads them.
    pub(super) kept: BTreeMap<usize, KeptName>,
}

/// A text that names other files.
#[derive(Debug)]
pub(super) struct PlannedText {
    /// The hash of its bytes as packed.
    pub(super) hash: ContentHash,
    /// The places of the names, in the order of the text.
    pub(super) spots: Vec<Spot>,
    links: Vec<Spot>,
}

/// The reason why a file keeps its name.
#[derive(Clone, Debug)]
pub(super) struct KeptName {
    pub(super) reason: NameReason,
    pub(super) place: Option<TextPlace>,
}

impl From<NameReason> for KeptName {
    fn from(reason: NameReason) -> Self {
        Self { reason, place: None }
    }
}

impl Plan {
    /// Makes the plan of a site. Without the option it is empty. So it is where Cloudflare is followed to the
    /// letter, which revalidates every file.
    pub(super) fn of(site: &Site, survey: &Survey, options: &Options) -> Self {
        let is_off = options.fingerprints == Fingerprints::Off
            || site.rules.behaviour.fidelity == Fidelity::Strict;
        if is_off {
            return Self::default();
        }
        let locator = Locator::new(site);
        let indices: Vec<usize> = (0..site.files.len()).collect();
        let texts = indices.par_iter().filter_map(|index| {
            Some((*index, PlannedText::of_file(site, survey, &locator, *index)?))
        });
        let mut plan = Self { texts: texts.collect(), ..Self::default() };
        for (index, text) in &mut plan.texts {
            plan.files.extend(text.spots.iter().map(|spot| spot.target));
            let links = std::mem::take(&mut text.links);
            if !links.is_empty() {
                plan.links.insert(*index, links);
            }
        }
        plan.files.retain(|index| can_be_named(&site.files[*index]));
        plan.keep(|index| reason_by_itself(site, survey, index).map(KeptName::from));
        let alike = answered_alike(site, &plan.files);
        plan.keep(|index| {
            (!alike.contains(&index)).then_some(NameReason::AnsweredOtherwise.into())
        });
        let places = mentions(site, survey, &plan.files);
        plan.keep(|index| {
            let place = places.get(&index)?.clone();
            Some(KeptName { reason: NameReason::Mentioned, place: Some(place) })
        });
        let circular = circular(&plan.edges());
        plan.keep(|index| circular.contains(&index).then_some(NameReason::Circular.into()));
        plan
    }

    /// Removes the files that a reason is found for.
    fn keep(&mut self, reason: impl Fn(usize) -> Option<KeptName>) {
        let kept = &mut self.kept;
        self.files.retain(|index| match reason(*index) {
            Some(reason) => {
                kept.insert(*index, reason);
                false
            }
            None => true,
        });
    }

    /// Returns the files with a fingerprint that each of them names.
    pub(super) fn edges(&self) -> BTreeMap<usize, BTreeSet<usize>> {
        let targets = |index: &usize| {
            let spots = self.texts.get(index).into_iter().flat_map(|text| &text.spots);
            let targets =
                spots.map(|spot| spot.target).filter(|target| self.files.contains(target));
            (*index, targets.collect())
        };
        self.files.iter().map(targets).collect()
    }
}

impl PlannedText {
    /// Reads a file. Returns `None` if it names no file that it may name otherwise.
    fn of_file(site: &Site, survey: &Survey, locator: &Locator<'_>, index: usize) -> Option<Self> {
        let file = &site.files[index];
        let language = file.media_type(|| file.head()).ok()?.media_type.language();
        if !matches!(language, Some(Language::Html | Language::Code(CodeLanguage::Css))) {
            return None;
        }
        let text = Text::of_file(site, survey, index, file.content.read().ok()?)?;
        let Contents::Read { references, allowance } = &text.contents else { return None };
        let address = locator.address(index)?;
        let permitted = references.all.iter().filter(|reference| allowance.permits(reference));
        let spots: Vec<Spot> = permitted
            .filter_map(|reference| locator.find(&text.source, references, reference, &address))
            .collect();
        if spots.is_empty() {
            return None;
        }
        let links = survey.files[index].early_links.field.as_deref().map(|field| {
            let references = of_link(field);
            let find = |one| locator.find(field, &references, one, &address);
            references.all.iter().filter_map(find).collect()
        });
        Some(Self { hash: text.hash, spots, links: links.unwrap_or_default() })
    }
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

/// Returns whether a file is of a type that pages load by a name of no other use, and has no fingerprint yet.
fn can_be_named(file: &SourceFile) -> bool {
    let is_type = |media_type: MediaType| {
        let name = media_type.as_str();
        let types = ["text/css", "application/pdf", "application/vnd.ms-fontobject"];
        let kinds = ["image/", "font/", "audio/", "video/"];
        types.contains(&name) || kinds.iter().any(|kind| name.starts_with(kind))
    };
    CachePolicy::of(&file.route) != CachePolicy::Immutable
        && !file.route.is_made_by_packer()
        && file.certain_type().is_some_and(is_type)
}

/// Returns the reason why a file keeps its name that does not depend on other files.
fn reason_by_itself(site: &Site, survey: &Survey, index: usize) -> Option<NameReason> {
    let file = &site.files[index];
    let is_well_known = file.route.as_str() == "/favicon.ico"
        || file.route.as_str().split('/').any(|folder| folder == ".well-known");
    if is_well_known {
        Some(NameReason::WellKnown)
    } else if survey.is_downloaded(site, index) {
        Some(NameReason::Downloaded)
    } else if file.settings.cache.is_some() {
        Some(NameReason::ByRule)
    } else {
        None
    }
}

/// Returns the first place of each file's name that is neither in a reference nor in what no program compares
/// with a URL.
fn mentions(site: &Site, survey: &Survey, files: &BTreeSet<usize>) -> BTreeMap<usize, TextPlace> {
    let names = files.iter().map(|index| (*index, site.files[*index].route.file_name()));
    let Some(mentions) = Mentions::of(names) else {
        let nowhere = TextPlace { file: String::new(), line: 1, column: 1 };
        return files.iter().map(|index| (*index, nowhere.clone())).collect();
    };
    let indices: Vec<usize> = (0..site.files.len()).collect();
    let of_files = indices.par_iter().flat_map_iter(|index| {
        let file = &site.files[*index];
        let is_read = is_read(&file.route, file.state.len());
        let bytes = is_read.then(|| file.content.read().ok()).flatten().unwrap_or_default();
        let found: Vec<Found> =
            mentions.find(&bytes).map(|(range, of)| (range, of.to_vec())).collect();
        if found.is_empty() {
            return Vec::new();
        }
        let text = Text::of_file(site, survey, *index, bytes.clone());
        let is_explained = |(range, _): &Found| match text.as_ref().map(|text| &text.contents) {
            Some(Contents::Inert) => true,
            Some(Contents::Read { references, .. }) => references.explain(range),
            Some(Contents::Opaque) | None => false,
        };
        places(&file.name, &bytes, found.into_iter().filter(|found| !is_explained(found)))
    });
    let of_others =
        other_texts(site).into_iter().filter(|text| is_code(&text.name)).flat_map(|text| {
            let found = mentions.find(&text.bytes).map(|(range, of)| (range, of.to_vec()));
            places(&text.name, &text.bytes, found)
        });
    let mut first = BTreeMap::new();
    let mut all: Vec<(usize, TextPlace)> = of_files.collect();
    all.extend(of_others);
    all.sort();
    for (index, place) in all {
        first.entry(index).or_insert(place);
    }
    first
}

/// A name in a text, with the files that it may mean.
type Found = (Range<usize>, Vec<usize>);

/// Returns the first place of each file.
fn places(name: &str, bytes: &[u8], found: impl Iterator<Item = Found>) -> Vec<(usize, TextPlace)> {
    let mut first = BTreeMap::<usize, usize>::new();
    for (range, files) in found {
        for index in files {
            first.entry(index).or_insert(range.start);
        }
    }
    first.into_iter().map(|(index, at)| (index, TextPlace::of(name, bytes, at))).collect()
}

/// Returns whether a file that is not public is code, by its name.
fn is_code(name: &str) -> bool {
    let route = RoutePath::from_relative(name.as_ref());
    let media_type = route.as_ref().and_then(MediaType::by_name);
    let language = media_type.and_then(|media_type| media_type.language());
    matches!(
        language,
        Some(Language::Html | Language::Code(CodeLanguage::JavaScript | CodeLanguage::Css))
    )
}
