//! Files of earlier builds: hashed files that stay public after a deployment, since a page that is open
//! while the site is deployed still asks for the scripts of its own build.
//!
//! A store beside the output holds the hashed files of the last builds with the bytes that they were served
//! with. They are never minified again: a browser that has an immutable file keeps those bytes. A file of
//! this build always wins over one of an earlier build, and a file that would change another answer of the
//! site is not kept.
//!
//! Pages are never kept, but the dictionaries for pages are recorded, which are copies of pages: browsers have them.
//!
//! Damage of the store is a warning, and never a wrong body: the index has a checksum, each body is named
//! by its hash, and what does not agree is not served.

mod answers;
mod dictionaries;
mod encoding;
mod index;
mod place;
mod record;
mod selection;
mod store;
mod taking;
mod trouble;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::asset::digest::ContentHash;
use crate::cache::Cache;
use crate::exposure::Inspector;
use crate::feedback::diagnostic::Diagnostic;
use crate::feedback::error::PackError;
use crate::ingest::{EarlierFiles, Site};
use crate::options::{KeepBounds, Options};
use crate::parallel;
use crate::tabulate::{AssetEntry, AssetTable};
use answers::Answers;
#[cfg(feature = "dictionaries")]
pub(crate) use dictionaries::EarlierDictionary;
use dictionaries::Within;
pub(crate) use dictionaries::{AnnouncedDictionary, EarlierDictionaries};
use index::{History, RecordedFile};
use selection::select;
use store::{Found, Store};
use taking::{Keeping, Taken};

/// The environment variable with the time of a build, in seconds since 1970
/// (<https://reproducible-builds.org/specs/source-date-epoch/>).
const TIME_VARIABLE: &str = "SOURCE_DATE_EPOCH";

/// The store of a site, as a run has found it.
#[derive(Debug)]
pub(crate) struct Retention {
    place: PathBuf,
    site: String,
    bounds: KeepBounds,
    now: u64,
    /// The contents of the store. `None` if it is not one that this run may change.
    known: Option<History>,
    /// The hashed files of this build.
    current: Vec<RecordedFile>,
    /// The dictionaries that the pages of this build announce.
    announced: Vec<AnnouncedDictionary>,
    /// The bodies that the store has lost.
    lost: BTreeSet<ContentHash>,
    /// The dictionaries that must not be public any more.
    withdrawn: BTreeSet<ContentHash>,
    /// The kept files by their builds, the newest build first.
    kept: Vec<Vec<AssetEntry>>,
    /// The number of builds that were kept before a limit of the platform.
    found: usize,
    dictionaries: EarlierDictionaries,
    /// The number of times that dictionaries were left out because of a limit of the platform.
    dictionaries_dropped: usize,
}

/// The kept files of earlier builds, as numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KeptReport {
    /// Number of earlier builds with files that are still served.
    pub builds: usize,
    /// Number of files of earlier builds that this build does not contain.
    pub files: usize,
    /// Their size without a content coding, in bytes.
    pub bytes: usize,
    /// Their size as sent to a client that accepts every coding, in bytes.
    pub sent: usize,
}

impl Retention {
    /// Reads the store of a site, and makes assets of what is kept. `table` is the table of this build.
    ///
    /// # Errors
    /// If the store is inside the packed folder or the output folder, or `.assetsignore` cannot be read.
    pub(crate) fn read(
        site: &Site,
        table: &AssetTable,
        options: &Options,
        out: Option<&Path>,
        cache: &Cache,
    ) -> Result<Option<(Self, Vec<Diagnostic>)>, PackError> {
        let Some(bounds) = options.keep.bounds() else { return Ok(None) };
        let Some(place) = place::store(bounds, out) else { return Ok(None) };
        place::reject_overlap(bounds, &site.project, out)?;
        let answers = Answers::of(table, &site.project);
        let current = answers.hashed_files();
        let mut retention = Self {
            site: place::site_name(&site.project),
            bounds: bounds.clone(),
            now: seconds(now()),
            known: None,
            current,
            announced: Vec::new(),
            lost: BTreeSet::new(),
            withdrawn: BTreeSet::new(),
            kept: Vec::new(),
            found: 0,
            dictionaries: EarlierDictionaries::default(),
            dictionaries_dropped: 0,
            place,
        };
        let mut diagnostics = Vec::new();
        let empty = || Some(History::of(&retention.site));
        match Store::open(&retention.place) {
            Ok(None) => retention.known = empty(),
            Err(warning) => diagnostics.push(warning),
            Ok(Some(store)) => match store.read(&retention.site) {
                Found::Missing => retention.known = empty(),
                Found::Damaged(warning) => {
                    retention.known = empty();
                    diagnostics.push(warning);
                }
                Found::Unusable(warning) => diagnostics.push(warning),
                Found::Builds(known) => {
                    let keeping = Keeping {
                        site,
                        options,
                        cache,
                        answers: &answers,
                        public: EarlierFiles::of(site, options)?,
                        inspector: Inspector::new(&site.project, cache),
                    };
                    diagnostics.extend(retention.take(&store, &known, &keeping));
                    retention.known = Some(known);
                }
            },
        }
        retention.found = retention.kept.len();
        Ok(Some((retention, diagnostics)))
    }

