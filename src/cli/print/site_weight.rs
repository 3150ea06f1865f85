//! The weight of a site's pages as text: the answer in five lines, and the budgets.

use std::fmt::{self, Display, Formatter};
use std::path::Path;

use worker_pack::report::{
    BudgetReport, PageWeight, Printable, PrintablePath, SiteWeight, Traffic, WeightReport,
};

use super::summary::Size;
use crate::cli::terminal::{DIM, ERROR, HEADING, SUCCESS};

/// The first findings of a report.
pub(crate) struct SiteWeightSummary<'r> {
    pub(crate) site: &'r SiteWeight,
    /// The weight of the built Worker, if there is one.
    pub(crate) worker: Option<&'r WeightReport>,
}

impl<'r> SiteWeightSummary<'r> {
    /// Adds the file of the page.
    pub(crate) fn with_place(self, place: Option<&'r Path>) -> impl Display + 'r {
        Placed { summary: self, place }
    }
}

struct Placed<'r> {
    summary: SiteWeightSummary<'r>,
    place: Option<&'r Path>,
}

impl Display for Placed<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.summary.fmt(f)?;
        match self.place {
            Some(place) => writeln!(f, "\n{HEADING}report{HEADING:#}  {}", PrintablePath(place)),
            None => Ok(()),
        }
    }
}

impl Display for SiteWeightSummary<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { site, worker } = self;
        let named = |url: &Option<String>| url.as_ref().and_then(|url| site.page(url));
        if let Some(entry) = named(&site.entry) {
            visit(f, "first visit", entry, entry.first.bytes, entry.first.requests)?;
        }
        if let Some(median) = named(&site.median) {
            visit(f, "median page", median, median.first.bytes, median.first.requests)?;
        }
        if let Some(second) = named(&site.second) {
            let Traffic { bytes, requests } = second.second;
            visit(f, "median second page", second, bytes, requests)?;
        }
        if site.pages.is_empty() {
            writeln!(f, "the site has no pages; its server makes them")?;
        }
        let heaviest =
            site.pages.iter().max_by_key(|page| (page.first.bytes, std::cmp::Reverse(&page.url)));
        if let Some(heaviest) = heaviest {
            visit(f, "heaviest page", heaviest, heaviest.first.bytes, heaviest.first.requests)?;
        }
        if let Some(worker) = worker {
            let weight = &worker.weight;
            let size = Size(weight.size).to_string();
            writeln!(
                f,
                "{HEADING}{:20}{HEADING:#}{size:>9}  {DIM}starts in about {} ms{DIM:#}",
                "Worker", weight.startup
            )?;
        }
        writeln!(
            f,
            "{DIM}bodies as sent, in Brotli where that is smaller; header fields are not counted{DIM:#}"
        )?;
        if !site.budgets.is_empty() {
            write!(f, "\n{}", BudgetTable(&site.budgets))?;
        }
        Ok(())
    }
}

fn visit(
    f: &mut Formatter<'_>,
    name: &str,
    page: &PageWeight,
    bytes: usize,
    requests: usize,
) -> fmt::Result {
    let (size, url) = (Size(bytes).to_string(), Printable(&page.url));
    let unit = if requests == 1 { "request" } else { "requests" };
    writeln!(f, "{HEADING}{name:20}{HEADING:#}{size:>9}  {requests:>3} {unit}  {url}")
}

/// The results of budgets, a line for each, and the largest files of those that are exceeded.
pub(crate) struct BudgetTable<'r>(pub(crate) &'r [BudgetReport]);

impl Display for BudgetTable<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADING}budgets{HEADING:#}")?;
        self.0.iter().try_for_each(|budget| self::budget(f, budget))
    }
}

fn budget(f: &mut Formatter<'_>, budget: &BudgetReport) -> fmt::Result {
    let (size, limit) = (Size(budget.size).to_string(), Size(budget.limit).to_string());
    let name = Printable(&budget.name);
    if budget.is_exceeded() {
        write!(f, "{ERROR}{:>5}{ERROR:#}", "over")?;
    } else {
        write!(f, "{SUCCESS}{:>5}{SUCCESS:#}", "kept")?;
    }
    write!(f, "  {size:>9} of {limit:>9}  {name}")?;
    if budget.coding != worker_pack::options::BudgetCoding::Brotli {
        write!(f, " {DIM}({}){DIM:#}", budget.coding)?;
    }
    if let Some(page) = &budget.page {
        write!(f, "  {DIM}{}{DIM:#}", Printable(page))?;
    }
    if budget.matched == 0 {
        write!(f, "  {DIM}matches nothing{DIM:#}")?;
    }
    writeln!(f)?;
    if !budget.is_exceeded() {
        return Ok(());
    }
    write!(f, "{:>7}{} over", "", Exact(budget.excess()))?;
    if budget.pages_over > 1 {
        write!(f, ", and {} pages are", budget.pages_over)?;
    }
    match budget.before.filter(|before| *before != budget.size) {
        Some(before) => writeln!(f, "; the last build had {}", Size(before))?,
        None => writeln!(f)?,
    }
    for culprit in &budget.culprits {
        let size = Size(culprit.size).to_string();
        write!(f, "{:>7}{size:>9}  {}", "", Printable(&culprit.url))?;
        match culprit.before {
            Some(before) if before < culprit.size => {
                write!(
                    f,
                    "  {ERROR}+{}{ERROR:#} since the last build",
                    Exact(culprit.size - before)
                )?;
            }
            Some(before) if before > culprit.size => {
                write!(f, "  -{} since the last build", Exact(before - culprit.size))?;
            }
            _ => {}
        }
        writeln!(f)?;
    }
    Ok(())
}

/// A number of bytes, to the byte if it is small.
struct Exact(usize);

impl Display for Exact {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.0 < 10_000 { write!(f, "{} B", self.0) } else { Size(self.0).fmt(f) }
    }
}
