//! From a decoded path to an asset or a redirect: the one place that knows which URLs a page has.
//!
//! The rule is `auto-trailing-slash` of Workers Static Assets: `about.html` is served at `/about`
//! and `about/index.html` at `/about/`, as Astro's `build.format` wrote them, and every other
//! spelling redirects there.

use crate::table::{Asset, Table};

/// What a path comes to.
#[derive(Clone, Copy, Debug)]
pub enum Resolution<'t, 'a, 'p> {
    /// The path is the asset's own.
    Asset(&'t Asset<'a>),
    /// The asset is found at another path, given decoded, with or without a trailing slash.
    Redirect(&'p str, TrailingSlash),
    /// No asset answers this path.
    Nothing,
}

/// Whether a redirect adds a slash to the path that it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrailingSlash {
    /// The path is used as it is.
    AsIs,
    /// A slash is added.
    Added,
}

/// Resolves a decoded path.
pub fn resolve<'t, 'a, 'p>(table: &'t Table<'a>, path: &'p str) -> Resolution<'t, 'a, 'p> {
    let asset = |stem: &str, suffix: &str| table.asset(&[stem, suffix].concat());

    if let Some(folder) = path.strip_suffix('/') {
        if let Some(page) = asset(path, "index.html") {
            return Resolution::Asset(page);
        }
        return match asset(folder, ".html") {
            Some(_) if !folder.is_empty() => Resolution::Redirect(folder, TrailingSlash::AsIs),
            _ => Resolution::Nothing,
        };
    }

    let exact = table.asset(path);
    if let Some(canonical) = canonical_page_path(path)
        && exact.is_some_and(|page| answers(table, canonical, page))
    {
        return Resolution::Redirect(canonical, TrailingSlash::AsIs);
    }
    if let Some(asset) = exact {
        return Resolution::Asset(asset);
    }
    if let Some(page) = asset(path, ".html") {
        return match path.strip_suffix("index") {
            // `/x/index` for `x/index.html`.
            Some(folder) if folder.ends_with('/') => {
                Resolution::Redirect(folder, TrailingSlash::AsIs)
            }
            _ => Resolution::Asset(page),
        };
    }
    if asset(path, "/index.html").is_some() {
        return Resolution::Redirect(path, TrailingSlash::Added);
    }
    // `/x/index`, `/x/index.html` and `/x.html` where the page is the other form of `x`.
    let stem = path.strip_suffix(".html").unwrap_or(path);
    if let Some(folder) = stem.strip_suffix("/index") {
        if asset(folder, ".html").is_some() && !folder.is_empty() {
            return Resolution::Redirect(folder, TrailingSlash::AsIs);
        }
    } else if stem != path && asset(stem, "/index.html").is_some() {
        return Resolution::Redirect(stem, TrailingSlash::Added);
    }
    Resolution::Nothing
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

/// Returns whether a canonical path leads to this page and to no other file.
fn answers(table: &Table<'_>, canonical: &str, page: &Asset<'_>) -> bool {
    match resolve(table, canonical) {
        Resolution::Asset(found) => found.path() == page.path(),
        _ => false,
    }
}

/// Returns the `404.html` nearest to a path, going up the tree.
pub fn not_found_page<'t, 'a>(table: &'t Table<'a>, path: &str) -> Option<&'t Asset<'a>> {
    let mut folder = path;
    while let Some((parent, _)) = folder.rsplit_once('/') {
        if let Some(page) = table.asset(&[parent, "/404.html"].concat()) {
            return Some(page);
        }
        folder = parent;
    }
    None
}
