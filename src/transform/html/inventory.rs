//! The references of a page, and the code in it, each with its place in the source: for `worker-pack check`.

mod reader;

use std::collections::BTreeSet;

use super::document::Scripting;
use super::parse;
use reader::Reader;

/// The references, names, code and policies of a page.
#[derive(Debug, Default)]
pub(crate) struct Inventory {
    /// The `href` of the page's `<base>`, which its URLs are relative to (HTML §4.2.3).
    pub(crate) base: Option<String>,
    /// The `href` of `<link rel="canonical">`.
    pub(crate) canonical: Option<String>,
    /// The references, in the order of the page.
    pub(crate) references: Vec<PageReference>,
    /// The names that a fragment of a URL can lead to: ids, and names of anchors (HTML §7.4.6.4).
    pub(crate) names: BTreeSet<String>,
    /// The code within the page, in its order.
    pub(crate) code: Vec<PageCode>,
    /// The policies in `<meta http-equiv="Content-Security-Policy">`.
    pub(crate) policies: Vec<PagePolicy>,
}

/// A reference from a page to a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PageReference {
    /// The URL as written, without white space around it.
    pub(crate) url: String,
    pub(crate) purpose: Purpose,
    /// The nonce of its element.
    pub(crate) nonce: Option<String>,
    /// The value of `integrity`.
    pub(crate) integrity: Option<String>,
    /// The byte offset in the source.
    pub(crate) offset: usize,
}

/// The purpose of a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Purpose {
    /// A visitor follows it.
    Link,
    /// A form is sent there.
    Form,
    /// The page announces it, and browsers need not fetch it: another version of the page, the next page.
    Mention,
    Script,
    /// A module that a script loads, or that the page announces for one.
    Module,
    Style,
    Image,
    Font,
    Media,
    Frame,
    Object,
    Manifest,
    /// Fetched as data.
    Data,
}

impl Purpose {
    /// Returns whether the browser loads it for the page.
    pub(crate) fn is_loaded(self) -> bool {
        !matches!(self, Self::Link | Self::Form | Self::Mention)
    }
}

/// Code within a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PageCode {
    pub(crate) kind: CodeKind,
    /// The text as browsers read it.
    pub(crate) text: String,
    pub(crate) nonce: Option<String>,
    /// The byte offset in the source.
    pub(crate) offset: usize,
}

/// The kind of code within a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum CodeKind {
    Script,
    ImportMap,
    SpeculationRules,
    /// An attribute such as `onclick`.
    Handler,
    /// A URL that begins with `javascript:`.
    ScriptUrl,
    Style,
    /// An attribute `style`.
    StyleAttribute,
}

impl CodeKind {
    /// Returns whether it is the text of an element.
    pub(crate) fn is_element(self) -> bool {
        matches!(self, Self::Script | Self::ImportMap | Self::SpeculationRules | Self::Style)
    }
}

/// A content security policy of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PagePolicy {
    pub(crate) value: String,
    /// The byte offset in the source. Code before it is not subject to it (HTML §4.2.5.3).
    pub(crate) offset: usize,
}

impl Inventory {
    /// Reads a page. The content of `<noscript>` counts, except for its code.
    ///
    /// # Errors
    /// If the page cannot be read. The message says why.
    pub(crate) fn of(source: &str) -> Result<Self, String> {
        let document = parse(source, Scripting::Off)?;
        Ok(Reader::new(&document, source).read())
    }
}

#[cfg(test)]
mod tests;
