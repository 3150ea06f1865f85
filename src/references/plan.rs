//! The plan: which files may have a fingerprint, where their names are written, and why others keep theirs.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use rayon::prelude::*;

use super::answers::answered_alike;
use super::fixed::Fixed;
use super::locate::Spot;
use super::mention::Mentions;
use super::order::circular;
use super::planned::PlannedText;
use super::report::{NameReason, TextPlace};
use super::text::{Contents, Reading, Text};
use crate::asset::cache_policy::CachePolicy;
use crate::asset::media_type::{CodeLanguage, Language, MediaType};
use crate::asset::route::RoutePath;
use crate::ingest::{Site, SourceFile};
use crate::options::{Fidelity, Fingerprints, Options};
use crate::survey::{Survey, is_read, other_texts};

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
        let mut plan =
            Self { texts: PlannedText::of_site(site, survey, options), ..Self::default() };
        for (index, text) in &mut plan.texts {
            plan.files.extend(text.targets());
            let links = std::mem::take(&mut text.links);
            if !links.is_empty() {
                plan.links.insert(*index, links);
            }
        }
        plan.files.retain(|index| can_be_named(&site.files[*index]));
        let fixed = Fixed::of(site, plan.texts.keys().chain(&plan.files).copied());
        plan.drop_unchanged(&fixed);
        plan.keep(|index| reason_by_itself(site, survey, index).map(KeptName::from));
        let alike = answered_alike(site, &plan.files);
        plan.keep(|index| {
            (!alike.contains(&index)).then_some(NameReason::AnsweredOtherwise.into())
        });
        let drawings = plan.texts.iter().filter(|(_, text)| !text.relative.is_empty());
        let looked_for: BTreeSet<usize> =
            drawings.map(|(index, _)| *index).chain(plan.files.iter().copied()).collect();
        let places = mentions(site, survey, &looked_for);
        plan.decide_on_drawings(|drawing| places.contains_key(&drawing));
        plan.keep(|index| {
            let place = places.get(&index)?.clone();
            Some(KeptName { reason: NameReason::Mentioned, place: Some(place) })
        });
        let circular = circular(&plan.edges());
        plan.keep(|index| circular.contains(&index).then_some(NameReason::Circular.into()));
        plan.keep_what_fixed_texts_load(site, &fixed);
        plan
    }

    /// Decides whether the relative references of drawings are rewritten: unless another text may use their
    /// elements. `is_mentioned` says so of those whose name occurs outside of a reference.
    fn decide_on_drawings(&mut self, is_mentioned: impl Fn(usize) -> bool) {
        let used: BTreeSet<usize> =
            self.texts.values().flat_map(|text| text.used.iter().copied()).collect();
        for (index, text) in &mut self.texts {
            let relative = std::mem::take(&mut text.relative);
            if !used.contains(index) && !is_mentioned(*index) {
                text.spots.extend(relative);
                text.spots.sort();
            }
        }
        let loaded: BTreeSet<usize> =
            self.texts.values().flat_map(|text| &text.spots).map(|spot| spot.target).collect();
        self.files.retain(|index| loaded.contains(index));
    }

    /// Removes the files that a reason is found for.
    pub(super) fn keep(&mut self, reason: impl Fn(usize) -> Option<KeptName>) {
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

/// Returns whether a file is of a type that pages load by a name of no other use, and has no fingerprint yet.
fn can_be_named(file: &SourceFile) -> bool {
    let is_type = |media_type: MediaType| {
        let name = media_type.as_str();
        let types = ["text/css", "application/pdf", "application/vnd.ms-fontobject"];
        let kinds = ["image/", "font/", "audio/", "video/"];
        types.contains(&name) || kinds.iter().any(|kind| name.starts_with(kind))
    };
    let is_of_bundler = CachePolicy::of(&file.route) == CachePolicy::Immutable;
    // A picture or a font of the bundler has a hash of all its bytes. A text of it may name files that get a
    // fingerprint.
    let is_text = file.certain_type().is_some_and(|it| it.language().is_some());
    (is_text || !is_of_bundler)
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
        let text = Text::of_file(site, survey, *index, bytes.clone(), Reading::ByType);
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
