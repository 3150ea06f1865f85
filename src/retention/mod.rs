//! Files of earlier builds: hashed files that stay public after a deployment, since a page that is open
//! while the site is deployed still asks for the scripts of its own build.
//!
//! A store beside the output holds the hashed files of the last builds with the bytes that they were served
//! with. They are never minified again: a browser that has an immutable file keeps those bytes. A file of
//! this build always wins over one of an earlier build, and a file that would change another answer of the
//! site is not kept.
//!
//! Damage of the store is a warning, and never a wrong body: the index has a checksum, each body is named
//! by its hash, and what does not agree is not served.

mod answers;
mod encoding;
mod index;
mod place;
mod record;
mod selection;
mod store;
mod trouble;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::asset::blob::Blob;
use crate::asset::digest::ContentHash;
use crate::asset::media_type::Language;
use crate::asset::route::RoutePath;
use crate::cache::Cache;
use crate::exposure::{Inspector, PublicFile};
use crate::feedback::diagnostic::Diagnostic;
use crate::feedback::error::PackError;
use crate::ingest::{EarlierFiles, Site};
use crate::options::{KeepBounds, Options};
use crate::parallel;
use crate::tabulate::{AssetEntry, AssetTable, EarlierFile};
use answers::Answers;
use index::{Build, RecordedFile};
use selection::{Selected, select};
use store::{Found, Store};

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
    /// The builds of the store, the oldest first. `None` if the store is not one that this run may change.
    builds: Option<Vec<Build>>,
    /// The hashed files of this build.
    current: Vec<RecordedFile>,
    /// The bodies that the store has lost.
    lost: BTreeSet<ContentHash>,
    /// The kept files by their builds, the newest build first.
    kept: Vec<Vec<AssetEntry>>,
    /// The number of builds that were kept before a limit of the platform.
    found: usize,
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
            builds: None,
            current,
            lost: BTreeSet::new(),
            kept: Vec::new(),
            found: 0,
            place,
        };
        let mut diagnostics = Vec::new();
        match Store::open(&retention.place) {
            Ok(None) => retention.builds = Some(Vec::new()),
            Err(warning) => diagnostics.push(warning),
            Ok(Some(store)) => match store.read(&retention.site) {
                Found::Missing => retention.builds = Some(Vec::new()),
                Found::Damaged(warning) => {
                    retention.builds = Some(Vec::new());
                    diagnostics.push(warning);
                }
                Found::Unusable(warning) => diagnostics.push(warning),
                Found::Builds(builds) => {
                    let keeping = Keeping {
                        site,
                        options,
                        cache,
                        answers: &answers,
                        public: EarlierFiles::of(site, options)?,
                        inspector: Inspector::new(&site.project, cache),
                    };
                    let Self { current, bounds, now, .. } = &retention;
                    let selected = select(&builds, current, bounds, *now);
                    retention.builds = Some(builds);
                    diagnostics.extend(retention.take(&store, &selected, &keeping));
                }
            },
        }
        retention.found = retention.kept.len();
        Ok(Some((retention, diagnostics)))
    }

    /// Makes assets of the selected files.
    fn take(
        &mut self,
        store: &Store,
        selected: &[Selected],
        keeping: &Keeping<'_>,
    ) -> Vec<Diagnostic> {
        let mut losses = Vec::new();
        let mut withheld = Vec::new();
        for build in selected {
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

    /// Leaves out the oldest build. Returns whether there was one.
    pub(crate) fn drop_oldest(&mut self) -> bool {
        self.kept.pop().is_some()
    }

    /// Returns a note about builds that are left out because of a limit of the platform.
    pub(crate) fn over_limit(&self) -> Option<Diagnostic> {
        let dropped = self.found - self.kept.len();
        (dropped > 0).then(|| trouble::over_limit(dropped, self.found))
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

/// The rules and the state that decide about each file of an earlier build.
struct Keeping<'k> {
    site: &'k Site,
    options: &'k Options,
    cache: &'k Cache,
    answers: &'k Answers<'k>,
    public: EarlierFiles<'k>,
    inspector: Inspector,
}

/// A file of an earlier build.
enum Taken {
    Kept(Box<AssetEntry>),
    /// The site would not publish it today, or answers its path in another way.
    NotPublic,
    /// It holds what looks like a secret.
    Secret,
    Lost(store::Loss),
}

impl Keeping<'_> {
    fn take(&self, store: &Store, file: &RecordedFile) -> Taken {
        let route = RoutePath::from_relative(Path::new(file.route.trim_start_matches('/')));
        let Some(route) = route.filter(|route| route.as_str() == file.route) else {
            return Taken::NotPublic;
        };
        let media_type = file.content_type.media_type();
        if media_type.language() == Some(Language::Html) || !self.answers.is_free(&route) {
            return Taken::NotPublic;
        }
        let Some(settings) = self.public.settings(self.site, &route) else {
            return Taken::NotPublic;
        };
        let bytes = match store.body(file) {
            Ok(bytes) => bytes,
            Err(loss) => return Taken::Lost(loss),
        };
        let name = self.site.project.layout.asset_name(route.as_str().trim_start_matches('/'));
        if media_type.is_compressible() && !self.inspector.is_clean(&route, file.sha256) {
            let public =
                PublicFile { name: &name, route: &route, media_type: &media_type, bytes: &bytes };
            if !self.inspector.inspect(public, file.sha256).is_empty() {
                return Taken::Secret;
            }
        }
        let codings = &settings.encodings;
        let encoded = if media_type.is_compressible() {
            encoding::encode(&bytes, file.sha256, codings, self.options.effort(), self.cache)
        } else {
            Vec::new()
        };
        let content_type = settings.content_type.clone();
        Taken::Kept(Box::new(AssetEntry::of_earlier_build(EarlierFile {
            route,
            name,
            content_type: content_type.unwrap_or_else(|| file.content_type.clone()),
            cache_policy: settings.cache.clone().unwrap_or_else(|| file.cache_control.clone()),
            rules: settings.rules.clone(),
            identity: Blob::new(bytes),
            encoded,
        })))
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
