//! The names that files get, in rounds from leaves to roots.

use std::collections::{BTreeMap, BTreeSet};

use super::plan::{KeptName, Plan};
use super::report::{FingerprintReport, NameReason};
use crate::asset::digest::ContentHash;
use crate::asset::media_type::MediaType;
use crate::asset::route::RoutePath;
use crate::ingest::Site;
use crate::options::Options;
use crate::survey::Survey;
use crate::transform::rewrite::{Insertion, insert, rewrite};

/// Number of hexadecimal digits of a fingerprint: 64 bits of a SHA-256.
const DIGITS: usize = 16;

/// The fingerprints of a site's files, as far as they are known. Files are given by their indices in the site.
#[derive(Debug, Default)]
pub(crate) struct Names {
    plan: Plan,
    given: BTreeMap<usize, Given>,
    /// The routes of the site in lower case, with those that have been given.
    routes: BTreeSet<String>,
}

/// The fingerprint of a file.
#[derive(Debug)]
struct Given {
    /// A dot and the digits.
    text: String,
    route: RoutePath,
}

/// The change of a text: fingerprints of other files are inserted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rewriting {
    /// The hash of the bytes that it is for.
    pub(crate) hash: ContentHash,
    /// In the order of the text.
    pub(crate) insertions: Vec<Insertion>,
}

impl Rewriting {
    /// Returns the number of bytes that are inserted.
    pub(crate) fn inserted(&self) -> usize {
        self.insertions.iter().map(|insertion| insertion.text.len()).sum()
    }

    /// Rewrites the bytes that it is for. Returns `None` if the text would not be the same but for the
    /// fingerprints. Then it names the files by their own routes, which stay.
    pub(crate) fn apply(&self, bytes: &[u8], media_type: &MediaType) -> Option<Vec<u8>> {
        let source = str::from_utf8(bytes).ok()?;
        let rewritten = rewrite(source, media_type.language()?, &self.insertions)?;
        Some(rewritten.into_bytes())
    }
}

impl Names {
    /// Plans the names of a site's files. None has a fingerprint yet.
    pub(crate) fn plan(site: &Site, survey: &Survey, options: &Options) -> Self {
        let plan = Plan::of(site, survey, options);
        let routes = site.files.iter().map(|file| file.route.as_str().to_lowercase());
        let routes = if plan.files.is_empty() { BTreeSet::new() } else { routes.collect() };
        Self { plan, given: BTreeMap::new(), routes }
    }

    /// Returns the files whose fingerprints depend on no others that are not known. Returns none when all are
    /// known.
    pub(crate) fn next_round(&self) -> Vec<usize> {
        let is_open =
            |index: &usize| self.plan.files.contains(index) && !self.given.contains_key(index);
        let edges = self.plan.edges().into_iter();
        let ready = edges.filter(|(index, targets)| is_open(index) && !targets.iter().any(is_open));
        ready.map(|(index, _)| index).collect()
    }

    /// Gives a file its fingerprint, from the hash of its final bytes.
    pub(crate) fn give(&mut self, site: &Site, index: usize, hash: ContentHash) {
        let text = format!(".{}", &hash.to_string()[..DIGITS]);
        let path = with_fingerprint(site.files[index].route.as_str(), &text);
        let route =
            path.and_then(|path| RoutePath::from_relative(path.trim_start_matches('/').as_ref()));
        match route {
            Some(route) if self.routes.insert(route.as_str().to_lowercase()) => {
                self.given.insert(index, Given { text, route });
            }
            _ => {
                self.plan.files.remove(&index);
                self.plan.kept.insert(index, KeptName { reason: NameReason::Taken, place: None });
            }
        }
    }

    /// Returns the route of a file with its fingerprint.
    pub(crate) fn route(&self, index: usize) -> Option<&RoutePath> {
        Some(&self.given.get(&index)?.route)
    }

    /// Returns the change of a text, if it names files that have a fingerprint.
    pub(crate) fn rewriting(&self, index: usize) -> Option<Rewriting> {
        let text = self.plan.texts.get(&index)?;
        let insertions: Vec<Insertion> = text
            .spots
            .iter()
            .filter_map(|spot| {
                let Given { text, .. } = self.given.get(&spot.target)?;
                Some(Insertion { at: spot.at, text: text.clone() })
            })
            .collect();
        (!insertions.is_empty()).then_some(Rewriting { hash: text.hash, insertions })
    }

    /// Returns the `Link` field of a page with the fingerprints of the files that it names.
    pub(crate) fn link(&self, index: usize, field: &str) -> String {
        let spots = self.plan.links.get(&index).into_iter().flatten();
        let insertions: Vec<Insertion> = spots
            .filter_map(|spot| {
                let Given { text, .. } = self.given.get(&spot.target)?;
                Some(Insertion { at: spot.at, text: text.clone() })
            })
            .collect();
        insert(field, &insertions).unwrap_or_else(|| field.to_owned())
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

/// Returns a path with a fingerprint before the extension of its last name. Returns `None` if it has none.
pub(super) fn with_fingerprint(path: &str, text: &str) -> Option<String> {
    let name = path.rfind('/').map_or(0, |slash| slash + 1);
    let dot = path[name..].rfind('.').filter(|dot| *dot > 0)?;
    let (before, extension) = path.split_at(name + dot);
    Some(format!("{before}{text}{extension}"))
}
