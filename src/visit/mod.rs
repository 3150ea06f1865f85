//! The weight of a site's pages: what a browser loads with each of them, in bytes as sent.
//!
//! What a page loads is read from its markup, its style sheets and its modules, and each file is requested
//! from the table by the runtime, so that sizes are exact. What a script fetches when it runs is unknown.

mod font;
mod image;
mod import_map;
mod loading;
mod page;
mod reply;
mod report;
mod screen;
mod site;
mod style;

#[cfg(feature = "cli")]
pub(crate) use image::urls_of_set;
pub use report::{Freshness, Load, LoadKind, LoadTime, PageWeight, Traffic};
pub use screen::{HEIGHT, WIDTH};

use crate::feedback::error::PackError;
use crate::project::layout::Layout;
use crate::tabulate::AssetTable;
use reply::{Replies, Server};

/// Weighs all pages of a table.
pub(crate) fn pages(table: &AssetTable, layout: Layout) -> Result<Vec<PageWeight>, PackError> {
    let server = match layout {
        Layout::Static => Server::Missing,
        Layout::ClientAndServer | Layout::PagesWorker => Server::Present,
    };
    let replies = Replies::of(table, server);
    let mut pages = site::visits(table, &replies)?;
    if let Some(entry) = entry(&pages) {
        site::visit_again(&mut pages, &entry, &replies);
    }
    Ok(pages)
}

/// Returns the URL of the page that is visited first.
pub(crate) fn entry(pages: &[PageWeight]) -> Option<String> {
    let home = pages.iter().find(|page| page.url == "/");
    home.or(pages.first()).map(|page| page.url.clone())
}

/// Returns the URL of the median page by its first visit, the heavier one of two.
pub(crate) fn median(pages: &[PageWeight]) -> Option<String> {
    median_by(pages, |page| page.first.bytes)
}

/// Returns the URL of the median page by its visit as the second page, the heavier one of two. The entry page
/// does not count.
pub(crate) fn median_second(pages: &[PageWeight]) -> Option<String> {
    let entry = entry(pages);
    let others: Vec<PageWeight> =
        pages.iter().filter(|page| Some(&page.url) != entry.as_ref()).cloned().collect();
    median_by(&others, |page| page.second.bytes)
}

fn median_by(pages: &[PageWeight], bytes: impl Fn(&PageWeight) -> usize) -> Option<String> {
    let is_error = |page: &&PageWeight| {
        let name = page.file.rsplit('/').next().unwrap_or_default();
        matches!(name, "404.html" | "500.html")
    };
    let mut sorted: Vec<&PageWeight> = pages.iter().filter(|page| !is_error(page)).collect();
    sorted.sort_by_key(|page| (bytes(page), &page.url));
    sorted.get(sorted.len() / 2).map(|page| page.url.clone())
}
