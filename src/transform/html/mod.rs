//! HTML pages, at the safe level: only what can change neither rendering nor hydration.
//!
//! A page is scanned once; the scan says which pieces of it may be written otherwise and what the
//! page refers to. Minifying replaces those pieces and copies all other bytes.

mod comment;
pub(crate) mod csp;
mod hints;
mod scan;

pub(crate) use hints::{EarlyLinks, early_links};
pub(crate) use scan::{InlineCode, Load, Page, PageFacts, Reference, scan};

use scan::{Fragment, FragmentKind};

/// Replaces fragments of a page. `rewrite` returns none for a fragment that stays as it is.
pub(super) fn minify(
    source: &str,
    page: &Page,
    mut rewrite: impl FnMut(&str, InlineCode, usize) -> Option<String>,
) -> String {
    let mut minified = String::with_capacity(source.len());
    let mut copied = 0;
    for Fragment { range, kind } in &page.fragments {
        let text = &source[range.clone()];
        let replacement = match kind {
            FragmentKind::Inert => Some(String::new()),
            FragmentKind::Code(code) => rewrite(text, *code, range.start),
        };
        if let Some(replacement) = replacement {
            minified.push_str(&source[copied..range.start]);
            minified.push_str(&replacement);
            copied = range.end;
        }
    }
    minified.push_str(&source[copied..]);
    minified
}

/// Returns whether a text can stand between `<script>` or `<style>` and its end tag: it contains
/// nothing that ends the element or hides its end (HTML §4.12.1.3).
pub(super) fn fits_inline(code: &str) -> bool {
    let lower = code.to_ascii_lowercase();
    !["</script", "</style", "<script", "<!--"].iter().any(|text| lower.contains(text))
}
