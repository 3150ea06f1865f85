//! HTML pages, minified only where neither rendering nor hydration can change.
//!
//! A scan finds the fragments that may be rewritten, and the files that the page refers to.
//! Minifying replaces those fragments and copies all other bytes.

mod attribute;
mod comment;
mod csp;
mod hints;
mod scan;

pub(crate) use csp::has_code_hash;
pub(crate) use hints::{EarlyLinks, early_links};
pub(crate) use scan::{InlineCode, Load, Page, PageFacts, Reference, scan};

use scan::{Fragment, FragmentKind};

/// Minifies a page by its fragments: inert ones are removed, and code is replaced by `rewrite`,
/// which gets its text, kind and offset in bytes. If that returns `None`, the code stays untouched.
pub(super) fn minify(
    source: &str,
    page: &Page,
    mut rewrite: impl FnMut(&str, InlineCode, usize) -> Option<String>,
) -> String {
    let mut minified = String::with_capacity(source.len());
    // The end of the source that has been copied or replaced so far.
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

/// Returns whether code can be the content of `<script>` or `<style>`: it contains nothing that
/// ends the element or hides its end tag (HTML §4.12.1.3).
pub(super) fn fits_inline(code: &str) -> bool {
    let lower = code.to_ascii_lowercase();
    !["</script", "</style", "<script", "<!--"].iter().any(|text| lower.contains(text))
}
