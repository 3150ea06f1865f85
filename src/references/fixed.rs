//! Texts whose URL never expires, such as the style sheets of a bundler. The hash in such a name is one of what the
//! bundler wrote. A browser that has the text would go on to load what it named in an earlier build, so its bytes
//! may only change with its URL.

use std::collections::{BTreeMap, BTreeSet};

use super::answers::immutable_by_rule;
use super::plan::{KeptName, Plan, is_named_by_bundler};
use super::report::{NameReason, TextPlace};
use crate::asset::cache_policy::CachePolicy;
use crate::ingest::{Site, SourceFile};
use crate::options::{Fingerprints, Options};

/// The files whose URL never expires, by their indices in the site.
#[derive(Debug)]
pub(super) struct Fixed {
    all: BTreeSet<usize>,
    /// Those that get a fingerprint only if they load one: their names have a hash of a bundler.
    named_by_bundler: BTreeSet<usize>,
}

impl Fixed {
    /// Returns those of some files that are served as immutable.
    pub(super) fn of(site: &Site, options: &Options, files: impl Iterator<Item = usize>) -> Self {
        let files: BTreeSet<usize> = files.collect();
        let those = |is_one: &dyn Fn(&SourceFile) -> bool| -> BTreeSet<usize> {
            files.iter().copied().filter(|index| is_one(&site.files[*index])).collect()
        };
        let named_by_bundler = match options.fingerprints {
            Fingerprints::All => BTreeSet::new(),
            Fingerprints::Off | Fingerprints::Public => those(&is_named_by_bundler),
        };
        let fidelity = site.rules.behaviour.fidelity;
        let mut all = those(&|file| file.cache_policy(fidelity) == CachePolicy::Immutable);
        all.extend(immutable_by_rule(site, files));
        Self { all, named_by_bundler }
    }
}

impl Plan {
    /// Removes the files with a hash of a bundler that lead to none but their like. Their bytes stay, so that their
    /// names may.
    pub(super) fn drop_unchanged(&mut self, fixed: &Fixed) {
        let mut changing: BTreeSet<usize> =
            self.files.difference(&fixed.named_by_bundler).copied().collect();
        loop {
            let loads_one = |index: &usize| {
                let text = self.texts.get(index);
                text.is_some_and(|text| text.targets().any(|target| changing.contains(&target)))
            };
            let more = self.files.difference(&changing).copied().filter(loads_one);
            let more: Vec<usize> = more.collect();
            if more.is_empty() {
                break;
            }
            changing.extend(more);
        }
        self.files = changing;
    }

    /// Keeps the names of files that a text loads whose bytes have to stay.
    pub(super) fn keep_what_fixed_texts_load(&mut self, site: &Site, fixed: &Fixed) {
        loop {
            self.drop_unchanged(fixed);
            let mut places = BTreeMap::<usize, TextPlace>::new();
            for index in fixed.all.difference(&self.files) {
                let spots = self.texts.get(index).into_iter().flat_map(|text| &text.spots);
                for spot in spots.filter(|spot| self.files.contains(&spot.target)) {
                    let file = &site.files[*index];
                    let bytes = file.content.read().unwrap_or_default();
                    let offset = spot.at.min(bytes.len());
                    places
                        .entry(spot.target)
                        .or_insert_with(|| TextPlace::of(&file.name, &bytes, offset));
                }
            }
            if places.is_empty() {
                return;
            }
            self.keep(|index| {
                let place = places.get(&index)?.clone();
                Some(KeptName { reason: NameReason::LoadedByFixed, place: Some(place) })
            });
        }
    }
}
