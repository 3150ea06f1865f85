//! From a decoded path to an asset or a redirect: the only module that knows the URLs of pages.
//!
//! The rules are those of Cloudflare's servers. By default, as with Workers Static Assets
//! (`html_handling`), `about.html` is served at `/about` and `about/index.html` at `/about/`, matching
//! the files of Astro's `build.format`; every other spelling redirects there. [`workers`] and
//! [`pages`] contain the rules.

use std::borrow::Cow;

use crate::behaviour::{Behaviour, Compat, HtmlHandling, NotFoundHandling};
use crate::rows::Asset;
use crate::table::Table;

mod pages;
mod resolution;
mod workers;

pub use resolution::{Fallback, Resolution};

/// Resolves a decoded path by the table's [`Behaviour`].
pub fn resolve<'a>(table: &Table<'a>, path: &str) -> Resolution<'a> {
    let Behaviour { compat, html_handling, .. } = table.behaviour();
    match compat {
        Compat::Workers => workers::resolve(table, path, html_handling),
        Compat::Pages => pages::resolve(table, path),
    }
}

/// Finds the fallback for a missing asset. For Pages, a site without a `404.html` in the path's folder
/// or above it is a single-page application.
pub fn fallback<'a>(table: &Table<'a>, path: &str) -> Fallback<'a> {
    let Behaviour { compat, not_found_handling, .. } = table.behaviour();
    let page = || not_found_page(table, path).map(Fallback::NotFoundPage);
    let app = || table.asset("/index.html").map(Fallback::App);
    let fallback = match (compat, not_found_handling) {
        (Compat::Pages, _) => page().or_else(app),
        (Compat::Workers, NotFoundHandling::NearestPage) => page(),
        (Compat::Workers, NotFoundHandling::SinglePageApplication) => app(),
        (Compat::Workers, NotFoundHandling::None) => None,
    };
    fallback.unwrap_or(Fallback::Nothing)
}

/// Returns the path at which a page is served by default, if it differs from the file's path: `/about/`
/// for `/about/index.html`, `/about` for `/about.html`.
pub fn canonical_page_path(file: &str) -> Option<&str> {
    let stem = file.strip_suffix(".html")?;
    match stem.strip_suffix("index") {
        Some(folder) if folder.ends_with('/') => Some(folder),
        _ if stem.ends_with('/') => None,
        _ => Some(stem),
    }
}

/// Returns the path at which a file is served, unless another file has that path.
pub fn page_path(file: &str, behaviour: Behaviour) -> Cow<'_, str> {
    let Some(usual) = canonical_page_path(file) else { return Cow::Borrowed(file) };
    let stem = usual.strip_suffix('/').unwrap_or(usual);
    match (behaviour.compat, behaviour.html_handling) {
        (Compat::Workers, HtmlHandling::None) => Cow::Borrowed(file),
        (Compat::Workers, HtmlHandling::ForceTrailingSlash) => Cow::Owned([stem, "/"].concat()),
        (Compat::Workers, HtmlHandling::DropTrailingSlash) if usual != "/" => Cow::Borrowed(stem),
        _ => Cow::Borrowed(usual),
    }
}

/// Returns the `404.html` in a path's folder, or the nearest one above it.
fn not_found_page<'a>(table: &Table<'a>, path: &str) -> Option<Asset<'a>> {
    // All candidates share a buffer, since a path may consist of slashes alone.
    let mut candidate = path.to_owned();
    for (folder, _) in path.rmatch_indices('/') {
        candidate.truncate(folder);
        candidate.push_str("/404.html");
        if let Some(page) = table.asset(&candidate) {
            return Some(page);
        }
    }
    None
}
