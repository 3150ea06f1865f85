//! The URLs of pages on Pages.
//!
//! Unlike Workers Static Assets, Pages redirects `/x/index` even if `/x/` is missing.

use super::resolution::Resolution;
use crate::table::Table;

pub(super) fn resolve<'a>(table: &Table<'a>, path: &str) -> Resolution<'a> {
    let page = |stem: &str, suffix: &str| table.asset(&[stem, suffix].concat());
    if let Some(stem) = path.strip_suffix('/') {
        return if let Some(page) = page(path, "index.html") {
            Resolution::Asset(page)
        } else if let Some(folder) = path.strip_suffix("index/").filter(|it| it.ends_with('/')) {
            redirect(folder)
        } else if page(stem, ".html").is_some() {
            redirect(stem)
        } else {
            Resolution::Nothing
        };
    }
    if let Some(file) = table.asset(path) {
        let Some(stem) = path.strip_suffix(".html") else { return Resolution::Asset(file) };
        return match stem.strip_suffix("index").filter(|folder| folder.ends_with('/')) {
            Some(folder) => redirect(folder),
            None if stem == "/" || table.asset(stem).is_some() => Resolution::Asset(file),
            None => redirect(stem),
        };
    }
    if let Some(folder) = path.strip_suffix("index").filter(|folder| folder.ends_with('/')) {
        redirect(folder)
    } else if let Some(page) = page(path, ".html") {
        Resolution::Asset(page)
    } else if page(path, "/index.html").is_some() {
        redirect(&[path, "/"].concat())
    } else {
        Resolution::Nothing
    }
}

/// Redirects within the site. Leading slashes, which a browser reads as the start of a host name, are
/// removed in every spelling.
fn redirect<'a>(to: &str) -> Resolution<'a> {
    let mut rest = to;
    loop {
        let shorter = rest.trim_start_matches(['/', '\\', '\t', '\n', '\r']);
        let escaped = shorter
            .get(..3)
            .filter(|start| start.eq_ignore_ascii_case("%2f") || start.eq_ignore_ascii_case("%5c"));
        rest = escaped.map_or(shorter, |start| &shorter[start.len()..]);
        if escaped.is_none() {
            return Resolution::Redirect(["/", rest].concat());
        }
    }
}
