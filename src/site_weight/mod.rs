//! The weight of a site: its files, its pages, its budgets, and what has changed since another build.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::budget;
use crate::difference::{self, DifferenceReport};
use crate::feedback::budget::BudgetReport;
use crate::feedback::error::PackError;
use crate::pack::Pack;
use crate::pack::report::Report;
use crate::parallel;
use crate::visit::{self, PageWeight};

/// The weighing of a site: its files, its pages, and its budgets.
///
/// ```no_run
/// use worker_pack::{Pack, SiteWeighing};
///
/// # fn main() -> Result<(), worker_pack::PackError> {
/// let weight = SiteWeighing::of(Pack::from_dir("dist")).run()?;
/// for page in &weight.pages {
///     println!("{}: {} bytes at the first visit", page.url, page.first.bytes);
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct SiteWeighing {
    pack: Pack,
    since: Option<String>,
    output: Option<PathBuf>,
}

impl SiteWeighing {
    /// Weighs the site of a pack. Its target only says where an earlier build is.
    pub fn of(pack: Pack) -> Self {
        Self { pack, since: None, output: None }
    }

    /// Sets the site to compare with: a manifest, a folder with one, a build, or one of them in a revision of
    /// git. By default it is the last build.
    #[must_use]
    pub fn since(self, name: Option<String>) -> Self {
        Self { since: name, ..self }
    }

    /// Sets the folder of the last build, with which the site is compared if no other site is named. By default
    /// it is that of the pack's target.
    #[must_use]
    pub fn output(self, folder: impl Into<PathBuf>) -> Self {
        Self { output: Some(folder.into()), ..self }
    }

    /// Packs the site in memory, and weighs it. A budget that is exceeded is a part of the report.
    ///
    /// # Errors
    /// If the site cannot be packed, or the other site cannot be read.
    pub fn run(&self) -> Result<SiteWeight, PackError> {
        let packed = self.pack.run()?;
        let pool =
            parallel::pool().map_err(|error| PackError::Threads { message: error.to_string() })?;
        pool.install(|| {
            let (table, report) = (packed.table(), packed.report());
            let earlier =
                difference::earlier(&self.pack, self.since.as_deref(), self.output.as_deref())?;
            let pages = visit::pages(table, report.layout)?;
            let entry = visit::entry(&pages);
            let (budgets, findings) = budget::all(self.pack.chosen(), self.pack.dist())?;
            let earlier_manifest = earlier.as_ref().map(|(_, manifest)| manifest);
            let checked = budget::check(&budgets, table, &pages, earlier_manifest, packed.cache())?;
            let mut report = report.clone();
            report.diagnostics.extend(findings);
            report.diagnostics.extend(checked.diagnostics);
            report.diagnostics.sort();
            Ok(SiteWeight {
                version: SiteWeight::VERSION,
                median: visit::median(&pages),
                second: visit::median_second(&pages),
                entry,
                budgets: checked.budgets,
                change: earlier.map(|earlier| difference::since(&earlier, table)),
                pages,
                report,
            })
        })
    }
}

/// The weight of a packed site: its files, and what visits of its pages cost.
///
/// Sizes are in bytes of bodies as they are sent to a browser, which accepts Brotli. Header fields are not
/// counted.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SiteWeight {
    /// The version of the format. It changes when a field is removed or changes its meaning.
    pub version: u32,
    /// The URL of the page that is visited first: the home page, or else the first one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<String>,
    /// The median page, by its first visit. Pages of errors do not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub median: Option<String>,
    /// The median page by its visit as the second page. The entry page and those of errors do not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second: Option<String>,
    /// Every page, sorted by URL.
    pub pages: Vec<PageWeight>,
    /// The budgets, in the order in which they are written.
    pub budgets: Vec<BudgetReport>,
    /// The changes since another build, if it was compared with one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<DifferenceReport>,
    /// The report on the pack, with all files.
    pub report: Report,
}

impl SiteWeight {
    /// The present version of the format.
    pub const VERSION: u32 = 1;

    /// Returns a page by its URL.
    pub fn page(&self, url: &str) -> Option<&PageWeight> {
        self.pages.iter().find(|page| page.url == url)
    }
}
