//! Compares a site with its budgets.

use std::collections::{BTreeMap, BTreeSet};

use worker_pack_runtime::packer::path::encode;
use worker_pack_runtime::{Behaviour, Coding};

use super::Written;
use crate::asset::fingerprint;
use crate::cache::Cache;
use crate::feedback::budget::{BudgetReport, Culprit};
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::feedback::error::PackError;
use crate::options::{Budget, BudgetCoding, FilePattern};
use crate::output::manifest::Manifest;
use crate::tabulate::{AssetEntry, AssetTable};
use crate::visit::{LoadTime, PageWeight};
use crate::weight::gzip_len;

/// Number of files to name.
const NAMED: usize = 5;

/// The results of budgets.
#[derive(Debug, Default)]
pub(crate) struct Checked {
    pub(crate) budgets: Vec<BudgetReport>,
    /// Warnings about budgets that match nothing.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl Checked {
    /// Fails if a budget is exceeded.
    pub(crate) fn check(&self) -> Result<(), PackError> {
        match self.budgets.iter().filter(|budget| budget.is_exceeded()).count() {
            0 => Ok(()),
            exceeded => Err(PackError::OverBudget { exceeded, budgets: self.budgets.clone() }),
        }
    }
}

/// Compares a table with budgets. `earlier` is another build, whose sizes are shown beside.
pub(crate) fn check(
    budgets: &[Written],
    table: &AssetTable,
    pages: &[PageWeight],
    earlier: Option<&Manifest>,
    cache: &Cache,
) -> Result<Checked, PackError> {
    let behaviour = table.rules().behaviour;
    let url = |entry: &AssetEntry| encode(&entry.route.url_path_in(behaviour));
    let entries = table.entries().iter().map(|entry| (url(entry), entry)).collect();
    let pages = pages.iter().map(|page| (page.url.as_str(), page)).collect();
    let site = Site { entries, pages, behaviour, cache, before: earlier.map(Before::of) };
    let mut checked = Checked::default();
    for Written { budget, source } in budgets {
        let report = site.report(budget)?;
        if report.matched == 0 {
            let file = source.unwrap_or("worker-pack.toml");
            checked.diagnostics.push(site.matches_nothing(budget, file));
        }
        checked.budgets.push(BudgetReport { source: source.map(str::to_owned), ..report });
    }
    Ok(checked)
}

struct Site<'s> {
    /// The files by their URLs.
    entries: BTreeMap<String, &'s AssetEntry>,
    /// The pages by their URLs. Empty if no budget bounds pages.
    pages: BTreeMap<&'s str, &'s PageWeight>,
    behaviour: Behaviour,
    cache: &'s Cache,
    before: Option<Before<'s>>,
}

impl Site<'_> {
    fn report(&self, budget: &Budget) -> Result<BudgetReport, PackError> {
        let empty = BudgetReport {
            name: budget.title(),
            source: None,
            limit: budget.limit.bytes(),
            size: 0,
            before: None,
            coding: budget.coding,
            page: None,
            matched: 0,
            pages_over: 0,
            culprits: Vec::new(),
        };
        let Some(pattern) = &budget.page else {
            let chosen: Vec<&AssetEntry> =
                self.entries.values().copied().filter(|entry| counts_once(budget, entry)).collect();
            let (size, culprits) = self.sum(&chosen, budget.coding)?;
            let before = self.before.as_ref().map(|before| before.sum(budget));
            return Ok(BudgetReport { size, before, matched: chosen.len(), culprits, ..empty });
        };
        let mut report = empty;
        for (url, entry) in &self.entries {
            let page = self.pages.get(url.as_str());
            let Some(page) = page.filter(|_| pattern.matches(&entry.route, self.behaviour)) else {
                continue;
            };
            let loaded = self.loaded(page, budget);
            let (size, culprits) = self.sum(&loaded, budget.coding)?;
            report.matched += 1;
            report.pages_over += usize::from(size > report.limit);
            if size > report.size || report.page.is_none() {
                report = BudgetReport { size, culprits, page: Some(url.clone()), ..report };
            }
        }
        Ok(report)
    }

    /// Returns the files that count at the first visit of a page.
    fn loaded(&self, page: &PageWeight, budget: &Budget) -> Vec<&AssetEntry> {
        let loads = page.loads.iter().filter(|load| load.time == LoadTime::First);
        // A file may be asked for with several queries.
        let paths: BTreeSet<&str> =
            loads.map(|load| load.url.split('?').next().unwrap_or_default()).collect();
        let entries = paths.into_iter().filter_map(|path| self.entries.get(path)).copied();
        entries.filter(|entry| counts(budget, entry)).collect()
    }

    fn url(&self, entry: &AssetEntry) -> String {
        encode(&entry.route.url_path_in(self.behaviour))
    }

    fn sum(
        &self,
        entries: &[&AssetEntry],
        coding: BudgetCoding,
    ) -> Result<(usize, Vec<Culprit>), PackError> {
        let mut total = 0;
        let mut culprits = Vec::new();
        for entry in entries {
            let size = size(entry, coding, self.cache)?;
            total += size;
            let url = self.url(entry);
            let before = self.before.as_ref().and_then(|before| before.size(&url, coding));
            culprits.push(Culprit { url, size, before });
        }
        culprits.sort_by(|a, b| (b.size, &a.url).cmp(&(a.size, &b.url)));
        culprits.truncate(NAMED);
        Ok((total, culprits))
    }

    fn matches_nothing(&self, budget: &Budget, file: &str) -> Diagnostic {
        let mut candidates: BTreeSet<String> = BTreeSet::new();
        let mut wanted = String::new();
        if let Some(page) = &budget.page {
            wanted = page.to_string();
            candidates.extend(self.pages.keys().map(|url| (*url).to_owned()));
        } else if let Some(file) = budget.file.first() {
            wanted = file.to_string();
            candidates.extend(self.entries.values().flat_map(|entry| {
                let path = fingerprint::without(entry.route.as_str());
                let name = path.rsplit('/').next().unwrap_or_default().to_owned();
                [name, path]
            }));
        } else if let Some(media_type) = &budget.media_type {
            wanted = media_type.to_string();
            candidates.extend(self.entries.values().map(|entry| entry.media_type.to_string()));
        }
        let near = nearest(&wanted, candidates.iter().map(String::as_str));
        let help = match near {
            Some(near) => {
                format!("did you mean `{near}`? The budget is kept by any site until it matches")
            }
            None => "correct its pattern, or remove it; it is kept by any site until it matches"
                .to_owned(),
        };
        let message = format!("the budget “{}” matches nothing", budget.title());
        Diagnostic::warning(Code::BudgetMatchesNothing, file, message).with_help(help)
    }
}

