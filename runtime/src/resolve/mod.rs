//! From a decoded path to an asset or a redirect: the one place that knows which URLs a page has.
//!
//! The rules are those of Cloudflare's servers. Of Workers Static Assets (`html_handling`), by
//! default, `about.html` is served at `/about` and `about/index.html` at `/about/`, as Astro's
//! `build.format` wrote them, and every other spelling redirects there. Those of Pages are in
//! [`pages`].

use std::borrow::Cow;

use crate::behaviour::{Behaviour, Compat, HtmlHandling, NotFoundHandling};
use crate::rows::Asset;
use crate::table::Table;

mod pages;
mod resolution;
mod workers;

pub(crate) use resolution::Fallback;
pub use resolution::Resolution;

/// Resolves a decoded path, as the table's [`Behaviour`] has it.
pub fn resolve<'a>(table: &Table<'a>, path: &str) -> Resolution<'a> {
    let Behaviour { compat, html_handling, .. } = table.behaviour();
    match compat {
        Compat::Workers => workers::resolve(table, path, html_handling),
        Compat::Pages => pages::resolve(table, path),
    }
}

/// Finds what stands in for an asset that is not there. Pages takes a site without any `404.html`
/// on the way for an application of one page.
pub(crate) fn fallback<'a>(table: &Table<'a>, path: &str) -> Fallback<'a> {
    let Behaviour { compat, not_found_handling, .. } = table.behaviour();
    let page = || not_found_page(table, path).map(Fallback::NotFoundPage);
    let app = || table.asset("/index.html").map(Fallback::App);
    let found = match (compat, not_found_handling) {
        (Compat::Pages, _) => page().or_else(app),
        (Compat::Workers, NotFoundHandling::NearestPage) => page(),
        (Compat::Workers, NotFoundHandling::SinglePageApplication) => app(),
        (Compat::Workers, NotFoundHandling::None) => None,
    };
    found.unwrap_or(Fallback::Nothing)
}

/// Returns the path at which a page is served, if that is not the file's own path:
/// `/about/` for `/about/index.html`, `/about` for `/about.html`.
pub fn canonical_page_path(file: &str) -> Option<&str> {
    let stem = file.strip_suffix(".html")?;
    match stem.strip_suffix("index") {
        Some(folder) if folder.ends_with('/') => Some(folder),
        _ if stem.ends_with('/') => None,
        _ => Some(stem),
    }
}

/// Returns the path at which a file is served, as far as no other file has it: as
/// [`canonical_page_path`] where pages have slashes as they like.
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

/// Returns the `404.html` nearest to a path, going up the tree.
fn not_found_page<'a>(table: &Table<'a>, path: &str) -> Option<Asset<'a>> {
    // One buffer for all of them, since a path may be nothing but slashes.
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
