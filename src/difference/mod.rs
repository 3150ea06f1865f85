//! The difference between two packed sites: routes, the bytes that they cost a returning visitor, and
//! rules.

mod report;
mod routes;
mod rules;
mod source;

use std::path::Path;

#[cfg(feature = "cli")]
pub(crate) use source::read as read_manifest;

pub use report::{
    Change, DifferenceReport, DifferenceTotals, FieldChange, RouteChange, RuleChange, Sent, Side,
};

use crate::cache::CacheLocation;
use crate::feedback::error::PackError;
use crate::options::Options;
use crate::output::manifest::{BodyFiles, Manifest};
use crate::pack::Pack;
use crate::project::path::slashes;
use crate::tabulate::AssetTable;

/// A comparison of two packed sites.
///
/// Each is named by a manifest, a folder with one, a build that is packed for the comparison, or a manifest or
/// folder in a revision of git, such as `main:manifest.json`.
#[derive(Debug, Default)]
pub struct Comparison {
    old: String,
    new: String,
    options: Options,
    cache: CacheLocation,
}

impl Comparison {
    /// Compares two sites.
    pub fn of(old: impl Into<String>, new: impl Into<String>) -> Self {
        Self { old: old.into(), new: new.into(), ..Self::default() }
    }

    /// Sets the options with which builds are packed.
    #[must_use]
    pub fn options(self, options: Options) -> Self {
        Self { options, ..self }
    }

    /// Sets the place of the cache from which the results of earlier packs are taken.
    #[must_use]
    pub fn cache(self, cache: CacheLocation) -> Self {
        Self { cache, ..self }
    }

    /// Compares them.
    ///
    /// # Errors
    /// If a manifest is missing or of a newer version, or a build cannot be packed.
    pub fn run(&self) -> Result<DifferenceReport, PackError> {
        let old = source::read(&self.old, &self.options, &self.cache)?;
        let new = source::read(&self.new, &self.options, &self.cache)?;
        Ok(between((&self.old, &old), (&self.new, &new)))
    }
}

/// Finds the site that a pack is compared with: the one of this name, or else an output, of the pack's target
/// by default.
/// Returns it with its name.
pub(crate) fn earlier(
    pack: &Pack,
    name: Option<&str>,
    output: Option<&Path>,
) -> Result<Option<(String, Manifest)>, PackError> {
    if let Some(name) = name {
        let manifest = source::read(name, pack.chosen(), pack.cache_place())?;
        return Ok(Some((name.to_owned(), manifest)));
    }
    let Some(out) = output.map(Path::to_owned).or_else(|| pack.out()) else { return Ok(None) };
    Ok(Manifest::in_folder(&out).map(|manifest| (slashes(&out), manifest)))
}

/// Compares a table with an earlier site.
pub(crate) fn since(earlier: &(String, Manifest), table: &AssetTable) -> DifferenceReport {
    let new = Manifest::new(table, BodyFiles::None);
    between((&earlier.0, &earlier.1), ("this build", &new))
}

/// Compares two manifests, each with its name.
fn between(old: (&str, &Manifest), new: (&str, &Manifest)) -> DifferenceReport {
    let routes = routes::changes(&old.1.assets, &new.1.assets);
    let (rules, without_rules) = match (&old.1.rules, &new.1.rules) {
        (Some(old), Some(new)) => (rules::changes(old, new), None),
        (None, _) => (Vec::new(), Some(old.0.to_owned())),
        (_, None) => (Vec::new(), Some(new.0.to_owned())),
    };
    let count = |change| routes.iter().filter(|route| route.change == change).count();
    let changed = count(Change::Added) + count(Change::Renamed) + count(Change::Changed);
    let totals = DifferenceTotals {
        added: count(Change::Added),
        removed: count(Change::Removed),
        renamed: count(Change::Renamed),
        changed: count(Change::Changed),
        unchanged: new.1.assets.values().filter(|asset| !asset.kept).count() - changed,
        downloaded: routes.iter().map(|route| route.downloaded).sum(),
    };
    DifferenceReport {
        version: DifferenceReport::VERSION,
        old: side(old),
        new: side(new),
        totals,
        routes,
        rules,
        without_rules,
    }
}

fn side((source, manifest): (&str, &Manifest)) -> Side {
    let own = || manifest.assets.values().filter(|asset| !asset.kept);
    let sent = own().filter_map(Sent::of).map(|sent| sent.bytes);
    Side { source: source.to_owned(), files: own().count(), bytes: sent.sum() }
}
