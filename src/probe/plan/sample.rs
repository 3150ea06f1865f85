//! A sample of the routes: always the same ones of the same site.

use std::collections::{BTreeMap, BTreeSet};

use crate::output::manifest::Asset;

/// The number of routes to ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sample(pub(crate) usize);

impl Sample {
    /// Chooses routes, sorted by URL: the home page, one of each media type, and others at equal
    /// distances.
    pub(super) fn of(self, assets: &BTreeMap<String, Asset>) -> Vec<&Asset> {
        let mut all: Vec<&Asset> = assets.values().collect();
        all.sort_by(|a, b| a.url.cmp(&b.url));
        if all.len() <= self.0 {
            return all;
        }
        let home = all.iter().position(|asset| asset.url == "/");
        let mut types = BTreeSet::new();
        let is_first = |at: &usize| types.insert(&all[*at].content_type);
        let firsts: Vec<usize> = (0..all.len()).filter(is_first).collect();
        let spread = (0..self.0).map(|index| index * all.len() / self.0);
        let mut chosen = BTreeSet::new();
        for at in home.into_iter().chain(firsts).chain(spread).chain(0..all.len()) {
            if chosen.len() >= self.0 {
                break;
            }
            chosen.insert(at);
        }
        chosen.into_iter().map(|at| all[at]).collect()
    }
}
