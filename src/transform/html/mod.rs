//! HTML pages, minified only where neither rendering nor hydration can change.
//!
//! A scan finds the fragments that may be rewritten. Minifying replaces them and copies all other
//! bytes. Then a complete parser reads the page before and after, and the two must be the same.

mod builder;
mod comparison;
mod csp;
pub(crate) mod document;
mod edits;
mod events;
mod facts;
#[cfg(feature = "dictionaries")]
pub(crate) mod head;
mod hints;
mod import_map;
mod integrity;
#[cfg(feature = "cli")]
pub(crate) mod inventory;
mod open_elements;
mod own_policy;
mod places;
#[cfg(feature = "dictionaries")]
pub(crate) mod policy;
mod references;
mod scan;
pub(crate) mod script_type;
pub(crate) mod shipped;
mod xhtml;

use std::panic::{AssertUnwindSafe, catch_unwind};

pub(crate) use csp::has_code_hash;
pub(crate) use events::is_script_url;
pub(crate) use facts::{Confidence, Load, PageFacts, Reference};
pub(crate) use hints::{EarlyLinks, EarlyModules, early_links};
pub(crate) use import_map::MapPlace;
pub(crate) use integrity::{attribute, code_tags, with_attributes};
pub(super) use own_policy::{Completed, completed};
pub(crate) use references::references;
pub(crate) use scan::InlineCode;

use super::comments::KeptComments;
use super::rewrite::Insertion;
use comparison::{Replacement, is_same, is_same_but_for};
use document::{Document, Scripting};
use scan::{Fragment, FragmentKind, scan};

/// A page that can be minified.
pub(super) struct Page<'s> {
    pub(super) source: &'s str,
    /// The fragments that may be rewritten, in the order of the source.
    fragments: Vec<Fragment>,
    /// The page as browsers see it, in each case of scripting.
    documents: Vec<(Scripting, Document)>,
}

impl<'s> Page<'s> {
    /// Reads a page.
    ///
    /// # Errors
    /// If it is unknown how a browser would parse the page. The message says why.
    pub(super) fn read(source: &'s str, kept: &KeptComments) -> Result<Self, String> {
        let fragments = scan(source, kept)?;
        let cases = Scripting::cases(source).iter();
        let documents = cases.map(|case| Ok((*case, parse(source, *case)?)));
        Ok(Self { source, fragments, documents: documents.collect::<Result<_, String>>()? })
    }

    /// Minifies the page by its fragments: inert ones are removed, and code is replaced by `rewrite`,
    /// which gets its text, kind and offset in bytes. If that returns `None`, the code stays
    /// untouched.
    ///
    /// # Errors
    /// If a browser would not see the same page.
    pub(super) fn minify(
        &self,
        kept: &KeptComments,
        mut rewrite: impl FnMut(&str, InlineCode, usize) -> Option<String>,
    ) -> Result<String, Unfaithful> {
        let mut minified = String::with_capacity(self.source.len());
        let mut replacements = Vec::new();
        // The end of the source that has been copied or replaced so far.
        let mut copied = 0;
        for Fragment { range, kind } in &self.fragments {
            let text = &self.source[range.clone()];
            let replacement = match kind {
                FragmentKind::Inert => Some(String::new()),
                FragmentKind::Code(_) if reads_itself(text) => None,
                FragmentKind::Code(code) => rewrite(text, *code, range.start),
            };
            let Some(replacement) = replacement else { continue };
            minified.push_str(&self.source[copied..range.start]);
            minified.push_str(&replacement);
            copied = range.end;
            if let FragmentKind::Code(_) = kind {
                replacements.push(Replacement::new(text, &replacement));
            }
        }
        minified.push_str(&self.source[copied..]);
        let is_faithful = |(scripting, before): &(Scripting, Document)| {
            parse(&minified, *scripting)
                .is_ok_and(|after| is_same(before, &after, &replacements, kept))
        };
        if copied == 0 || self.documents.iter().all(is_faithful) {
            Ok(minified)
        } else {
            Err(Unfaithful)
        }
    }
}

/// Returns whether a browser sees the same in two pages but for insertions in URLs and styles.
pub(super) fn differ_by(before: &str, after: &str, insertions: &[Insertion]) -> bool {
    Scripting::cases(before).iter().all(|scripting| {
        match (parse(before, *scripting), parse(after, *scripting)) {
            (Ok(before), Ok(after)) => is_same_but_for(&before, &after, insertions),
            _ => false,
        }
    })
}

/// Returns whether a script may read its own text.
fn reads_itself(script: &str) -> bool {
    const TEXTS: [&str; 5] =
        ["textContent", "innerHTML", "innerText", "outerHTML", "currentScript.text"];
    script.contains("currentScript") && TEXTS.iter().any(|text| script.contains(text))
}

/// Parses a page. Like a minifier, a parser that panics on one page must not end the whole pack.
fn parse(source: &str, scripting: Scripting) -> Result<Document, String> {
    let parse = AssertUnwindSafe(|| Document::parse(source, scripting));
    catch_unwind(parse).unwrap_or_else(|_| Err("the parser panicked".to_owned()))
}

/// A minified page that browsers would not see as the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unfaithful;

/// Returns a text that minified code must not contain: one that ends its element or hides its end tag
/// (HTML §4.12.1.3). Texts that the source has in the same order do no harm.
pub(super) fn unfit(source: &str, code: &str, inline: InlineCode) -> Option<&'static str> {
    let found = marks(code, inline);
    if found == marks(source, inline) { None } else { found.first().copied() }
}

/// Returns the texts in code by which its element may end, in their order.
fn marks(code: &str, inline: InlineCode) -> Vec<&'static str> {
    let lower = code.to_ascii_lowercase();
    let texts: &[&'static str] = match inline {
        InlineCode::Style => &["</style"],
        // This ends what `<!--` begins.
        _ if lower.contains("<!--") => &["</script", "<script", "<!--", "-->"],
        _ => &["</script", "<script"],
    };
    let mut marks: Vec<(usize, &'static str)> = texts
        .iter()
        .flat_map(|text| lower.match_indices(text).map(|(at, _)| (at, *text)))
        .collect();
    marks.sort_unstable();
    marks.into_iter().map(|(_, text)| text).collect()
}
