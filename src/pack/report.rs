//! The report on a pack, as data. The summary and `--format json` are made from it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use worker_pack_runtime::packer::resolve::{Fallback, fallback};
use worker_pack_runtime::{Asset, Behaviour, Coding, ETag, Representation, Table};

use super::dictionaries::DictionaryReport;
use crate::asset::blob::Blob;
use crate::asset::digest::ContentHash;
use crate::asset::variant::Variant;
use crate::feedback::budget::BudgetReport;
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::ingest::LeftOut;
use crate::named::named;
use crate::options::PathRule;
use crate::output::Emitted;
use crate::output::worker::WorkerReport;
use crate::project::layout::Layout;
use crate::references::{FingerprintReport, IntegrityReport};
use crate::retention::KeptReport;
use crate::rules::SiteRules;
use crate::tabulate::{AssetEntry, AssetTable};
use crate::transform::Outcome;

/// The report on a pack. Sizes are in bytes.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The version of the format. It changes when a field is removed or changes its meaning.
    pub version: u32,
    /// The layout of the build.
    pub layout: Layout,
    /// The behaviour of the site, and the numbers of its rules.
    pub rules: RulesReport,
    /// Sums over all files.
    pub totals: Sizes,
    /// Sums for each media type, sorted by type.
    pub types: BTreeMap<String, Sizes>,
    /// Every public file, sorted by route.
    pub files: Vec<FileReport>,
    /// The names of the files that pages and other texts load, with the option `fingerprints`, sorted by route.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fingerprints: Vec<FingerprintReport>,
    /// The scripts and style sheets of the site that pages load or import, with the option `integrity`, sorted by route.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub integrity: Vec<IntegrityReport>,
    /// The dictionaries for pages, those of earlier builds too, sorted by URL.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dictionaries: Vec<DictionaryReport>,
    /// The files that are not public, sorted by path.
    pub left_out: Vec<LeftOut>,
    /// The diagnostics, sorted by path.
    pub diagnostics: Vec<Diagnostic>,
    /// The hashed files of earlier builds that are still served, with the option `keep`. They are among `files`
    /// and in the totals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<KeptReport>,
    /// The results of budgets, if the target has an output folder.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub budgets: Vec<BudgetReport>,
    /// The numbers of written files, if the target has an output folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emitted: Option<Emitted>,
    /// The report on the Worker, if the target is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worker: Option<WorkerReport>,
}

/// The behaviour of a site, and the numbers of its rules.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RulesReport {
    /// [`Behaviour::compat`], by its name.
    pub compat: Cow<'static, str>,
    /// The reason why the site follows that server, as the end of “since …”.
    pub reason: String,
    /// [`Behaviour::html_handling`], by its name.
    pub html_handling: Cow<'static, str>,
    /// [`Behaviour::not_found_handling`], by its name.
    pub not_found_handling: Cow<'static, str>,
    /// The answer of the assets to a path without a file.
    pub unknown_paths: UnknownPaths,
    /// [`Behaviour::fidelity`], by its name.
    pub fidelity: Cow<'static, str>,
    /// Number of rules from `_redirects` that are in effect.
    pub redirects: usize,
    /// Number of rules from `_headers` that are in effect.
    pub header_rules: usize,
    /// The rules by path of the options, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by_path: Vec<PathRuleReport>,
}

/// A rule by path.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PathRuleReport {
    /// The rule, as on the command line.
    pub rule: String,
    /// Number of public files that it matches.
    pub files: usize,
}

named! {
    /// The answer of the assets to a path without a file, and without a 404 page in a folder of its own.
    pub enum UnknownPaths {
        /// `/404.html`, with status 404.
        NotFoundPage = "404-page",
        /// `/index.html`, with status 200.
        HomePage = "home-page",
        /// A plain 404.
        NotFound = "404",
    }
}

impl UnknownPaths {
    fn of(table: &AssetTable) -> Self {
        let pages = table.entries().iter().map(|entry| entry.route.as_str());
        // The runtime looks for no other pages.
        let pages = pages.filter(|route| ["/404.html", "/index.html"].contains(route));
        let page = |route| Asset::new(route, "", "", Representation::identity(ETag::new(0), b""));
        let pages: Vec<Asset<'_>> = pages.map(page).collect();
        let table = Table::new(&pages).with_behaviour(table.rules().behaviour);
        match fallback(&table, "/") {
            Fallback::NotFoundPage(_) => Self::NotFoundPage,
            Fallback::App(_) => Self::HomePage,
            Fallback::Nothing => Self::NotFound,
        }
    }
}

impl RulesReport {
    fn new(table: &AssetTable, path_rules: &[PathRule]) -> Self {
        let rules = table.rules();
        let by_path = path_rules.iter().enumerate().map(|(number, rule)| {
            let is_matched = |entry: &&AssetEntry| entry.rules.contains(&number);
            let files = table.entries().iter().filter(is_matched).count();
            PathRuleReport { rule: rule.to_string(), files }
        });
        let Behaviour { compat, html_handling, not_found_handling, fidelity } = rules.behaviour;
        Self {
            compat: compat.name().into(),
            reason: rules.reason.to_string(),
            html_handling: html_handling.name().into(),
            not_found_handling: not_found_handling.name().into(),
            unknown_paths: UnknownPaths::of(table),
            fidelity: fidelity.name().into(),
            redirects: rules.redirects.fixed.len() + rules.redirects.dynamic.len(),
            header_rules: rules.headers.len(),
            by_path: by_path.collect(),
        }
    }
}

