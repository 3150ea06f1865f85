//! From a decoded path to an asset or a redirect: the one place that knows which URLs a page has.
//!
//! The rule is `auto-trailing-slash` of Workers Static Assets: `about.html` is served at `/about`
//! and `about/index.html` at `/about/`, as Astro's `build.format` wrote them, and every other
//! spelling redirects there.

use crate::table::{Asset, Table};

/// What a path comes to.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(
    target_pointer_width = "64",
    expect(clippy::large_enum_variant, reason = "a box would be paid for at every request")
)]
pub enum Resolution<'a> {
    /// The path is the asset's own.
    Asset(Asset<'a>),
    /// The asset is found at another path, [`canonical_page_path`] of its file.
    Redirect(&'a str),
    /// No asset answers this path.
    Nothing,
}

/// Resolves a decoded path.
pub fn resolve<'a>(table: &Table<'a>, path: &str) -> Resolution<'a> {
    let is_folder = path.ends_with('/');
    // No file's path ends with a slash, so that lookup is saved for the most frequent pages.
    if !is_folder && let Some(file) = table.asset(path) {
        return match redirect_to(table, &file) {
            Resolution::Nothing => Resolution::Asset(file),
            redirect => redirect,
        };
    }
    let page = |stem: &str, suffix: &str| table.asset(&[stem, suffix].concat());
    let own = if is_folder { page(path, "index.html") } else { page(path, ".html") };
    if let Some(own) = own.filter(|own| canonical_page_path(own.path()) == Some(path)) {
        return Resolution::Asset(own);
    }
    let stem = stem(path);
    // `/x/index` is a spelling of `x/index.html` first, all others are of `x.html`.
    let [first, second] =
        if path.ends_with("/index") { ["/index.html", ".html"] } else { [".html", "/index.html"] };
    match page(stem, first).or_else(|| page(stem, second)) {
        Some(page) => redirect_to(table, &page),
        None => Resolution::Nothing,
    }
}

/// Returns a redirect to the canonical path of a page, if it has one that leads to it: another
/// file may have that name.
fn redirect_to<'a>(table: &Table<'a>, page: &Asset<'a>) -> Resolution<'a> {
    let Some(canonical) = canonical_page_path(page.path()) else { return Resolution::Nothing };
    match resolve(table, canonical) {
        Resolution::Asset(found) if found.path() == page.path() => Resolution::Redirect(canonical),
        _ => Resolution::Nothing,
    }
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

/// Returns what the spellings of a page have in common: `/x` for `/x/`, `/x.html`, `/x/index` and
/// `/x/index.html`.
fn stem(path: &str) -> &str {
    if let Some(folder) = path.strip_suffix('/') {
        return folder;
    }
    let page = path.strip_suffix(".html").unwrap_or(path);
    page.strip_suffix("/index").unwrap_or(page)
}

/// Returns the `404.html` nearest to a path, going up the tree.
pub fn not_found_page<'a>(table: &Table<'a>, path: &str) -> Option<Asset<'a>> {
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
