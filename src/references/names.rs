//! The names that files get, in rounds from leaves to roots.

use std::collections::{BTreeMap, BTreeSet};

use super::given::Given;
use super::integrity::Integrities;
use super::locate::Spot;
use super::order::circles;
use super::parsers::Parsers;
use super::plan::{Plan, is_named_by_bundler};
use super::report::{FingerprintReport, IntegrityReport, NameReason};
use super::server::{ServerNames, ServerText};
use crate::asset::blob::Blob;
use crate::asset::digest::ContentHash;
use crate::asset::media_type::{Language, MediaType};
use crate::asset::route::RoutePath;
use crate::cache::Cache;
use crate::feedback::diagnostic::Diagnostic;
use crate::feedback::error::PackError;
use crate::ingest::Site;
use crate::options::Options;
use crate::survey::Survey;
use crate::transform::html::with_attributes;
use crate::transform::rewrite::{Insertion, insert, rewrite};
use crate::transform::{Preserve, TransformContext, UntouchedReason};

/// The fingerprints of a site's files, as far as they are known. Files are given by their indices in the site.
#[derive(Debug, Default)]
pub(crate) struct Names {
    plan: Plan,
    given: BTreeMap<usize, Given>,
    integrities: Integrities,
    /// The files that load each other in a circle, as far as they have no fingerprints.
    circles: Vec<BTreeSet<usize>>,
    /// The routes of the site in lower case, with those that have been given.
    routes: BTreeSet<String>,
}

/// The change of a text: fingerprints of other files are inserted, and hashes of what a page loads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rewriting {
    /// The hash of the bytes that it is for.
    pub(crate) hash: ContentHash,
    /// The fingerprints, in the order of the text.
    pub(crate) insertions: Vec<Insertion>,
    /// The attributes, in the order of the text. Their places are those without fingerprints.
    pub(crate) attributes: Vec<Insertion>,
}

impl Rewriting {
    /// Returns the number of bytes that are inserted.
    pub(crate) fn inserted(&self) -> usize {
        let all = self.insertions.iter().chain(&self.attributes);
        all.map(|insertion| insertion.text.len()).sum()
    }

    /// Rewrites the bytes that it is for. Returns `None` if the text would not be the same but for the
    /// fingerprints. Then it names the files by their own routes, which stay. If it would not be the same but for the
    /// attributes, it has none.
    pub(crate) fn apply(&self, bytes: &[u8], media_type: &MediaType) -> Option<Vec<u8>> {
        let source = str::from_utf8(bytes).ok()?;
        let language = media_type.language()?;
        let rewritten = match &*self.insertions {
            [] => source.to_owned(),
            insertions => rewrite(source, language, insertions)?,
        };
        let is_page = language == Language::Html && !self.attributes.is_empty();
        let checked = is_page.then(|| with_attributes(&rewritten, &self.moved_attributes()));
        Some(checked.flatten().unwrap_or(rewritten).into_bytes())
    }

    /// Returns the attributes with their places among the fingerprints.
    fn moved_attributes(&self) -> Vec<Insertion> {
        let moved = |attribute: &Insertion| {
            let before = self.insertions.iter().filter(|one| one.at < attribute.at);
            let inserted: usize = before.map(|one| one.text.len()).sum();
            Insertion { at: attribute.at + inserted, text: attribute.text.clone() }
        };
        self.attributes.iter().map(moved).collect()
    }
}

impl Names {
    /// Plans the names of a site's files. None has a fingerprint yet.
    pub(crate) fn plan(site: &Site, survey: &Survey, options: &Options, cache: &Cache) -> Self {
        let parsers = Parsers::new(cache);
        let plan = Plan::of(site, survey, options, parsers);
        let routes = site.files.iter().map(|file| file.route.as_str().to_lowercase());
        let routes = if plan.files.is_empty() { BTreeSet::new() } else { routes.collect() };
        let integrities = Integrities::plan(site, survey, options, &plan.files, parsers);
        let circles = circles(&plan.edges());
        Self { plan, given: BTreeMap::new(), integrities, circles, routes }
    }

