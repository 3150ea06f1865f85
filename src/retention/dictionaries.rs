//! Dictionaries of earlier builds: copies of pages that browsers have, with which the pages of this build can be
//! encoded.
//!
//! For each pattern of pages, the store has the dictionary that the pages announce and the one before. What
//! becomes of them is decided in the room `dictionary`.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use worker_pack_runtime::Coding;

use super::index::{Build, RecordedDictionary, RecordedFile};
use crate::asset::blob::Blob;
use crate::asset::digest::ContentHash;
use crate::asset::route::RoutePath;
use crate::options::KeepBounds;

/// The number of dictionaries for a pattern that the store has: the announced one, and the one before.
const FOR_A_PATTERN: usize = 2;

/// The dictionaries of earlier builds.
#[derive(Clone, Debug, Default)]
pub(crate) struct EarlierDictionaries {
    /// The newest first.
    pub(crate) all: Vec<EarlierDictionary>,
    /// The number of bytes that those which pages no longer announce may have together.
    pub(crate) room: u64,
}

/// A dictionary of an earlier build.
#[derive(Clone, Debug)]
#[cfg_attr(
    not(feature = "dictionaries"),
    expect(dead_code, reason = "with the feature, pages are encoded with it")
)]
pub(crate) struct EarlierDictionary {
    pub(crate) route: RoutePath,
    /// The value of `Use-As-Dictionary`.
    pub(crate) use_as_dictionary: String,
    /// The route of the page that it is a copy of.
    pub(crate) page: RoutePath,
    pub(crate) identity: Blob,
    pub(crate) encoded: Vec<(Coding, Blob)>,
}

/// A dictionary that the pages of this build announce.
#[derive(Clone, Debug)]
pub(crate) struct AnnouncedDictionary {
    pub(crate) route: RoutePath,
    /// The value of `Use-As-Dictionary`.
    pub(crate) use_as_dictionary: String,
    /// The route of the page that it is a copy of.
    pub(crate) page: RoutePath,
    pub(crate) identity: Blob,
}

impl AnnouncedDictionary {
    pub(super) fn recorded(&self) -> RecordedDictionary {
        RecordedDictionary {
            route: self.route.as_str().to_owned(),
            use_as_dictionary: self.use_as_dictionary.clone(),
            page: self.page.as_str().to_owned(),
            sha256: self.identity.hash(),
            bytes: self.identity.len(),
            replaced: None,
        }
    }
}

/// The bounds of what is kept, at the time of a build.
pub(super) struct Within<'b> {
    pub(super) bounds: &'b KeepBounds,
    pub(super) builds: &'b [Build],
    /// The hashed files of this build.
    pub(super) current: &'b [RecordedFile],
    pub(super) now: u64,
}

impl Within<'_> {
    /// Returns whether a dictionary is within the bounds. It is as old as the first build whose pages did not
    /// announce it.
    fn contains(&self, dictionary: &RecordedDictionary) -> bool {
        let replaced = dictionary.replaced.unwrap_or(self.now);
        let mut newer = self.builds.iter().filter(|build| build.time >= replaced).count();
        // The newest build of the store may be this one, if it is repeated.
        if self
            .builds
            .last()
            .is_some_and(|last| last.time >= replaced && last.files == self.current)
        {
            newer -= 1;
        }
        let age = self.now.saturating_sub(replaced);
        let is_announced = dictionary.replaced.is_none();
        newer < self.bounds.builds
            && age <= self.bounds.max_age.as_secs()
            && (is_announced || dictionary.bytes as u64 <= self.bounds.max_bytes.as_u64())
    }

    /// Returns the dictionaries of a store that are within the bounds, the newest first.
    pub(super) fn newest_first(&self, all: &[RecordedDictionary]) -> Vec<RecordedDictionary> {
        let mut all: Vec<_> = all.iter().filter(|one| self.contains(one)).cloned().collect();
        all.sort_by_key(|one| (Reverse(one.replaced.unwrap_or(u64::MAX)), one.route.clone()));
        all
    }

    /// Returns the dictionaries of the store after this build, whose pages announce some. `dropped` are those that
    /// are lost or no longer public.
    pub(super) fn after(
        &self,
        before: &[RecordedDictionary],
        announced: &[AnnouncedDictionary],
        dropped: &BTreeSet<ContentHash>,
    ) -> Vec<RecordedDictionary> {
        let mut after: Vec<_> = announced.iter().map(AnnouncedDictionary::recorded).collect();
        for earlier in self.newest_first(before) {
            let is_known = after.iter().any(|other| other.sha256 == earlier.sha256);
            let pattern = &earlier.use_as_dictionary;
            let others = after.iter().filter(|other| other.use_as_dictionary == *pattern).count();
            if !dropped.contains(&earlier.sha256) && !is_known && others < FOR_A_PATTERN {
                let replaced = earlier.replaced.or(Some(self.now));
                after.push(RecordedDictionary { replaced, ..earlier });
            }
        }
        after.sort();
        after
    }
}