/// Returns the text among some that is most like another, if it is similar.
fn nearest<'c>(wanted: &str, candidates: impl Iterator<Item = &'c str>) -> Option<&'c str> {
    let rated = candidates.map(|one| (strsim::jaro_winkler(wanted, one), one));
    let near = rated.filter(|(similarity, _)| *similarity > 0.8);
    near.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, one)| one)
}

/// Returns whether an asset counts among all files. The second route of a file does not.
fn counts_once(budget: &Budget, entry: &AssetEntry) -> bool {
    entry.fingerprint_of.is_none() && counts(budget, entry)
}

fn counts(budget: &Budget, entry: &AssetEntry) -> bool {
    // A budget names files as the project does.
    let route = entry.fingerprint_of.as_ref().unwrap_or(&entry.route);
    is_chosen(budget, route.as_str(), entry.media_type.as_str())
}

fn is_chosen(budget: &Budget, path: &str, media_type: &str) -> bool {
    budget.media_type.as_ref().is_none_or(|pattern| pattern.has(media_type))
        && (budget.file.is_empty() || FilePattern::choose(&budget.file, path))
}

/// Returns the size of a file in a content coding.
fn size(entry: &AssetEntry, coding: BudgetCoding, cache: &Cache) -> Result<usize, PackError> {
    let identity = entry.identity.len();
    let in_coding = |wanted: Coding| {
        let mut encoded = entry.encoded.iter();
        encoded.find(|(coding, _)| *coding == wanted).map(|(_, blob)| blob.len())
    };
    Ok(match coding {
        BudgetCoding::Identity => identity,
        BudgetCoding::Brotli => entry.preferred().len(),
        BudgetCoding::Gzip => match in_coding(Coding::Gzip) {
            Some(size) => size,
            None => gzip_len(std::slice::from_ref(&entry.identity), cache)?.min(identity),
        },
    })
}

/// The sizes of another build, from its manifest.
struct Before<'m> {
    manifest: &'m Manifest,
    /// The routes by their URLs without fingerprints.
    routes: BTreeMap<String, &'m str>,
}

impl<'m> Before<'m> {
    fn of(manifest: &'m Manifest) -> Self {
        let routes = manifest.assets.iter();
        let routes =
            routes.map(|(route, asset)| (fingerprint::starred(&asset.url), route.as_str()));
        Self { manifest, routes: routes.collect() }
    }

    fn size(&self, url: &str, coding: BudgetCoding) -> Option<usize> {
        self.size_of(self.routes.get(&fingerprint::starred(url))?, coding)
    }

    fn size_of(&self, route: &str, coding: BudgetCoding) -> Option<usize> {
        let representations = &self.manifest.assets.get(route)?.representations;
        let one = match coding {
            BudgetCoding::Brotli => representations.first(),
            BudgetCoding::Identity => representations.last(),
            BudgetCoding::Gzip => representations.iter().find(|one| one.encoding == "gzip"),
        };
        one.map(|one| one.bytes)
    }

    /// Returns the sum of the files that a budget chose in the other build.
    fn sum(&self, budget: &Budget) -> usize {
        let chosen = self.manifest.assets.iter().filter(|(route, asset)| {
            let media_type = asset.content_type.split(';').next().unwrap_or_default().trim();
            asset.fingerprint_of.is_none() && is_chosen(budget, route, media_type)
        });
        chosen.filter_map(|(route, _)| self.size_of(route, budget.coding)).sum()
    }
}
