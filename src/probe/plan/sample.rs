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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn assets(count: usize) -> BTreeMap<String, Asset> {
        let asset = |number: usize| {
            let (url, kind) = match number {
                0 => ("/".to_owned(), "text/html"),
                1 => ("/z.css".to_owned(), "text/css"),
                number => (format!("/{number:03}"), "text/html"),
            };
            let asset = json!({
                "url": url, "contentType": kind, "cacheControl": "no-cache", "representations": [],
            });
            (url, serde_json::from_value(asset).unwrap())
        };
        (0..count).map(asset).collect()
    }

    #[test]
    fn a_sample_has_the_home_page_and_each_media_type() {
        let assets = assets(100);
        for size in [2, 3, 10, 99, 100, 1000] {
            let chosen = Sample(size).of(&assets);
            assert_eq!(chosen.len(), size.min(100));
            let urls: Vec<&str> = chosen.iter().map(|asset| &*asset.url).collect();
            assert!(urls.contains(&"/") && urls.contains(&"/z.css"), "{urls:?}");
            assert!(urls.is_sorted());
        }
        assert_eq!(Sample(1).of(&assets)[0].url, "/");
    }
}