    /// Returns the files whose final bytes depend on no fingerprints that are not known. Returns none when all are
    /// known. Those of a circle get theirs here.
    ///
    /// # Errors
    /// If the options are wrong.
    pub(crate) fn next_round(
        &mut self,
        site: &Site,
        survey: &Survey,
        options: &Options,
    ) -> Result<Vec<usize>, PackError> {
        let mut round = BTreeSet::new();
        let edges = self.plan.edges();
        while let Some(circle) = self.take_ready_circle(&edges) {
            self.give_to_circle(&circle, site, survey, options)?;
            round.extend(circle.into_iter().filter(|index| self.given.contains_key(index)));
        }
        let in_circles: BTreeSet<usize> = self.circles.iter().flatten().copied().collect();
        let alone = edges.iter().filter(|(index, targets)| {
            let is_open = self.is_open(**index) && !in_circles.contains(index);
            is_open && !targets.iter().any(|target| self.is_open(*target))
        });
        round.extend(alone.map(|(index, _)| *index));
        Ok(round.into_iter().collect())
    }

    /// Returns whether a file will get a fingerprint and has none yet.
    fn is_open(&self, index: usize) -> bool {
        self.plan.files.contains(&index) && !self.given.contains_key(&index)
    }

    /// Takes a circle whose files load no others that are open. `edges` are the files that each loads.
    fn take_ready_circle(
        &mut self,
        edges: &BTreeMap<usize, BTreeSet<usize>>,
    ) -> Option<BTreeSet<usize>> {
        let is_ready = |circle: &BTreeSet<usize>| {
            let mut targets = circle.iter().flat_map(|index| &edges[index]);
            !targets.any(|target| self.is_open(*target) && !circle.contains(target))
        };
        let at = self.circles.iter().position(is_ready)?;
        Some(self.circles.remove(at))
    }