    /// Makes assets of what is kept, and takes the dictionaries, if the options ask for them.
    fn take(&mut self, store: &Store, known: &History, keeping: &Keeping<'_>) -> Vec<Diagnostic> {
        let mut losses = Vec::new();
        let mut withheld = Vec::new();
        for build in select(&known.builds, &self.current, &self.bounds, self.now) {
            let taken = parallel::map_largest_first(
                build.files.iter().collect(),
                |file| file.bytes,
                |file| keeping.take(store, file),
            );
            let mut entries = Vec::new();
            for (file, taken) in build.files.iter().zip(taken) {
                match taken {
                    Taken::Kept(entry) => entries.push(*entry),
                    Taken::NotPublic => {}
                    Taken::Secret => withheld.push(file.route.clone()),
                    Taken::Lost(loss) => {
                        self.lost.insert(file.sha256);
                        losses.push((file.route.clone(), store.body_path(file.sha256), loss));
                    }
                }
            }
            // A build whose files are all in newer ones is not one that a limit could drop.
            if !entries.is_empty() {
                self.kept.push(entries);
            }
        }
        if keeping.options.dictionaries.are_for_pages() {
            let within = self.within(&known.builds);
            for dictionary in within.newest_first(&known.dictionaries) {
                let hash = dictionary.sha256;
                match keeping.take_dictionary(store, &dictionary) {
                    Taken::Kept(taken) => self.dictionaries.all.push(*taken),
                    Taken::NotPublic => drop(self.withdrawn.insert(hash)),
                    Taken::Secret => {
                        self.withdrawn.insert(hash);
                        withheld.push(dictionary.route);
                    }
                    Taken::Lost(loss) => {
                        self.lost.insert(hash);
                        losses.push((dictionary.route, store.body_path(hash), loss));
                    }
                }
            }
            let kept: BTreeMap<ContentHash, usize> = self
                .kept
                .iter()
                .flatten()
                .map(|entry| (entry.identity.hash(), entry.identity.len()))
                .collect();
            let kept: usize = kept.values().sum();
            self.dictionaries.room = self.bounds.max_bytes.as_u64().saturating_sub(kept as u64);
        }
        trouble::lost(&losses).into_iter().chain(trouble::withheld(&withheld)).collect()
    }

    /// Returns a table with the kept files.
    pub(crate) fn added_to(&self, table: &AssetTable) -> AssetTable {
        table.with_entries(self.kept.iter().flatten().cloned())
    }

    /// Returns the files that are kept, the newest build first.
    #[cfg(feature = "dictionaries")]
    pub(crate) fn builds(&self) -> &[Vec<AssetEntry>] {
        &self.kept
    }

    /// Returns the dictionaries of earlier builds.
    #[cfg(feature = "dictionaries")]
    pub(crate) fn dictionaries(&self) -> &EarlierDictionaries {
        &self.dictionaries
    }

    /// Notes what has become of the dictionaries: those that the pages of this build announce, and those of earlier
    /// builds that are copies of what is no longer a public page.
    #[cfg(feature = "dictionaries")]
    pub(crate) fn note_dictionaries(
        &mut self,
        announced: Vec<AnnouncedDictionary>,
        withdrawn: BTreeSet<ContentHash>,
    ) {
        self.announced = announced;
        self.withdrawn.extend(withdrawn);
    }

    /// Leaves out what is missed least: the dictionaries that pages no longer announce, then all of earlier builds,
    /// then the files of the oldest build. Without a dictionary pages are larger; without a script they break.
    /// Returns whether there was anything.
    pub(crate) fn drop_least(&mut self) -> bool {
        let EarlierDictionaries { all, room } = &mut self.dictionaries;
        if all.is_empty() {
            return self.kept.pop().is_some();
        }
        self.dictionaries_dropped += 1;
        if *room > 0 {
            *room = 0;
        } else {
            all.clear();
        }
        true
    }

    /// Returns notes about what is left out because of a limit of the platform.
    pub(crate) fn over_limit(&self) -> Vec<Diagnostic> {
        let dropped = self.found - self.kept.len();
        let builds = (dropped > 0).then(|| trouble::over_limit(dropped, self.found));
        let is_without = self.dictionaries_dropped > 0;
        let dictionaries = is_without.then(trouble::dictionaries_over_limit);
        builds.into_iter().chain(dictionaries).collect()
    }

    fn within<'r>(&'r self, builds: &'r [index::Build]) -> Within<'r> {
        Within { bounds: &self.bounds, builds, current: &self.current, now: self.now }
    }

    /// Describes what is kept.
    pub(crate) fn report(&self) -> KeptReport {
        let files = || self.kept.iter().flatten();
        KeptReport {
            builds: self.kept.len(),
            files: files().count(),
            bytes: files().map(|entry| entry.identity.len()).sum(),
            sent: files().map(|entry| entry.preferred().len()).sum(),
        }
    }
}

/// Returns the time of this build, which the environment may set.
#[expect(clippy::disallowed_methods, reason = "a file is as old as the time since its build")]
fn now() -> SystemTime {
    let set = std::env::var(TIME_VARIABLE).ok().and_then(|text| text.trim().parse().ok());
    set.map_or_else(SystemTime::now, |seconds| UNIX_EPOCH + Duration::from_secs(seconds))
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
