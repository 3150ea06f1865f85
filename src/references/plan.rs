//! The plan: which files may have a fingerprint, where their names are written, and why others keep theirs.

use std::collections::{BTreeMap, BTreeSet};

use super::answers::answered_alike;
use super::fixed::Fixed;
use super::locate::Spot;
use super::mentioned::mentioned;
use super::parsers::Parsers;
use super::planned::PlannedText;
use super::report::{NameReason, TextPlace};
use super::server::ServerText;
use crate::asset::cache_policy::CachePolicy;
use crate::asset::media_type::{CodeLanguage, Language, MediaType};
use crate::ingest::{Site, SourceFile};
use crate::options::{Fidelity, Fingerprints, Options};
use crate::survey::{Survey, other_texts};

/// The files that may have a fingerprint, and the texts that name them. Files are given by their indices in
/// the site.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) files: BTreeSet<usize>,
    pub(super) texts: BTreeMap<usize, PlannedText>,
    /// The modules of the server that name files, by their names.
    pub(super) server: BTreeMap<String, ServerText>,
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

impl KeptName {
    pub(super) fn at(reason: NameReason, place: &TextPlace) -> Self {
        Self { reason, place: Some(place.clone()) }
    }
}

impl From<NameReason> for KeptName {
    fn from(reason: NameReason) -> Self {
        Self { reason, place: None }
    }
}

impl Plan {
    /// Makes the plan of a site. Without the option it is empty. So it is where Cloudflare is followed to the
    /// letter, which revalidates every file.
    pub(super) fn of(
        site: &Site,
        survey: &Survey,
        options: &Options,
        parsers: Parsers<'_>,
    ) -> Self {
        let is_off = options.fingerprints == Fingerprints::Off
            || site.rules.behaviour.fidelity == Fidelity::Strict;
        if is_off {
            return Self::default();
        }
        let others = other_texts(site);
        let mut plan = Self {
            texts: PlannedText::of_site(site, survey, options, parsers),
            server: ServerText::of_site(site, &others, parsers),
            ..Self::default()
        };
        plan.files = plan.server_spots().map(|spot| spot.target).collect();
        for (index, text) in &mut plan.texts {
            plan.files.extend(text.targets());
            let links = std::mem::take(&mut text.links);
            if !links.is_empty() {
                plan.links.insert(*index, links);
            }
        }
        plan.files.retain(|index| can_be_named(&site.files[*index], options.fingerprints));
        let fixed = Fixed::of(site, options, plan.texts.keys().chain(&plan.files).copied());
        plan.drop_unchanged(&fixed);
        plan.keep(|index| reason_by_itself(site, survey, index).map(KeptName::from));
        let alike = answered_alike(site, &plan.files);
        plan.keep(|index| {
            (!alike.contains(&index)).then_some(NameReason::AnsweredOtherwise.into())
        });
        let drawings = plan.texts.iter().filter(|(_, text)| !text.relative.is_empty());
        let looked_for: BTreeSet<usize> =
            drawings.map(|(index, _)| *index).chain(plan.files.iter().copied()).collect();
        let places = mentioned(site, survey, &plan, &others, &looked_for, parsers);
        plan.decide_on_drawings(|drawing| places.contains_key(&drawing));
        plan.keep(|index| Some(KeptName::at(NameReason::Mentioned, places.get(&index)?)));
        plan.keep_watched_scripts(site, survey, &others, parsers);
        plan.keep_what_fixed_texts_load(site, &fixed);
        plan
    }

    /// Returns the places of names in the modules of the server.
    fn server_spots(&self) -> impl Iterator<Item = &Spot> {
        self.server.values().flat_map(|text| &text.spots)
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
        let of_files = self.texts.values().flat_map(|text| &text.spots);
        let loaded: BTreeSet<usize> =
            of_files.chain(self.server_spots()).map(|spot| spot.target).collect();
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

/// Returns whether a file is a script by its type.
pub(super) fn is_script(file: &SourceFile) -> bool {
    let language = file.certain_type().and_then(|media_type| media_type.language());
    language == Some(Language::Code(CodeLanguage::JavaScript))
}

/// Returns whether the name of a file has a hash of what a bundler wrote, by which its URL never expires.
pub(super) fn is_named_by_bundler(file: &SourceFile) -> bool {
    CachePolicy::of(&file.route) == CachePolicy::Immutable
}

/// Returns whether a file is of a type that pages load by a name of no other use, and has no fingerprint yet.
fn can_be_named(file: &SourceFile, fingerprints: Fingerprints) -> bool {
    let is_type = |media_type: MediaType| {
        let name = media_type.as_str();
        let types =
            ["text/css", "text/javascript", "application/pdf", "application/vnd.ms-fontobject"];
        let kinds = ["image/", "font/", "audio/", "video/"];
        types.contains(&name) || kinds.iter().any(|kind| name.starts_with(kind))
    };
    // A picture or a font of the bundler has a hash of all that it wrote. A text of it may name files that get a
    // fingerprint.
    let is_text = file.certain_type().is_some_and(|it| it.language().is_some());
    (fingerprints == Fingerprints::All || is_text || !is_named_by_bundler(file))
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
