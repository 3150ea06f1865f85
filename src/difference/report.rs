//! The report on a difference, as data.

use serde::{Deserialize, Serialize};

use crate::named::named;
use crate::output::manifest::Asset;

/// The difference between two packed sites. Sizes are in bytes.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DifferenceReport {
    /// The version of the format. It changes when a field is removed or changes its meaning.
    pub version: u32,
    /// The site before.
    pub old: Side,
    /// The site after.
    pub new: Side,
    /// Sums over all routes.
    pub totals: DifferenceTotals,
    /// The routes that differ, sorted by URL.
    pub routes: Vec<RouteChange>,
    /// The rules that differ, sorted by file and subject.
    pub rules: Vec<RuleChange>,
    /// The site whose manifest is too old to have rules, which are not compared then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub without_rules: Option<String>,
}

impl DifferenceReport {
    /// The present version of the format.
    pub const VERSION: u32 = 1;

    /// Returns whether the sites differ.
    pub fn is_empty(&self) -> bool {
        self.routes.is_empty() && self.rules.is_empty()
    }
}

/// One of the two sites.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Side {
    /// Where its manifest is, as it was named.
    pub source: String,
    /// Number of files.
    pub files: usize,
    /// Sum of all files, each as a browser gets it.
    pub bytes: usize,
}

/// Sums over all routes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DifferenceTotals {
    /// Number of new routes.
    pub added: usize,
    /// Number of missing routes.
    pub removed: usize,
    /// Number of routes whose name only differs by a fingerprint.
    pub renamed: usize,
    /// Number of other routes that differ.
    pub changed: usize,
    /// Number of equal routes.
    pub unchanged: usize,
    /// What a visitor who has cached every file of the old site downloads to have every file of the new
    /// one. Bodies only: a file that has not changed costs a request at most.
    pub downloaded: usize,
}

named! {
    /// The difference of a route or rule.
    pub enum Change {
        /// It is new.
        Added = "added",
        /// It is missing.
        Removed = "removed",
        /// Its name differs by a fingerprint.
        Renamed = "renamed",
        /// It differs.
        Changed = "changed",
    }
}

/// A route that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RouteChange {
    /// The kind of the difference.
    pub change: Change,
    /// The path of the URL: of the new site, unless the route is missing there.
    pub url: String,
    /// The path of the URL on the old site, if that differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old_url: Option<String>,
    /// What a browser got.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old: Option<Sent>,
    /// What a browser gets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new: Option<Sent>,
    /// The parts that differ: `content`, `content-type`, `cache-control`.
    pub fields: Vec<FieldChange>,
    /// What a visitor who has cached the old file downloads.
    pub downloaded: usize,
}

/// A body as a browser gets it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// The length of the body.
    pub bytes: usize,
    /// The content coding, or `identity`.
    pub encoding: String,
}

impl Sent {
    /// Returns the preferred representation of an asset.
    pub(super) fn of(asset: &Asset) -> Option<Self> {
        let first = asset.representations.first()?;
        Some(Self { bytes: first.bytes, encoding: first.encoding.clone() })
    }
}

/// A part of a route that differs. The values of `content` are hashes of the uncompressed bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    /// The name of the part.
    pub name: String,
    /// The value before.
    pub old: String,
    /// The value after.
    pub new: String,
}

/// A rule that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleChange {
    /// The kind of the difference.
    pub change: Change,
    /// The file of the rule: `_headers` or `_redirects`, or `configuration`.
    pub file: String,
    /// What the rule is about: a pattern, with the name of a field in `_headers`.
    pub subject: String,
    /// The value before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old: Option<String>,
    /// The value after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new: Option<String>,
}
