//! What a pack came to, as data: the summary and `--format json` are made of it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use worker_pack_runtime::{Behaviour, Coding};

use crate::asset::blob::Blob;
use crate::feedback::diagnostic::Diagnostic;
use crate::ingest::LeftOut;
use crate::output::Emitted;
use crate::output::worker::WorkerReport;
use crate::project::layout::Layout;
use crate::rules::SiteRules;
use crate::tabulate::{AssetEntry, AssetTable};
use crate::transform::Outcome;

/// What a pack came to. Sizes are in bytes.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The version of this format; it changes when a field changes its meaning or goes.
    pub version: u32,
    /// How the build is laid out.
    pub layout: Layout,
    /// Whose rules the site follows, and how many of its own it has.
    pub rules: RulesReport,
    /// Sums over all files.
    pub totals: Sizes,
    /// Sums for each media type, sorted by type.
    pub types: BTreeMap<String, Sizes>,
    /// Every public file, sorted by route.
    pub files: Vec<FileReport>,
    /// What is not public, sorted by path.
    pub left_out: Vec<LeftOut>,
    /// What there is to say about the files, sorted by path.
    pub diagnostics: Vec<Diagnostic>,
    /// What was written, if anything was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emitted: Option<Emitted>,
    /// What there is to say about the Worker, if one was put together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worker: Option<WorkerReport>,
}

/// Whose rules a site follows, and how many of its own it has.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RulesReport {
    /// [`Behaviour::compat`], by its name.
    pub compat: Cow<'static, str>,
    /// [`Behaviour::html_handling`], by its name.
    pub html_handling: Cow<'static, str>,
    /// [`Behaviour::not_found_handling`], by its name.
    pub not_found_handling: Cow<'static, str>,
    /// [`Behaviour::fidelity`], by its name.
    pub fidelity: Cow<'static, str>,
    /// How many rules of `_redirects` are followed.
    pub redirects: usize,
    /// How many rules of `_headers` are followed.
    pub header_rules: usize,
}

impl RulesReport {
    fn new(rules: &SiteRules) -> Self {
        let Behaviour { compat, html_handling, not_found_handling, fidelity } = rules.behaviour;
        Self {
            compat: compat.name().into(),
            html_handling: html_handling.name().into(),
            not_found_handling: not_found_handling.name().into(),
            fidelity: fidelity.name().into(),
            redirects: rules.redirects.fixed.len() + rules.redirects.dynamic.len(),
            header_rules: rules.headers.len(),
        }
    }
}

/// Sums over some files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sizes {
    /// How many files there are.
    pub files: usize,
    /// Their size as Astro wrote them.
    pub source: usize,
    /// Their size after the transform.
    pub transformed: usize,
    /// Their size as sent to a client that takes every coding that was made.
    pub sent: usize,
}

/// One public file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FileReport {
    /// Where the table has it.
    pub route: String,
    /// The path of its URL, percent-encoded.
    pub url: String,
    /// The file, relative to the packed folder.
    pub file: String,
    /// The value of `Content-Type`.
    pub content_type: String,
    /// The value of `Cache-Control`.
    pub cache_control: String,
    /// Its size as Astro wrote it.
    pub source: usize,
    /// Its size after the transform.
    pub transformed: usize,
    /// Its size as sent to a client that takes every coding that was made.
    pub sent: usize,
    /// Its size in each coding that was kept.
    pub encoded: BTreeMap<Cow<'static, str>, usize>,
    /// What the transform came to.
    pub transform: Outcome,
}

impl Report {
    /// The version of the format that this version of worker-pack writes.
    pub const VERSION: u32 = 1;

    pub(crate) fn new(
        layout: Layout,
        table: &AssetTable,
        left_out: Vec<LeftOut>,
        diagnostics: Vec<Diagnostic>,
    ) -> Self {
        let mut totals = Sizes::default();
        let mut types = BTreeMap::<String, Sizes>::new();
        for entry in table.entries() {
            totals.add(entry);
            types.entry(entry.media_type.to_string()).or_default().add(entry);
        }
        let behaviour = table.rules().behaviour;
        let files = table.entries().iter().map(|entry| FileReport::new(entry, behaviour)).collect();
        Self {
            version: Self::VERSION,
            layout,
            rules: RulesReport::new(table.rules()),
            totals,
            types,
            files,
            left_out,
            diagnostics,
            emitted: None,
            worker: None,
        }
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
            transform: entry.outcome,
        }
    }
}