/// Sums over some files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sizes {
    /// Number of files.
    pub files: usize,
    /// Their size as written by Astro.
    pub source: usize,
    /// Their size after the transform.
    pub transformed: usize,
    /// Their size as sent to a client that accepts every coding.
    pub sent: usize,
}

/// One public file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FileReport {
    /// Its route in the table.
    pub route: String,
    /// The path of its URL, percent-encoded.
    pub url: String,
    /// The file, relative to the packed folder.
    pub file: String,
    /// The value of `Content-Type`.
    pub content_type: String,
    /// The value of `Cache-Control`.
    pub cache_control: String,
    /// Its size as written by Astro.
    pub source: usize,
    /// Its size after the transform.
    pub transformed: usize,
    /// Its size as sent to a client that accepts every coding.
    pub sent: usize,
    /// Its size in each coding that saves enough bytes.
    pub encoded: BTreeMap<Cow<'static, str>, usize>,
    /// Its variants, the preferred one first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variants: Vec<VariantReport>,
    /// The result of the transform.
    pub transform: Outcome,
    /// The file because of which it keeps its bytes, such as one that contains its hash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub named_by: Option<String>,
    /// The route of the file that it is, if this is a second route with a fingerprint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint_of: Option<String>,
    /// The rules by path that match it, by their places in [`RulesReport::by_path`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<usize>,
}

/// A variant: a representation for clients that name another media type, or that have a dictionary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VariantReport {
    /// Its content coding.
    pub coding: Cow<'static, str>,
    /// Its media type, if that is not the file's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// The SHA-256 of its dictionary, if it is encoded with one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dictionary: Option<ContentHash>,
    /// Its size in bytes.
    pub bytes: usize,
}

impl VariantReport {
    fn new(variant: &Variant) -> Self {
        Self {
            coding: Cow::Borrowed(variant.coding.token()),
            content_type: variant.content_type.clone(),
            dictionary: variant.dictionary,
            bytes: variant.body.len(),
        }
    }
}

impl Report {
    /// The version of the format that this version of worker-pack writes.
    pub const VERSION: u32 = 1;

    pub(crate) fn new(
        layout: Layout,
        table: &AssetTable,
        path_rules: &[PathRule],
        left_out: Vec<LeftOut>,
        diagnostics: Vec<Diagnostic>,
    ) -> Self {
        let mut totals = Sizes::default();
        let mut types = BTreeMap::<String, Sizes>::new();
        // A second route of a file costs nothing.
        for entry in table.entries().iter().filter(|entry| entry.fingerprint_of.is_none()) {
            totals.add(entry);
            types.entry(entry.media_type.to_string()).or_default().add(entry);
        }
        let behaviour = table.rules().behaviour;
        let files = table.entries().iter().map(|entry| FileReport::new(entry, behaviour)).collect();
        Self {
            version: Self::VERSION,
            layout,
            rules: RulesReport::new(table, path_rules),
            totals,
            types,
            files,
            fingerprints: Vec::new(),
            integrity: Vec::new(),
            dictionaries: Vec::new(),
            left_out,
            diagnostics,
            kept: None,
            budgets: Vec::new(),
            emitted: None,
            worker: None,
        }
    }
}

impl Report {
    /// Returns a report without contents, in the place of one that cannot be read.
    pub(super) fn lost() -> Self {
        let message = "the report of the last run is damaged";
        let note = Diagnostic::note(Code::CacheDamagedResults, "cache", message)
            .with_help("empty the cache: `worker-pack cache clean`");
        let table = AssetTable::new(Vec::new(), SiteRules::default());
        Self::new(Layout::Static, &table, &[], Vec::new(), vec![note])
    }
}

impl Sizes {
    fn add(&mut self, entry: &AssetEntry) {
        self.files += 1;
        self.source += entry.source_len;
        self.transformed += entry.identity.len();
        self.sent += entry.preferred().len();
    }
}

impl FileReport {
    fn new(entry: &AssetEntry, behaviour: Behaviour) -> Self {
        let encoded = |(coding, blob): &(Coding, Blob)| (Cow::Borrowed(coding.token()), blob.len());
        Self {
            route: entry.route.to_string(),
            url: worker_pack_runtime::packer::path::encode(&entry.route.url_path_in(behaviour)),
            file: entry.name.clone(),
            content_type: entry.content_type.clone(),
            cache_control: entry.cache_policy.to_string(),
            source: entry.source_len,
            transformed: entry.identity.len(),
            sent: entry.preferred().len(),
            encoded: entry.encoded.iter().map(encoded).collect(),
            variants: entry.variants.iter().map(VariantReport::new).collect(),
            transform: entry.outcome,
            named_by: entry.named_by.clone(),
            fingerprint_of: entry.fingerprint_of.as_ref().map(ToString::to_string),
            rules: entry.rules.clone(),
        }
    }
}