    /// Returns the context that a file is transformed in, from that of the survey.
    pub(crate) fn context<'s>(
        &self,
        index: usize,
        context: TransformContext<'s>,
    ) -> TransformContext<'s> {
        let preserve = match context.preserve {
            Preserve::Nothing | Preserve::InlineCode if self.integrities.keeps_bytes(index) => {
                Preserve::All(UntouchedReason::IntegrityAdded)
            }
            preserve => preserve,
        };
        TransformContext { preserve, ..context }
    }

    /// Gives a file its fingerprint, from the hash of its final bytes. One of a circle has its own already, and one
    /// whose name has a hash of these bytes needs none. `packed` is the hash of what the build wrote.
    ///
    /// # Errors
    /// If the bytes cannot be read, because the site or the cache has changed.
    pub(crate) fn give(
        &mut self,
        site: &Site,
        index: usize,
        packed: ContentHash,
        bytes: &Blob,
    ) -> Result<(), PackError> {
        let route = &site.files[index].route;
        let is_of_circle = self.given.contains_key(&index);
        let is_of_bundler = is_named_by_bundler(&site.files[index]);
        let keeps_name = !is_of_circle && is_of_bundler && packed == bytes.hash();
        if self.integrities.is_loaded(index) {
            let bytes = bytes.read()?;
            if keeps_name {
                self.integrities.keep_name(index, &bytes);
            } else {
                self.integrities.name(index, &bytes);
            }
        }
        if keeps_name {
            self.plan.files.remove(&index);
        } else if !is_of_circle {
            self.settle(vec![(index, Given::of(route, bytes.hash()))]);
        }
        Ok(())
    }

    /// Gives files stand-ins for their fingerprints, until their names are settled.
    pub(super) fn stand_in(&mut self, files: impl Iterator<Item = (usize, Given)>) {
        self.given.extend(files);
    }

    /// Settles the names of some files: with their fingerprints if all of the paths are free, else without.
    pub(super) fn settle(&mut self, files: Vec<(usize, Option<Given>)>) {
        let path = |given: &Given| given.route.as_str().to_lowercase();
        let paths: BTreeSet<String> =
            files.iter().filter_map(|(_, given)| Some(path(given.as_ref()?))).collect();
        let are_free = paths.len() == files.len() && self.routes.is_disjoint(&paths);
        if are_free {
            self.routes.extend(paths);
        }
        for (index, given) in files {
            match given {
                Some(given) if are_free => {
                    self.given.insert(index, given);
                }
                _ => {
                    self.given.remove(&index);
                    self.plan.files.remove(&index);
                    self.plan.kept.insert(index, NameReason::Taken.into());
                }
            }
        }
    }

    /// Returns the route of a file with its fingerprint.
    pub(crate) fn route(&self, index: usize) -> Option<&RoutePath> {
        Some(&self.given.get(&index)?.route)
    }

    /// Returns the change of a text, if it names files that have a fingerprint, or loads files by their hashes.
    pub(crate) fn rewriting(&self, index: usize) -> Option<Rewriting> {
        let text = self.plan.texts.get(&index);
        let spots = self.given_spots(text.into_iter().flat_map(|text| &text.spots));
        let insertions = self.insertions(&spots);
        let attributes = self.integrities.attributes(index, &spots, |target| {
            self.given.get(&target).map(|given| given.text.clone())
        });
        match (text, attributes) {
            (_, Some((hash, attributes))) => Some(Rewriting { hash, insertions, attributes }),
            (Some(text), None) if !insertions.is_empty() => {
                Some(Rewriting { hash: text.hash, insertions, attributes: Vec::new() })
            }
            _ => None,
        }
    }

    /// Returns the `Link` field of a page with the fingerprints of the files that it names, and their hashes.
    pub(crate) fn link(&self, index: usize, field: &str) -> String {
        let spots = self.given_spots(self.plan.links.get(&index).into_iter().flatten());
        let mut insertions = self.insertions(&spots);
        insertions.extend(self.integrities.parameters(index, &spots));
        insertions.sort_by_key(|insertion| insertion.at);
        insert(field, &insertions).unwrap_or_else(|| field.to_owned())
    }

    /// Returns the places of files that have a fingerprint.
    fn given_spots<'p>(&self, spots: impl Iterator<Item = &'p Spot>) -> Vec<Spot> {
        spots.copied().filter(|spot| self.given.contains_key(&spot.target)).collect()
    }

    /// Returns the changes of the modules of the server.
    pub(crate) fn of_server(&self) -> ServerNames {
        let rewriting = |(name, text): (&String, &ServerText)| {
            let insertions = self.insertions(&self.given_spots(text.spots.iter()));
            let rewriting = Rewriting { hash: text.hash, insertions, attributes: Vec::new() };
            (!rewriting.insertions.is_empty()).then(|| (name.clone(), rewriting))
        };
        ServerNames(self.plan.server.iter().filter_map(rewriting).collect())
    }

    fn insertions(&self, spots: &[Spot]) -> Vec<Insertion> {
        let insertion = |spot: &Spot| {
            let Given { text, .. } = self.given.get(&spot.target)?;
            Some(Insertion { at: spot.at, text: text.clone() })
        };
        spots.iter().filter_map(insertion).collect()
    }

    /// Describes the hash by which pages load each script and style sheet, in the order of the routes, with a note for
    /// each that a page loads without.
    pub(crate) fn integrity(&self, site: &Site) -> (Vec<IntegrityReport>, Vec<Diagnostic>) {
        self.integrities.report(site, |index| {
            let text = self.plan.texts.get(&index);
            self.given_spots(text.into_iter().flat_map(|text| &text.spots))
        })
    }

    /// Describes the name of each file that a text loads, in the order of the routes.
    pub(crate) fn report(&self, site: &Site) -> Vec<FingerprintReport> {
        let route = |index: &usize| site.files[*index].route.to_string();
        let given = self.given.iter().map(|(index, given)| FingerprintReport {
            route: route(index),
            fingerprinted: Some(given.route.to_string()),
            reason: None,
            place: None,
        });
        let kept = self.plan.kept.iter().map(|(index, kept)| FingerprintReport {
            route: route(index),
            fingerprinted: None,
            reason: Some(kept.reason),
            place: kept.place.clone(),
        });
        let mut all: Vec<FingerprintReport> = given.chain(kept).collect();
        all.sort_by(|one, other| one.route.cmp(&other.route));
        all
    }
}
