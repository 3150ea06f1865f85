//! The weight of a site's pages: what a browser loads with each of them, in bytes as sent.
//!
//! What a page loads is read from its markup, its style sheets and its modules, and each file is requested
//! from the table by the runtime, so that sizes are exact. What a script fetches when it runs is unknown.

mod image;
mod page;
mod reply;
mod report;
mod screen;
mod site;
mod style;

use std::path::PathBuf;

pub use report::{Freshness, Load, LoadKind, LoadTime, PageWeight, SiteWeight, Traffic};
pub use screen::{HEIGHT, WIDTH};

use crate::budget;
use crate::difference;
use crate::feedback::error::PackError;
use crate::pack::Pack;
use crate::parallel;
use crate::project::layout::Layout;
use crate::tabulate::AssetTable;
use reply::{Replies, Server};

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
            let pages = pages(table, report.layout)?;
            let entry = entry(&pages);
            let (budgets, findings) = budget::of_pack(&self.pack)?;
            let earlier_manifest = earlier.as_ref().map(|(_, manifest)| manifest);
            let checked = budget::check(&budgets, table, &pages, earlier_manifest, packed.cache())?;
            let mut report = report.clone();
            report.diagnostics.extend(findings);
            report.diagnostics.extend(checked.diagnostics);
            report.diagnostics.sort();
            Ok(SiteWeight {
                version: SiteWeight::VERSION,
                median: median(&pages),
                entry,
                budgets: checked.budgets,
                change: earlier.map(|earlier| difference::since(&earlier, table)),
                pages,
                report,
            })
        })
    }
}

/// Weighs all pages of a table.
pub(crate) fn pages(table: &AssetTable, layout: Layout) -> Result<Vec<PageWeight>, PackError> {
    let server = match layout {
        Layout::Static => Server::Missing,
        Layout::ClientAndServer | Layout::PagesWorker => Server::Present,
    };
    let replies = Replies::of(table, server);
    let mut pages = site::visits(table, &replies)?;
    if let Some(entry) = entry(&pages) {
        site::visit_again(&mut pages, &entry);
    }
    Ok(pages)
}

/// Returns the URL of the page that is visited first.
fn entry(pages: &[PageWeight]) -> Option<String> {
    let home = pages.iter().find(|page| page.url == "/");
    home.or(pages.first()).map(|page| page.url.clone())
}

/// Returns the URL of the median page by its first visit, the heavier one of two.
fn median(pages: &[PageWeight]) -> Option<String> {
    let is_error = |page: &&PageWeight| {
        let name = page.file.rsplit('/').next().unwrap_or_default();
        matches!(name, "404.html" | "500.html")
    };
    let mut sorted: Vec<&PageWeight> = pages.iter().filter(|page| !is_error(page)).collect();
    sorted.sort_by_key(|page| (page.first.bytes, &page.url));
    sorted.get(sorted.len() / 2).map(|page| page.url.clone())
}
