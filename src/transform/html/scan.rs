//! One pass over a page, with lol_html, which finds the fragments that may be rewritten.
//!
//! It reads tags as they come and only guesses the tree that a browser makes of them. So the minified
//! page is compared with the page afterwards.

use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

use lol_html::html_content::{Comment, Element, TextChunk, TextType};
use lol_html::{Settings, doc_comments, doc_text, element, rewrite_str};

use super::comparison::separates;
use super::script_type::ScriptType;
use crate::transform::comments::KeptComments;
use crate::transform::javascript::ScriptKind;

/// A piece of the source.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fragment {
    /// The position in the source, in bytes.
    pub(super) range: Range<usize>,
    pub(super) kind: FragmentKind,
}

/// The kind of a fragment, which decides how it is rewritten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FragmentKind {
    /// A fragment without effect, which is removed: a remark, or white space between the elements of
    /// the head.
    Inert,
    /// Code, which has a minifier of its own.
    Code(InlineCode),
}

/// The language of inline code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum InlineCode {
    Script(ScriptKind),
    Style,
    /// JSON-LD, import maps, speculation rules and other data blocks.
    Json,
}

/// Scans a page. Returns its fragments in the order of the source.
///
/// # Errors
/// If lol_html cannot tell how a browser would parse the page.
pub(super) fn scan(source: &str, kept: &KeptComments) -> Result<Vec<Fragment>, String> {
    // lol_html wants a handler of its own for each kind of token, and all of them share the state.
    let state = Rc::new(RefCell::new(Scan::default()));
    let (elements, texts, comments) = (Rc::clone(&state), Rc::clone(&state), Rc::clone(&state));
    let settings = Settings::new()
        .append_element_content_handler(element!("*", move |element| {
            Scan::element(&elements, element, source);
            Ok(())
        }))
        .append_document_content_handler(doc_text!(move |text| {
            texts.borrow_mut().text(text);
            Ok(())
        }))
        .append_document_content_handler(doc_comments!(move |comment| {
            if kept.is_remark(&comment.text()) {
                comments.borrow_mut().remark(comment);
            }
            Ok(())
        }));
    rewrite_str(source, settings).map_err(|error| {
        let error = error.to_string();
        // The sentences that follow are about the parser in general.
        error.split(". ").next().unwrap_or_default().to_owned()
    })?;
    let Scan { mut fragments, remarks, .. } = state.take();
    let remarks = removable(source, remarks).into_iter();
    fragments.extend(remarks.map(|range| Fragment { range, kind: FragmentKind::Inert }));
    // Minifying copies the source between the fragments, so they must be in its order.
    fragments.sort_by_key(|fragment| fragment.range.start);
    Ok(fragments)
}

/// Returns whether a page may show the code in an element: it can be edited, is made visible, or is mentioned
/// by its name elsewhere.
fn is_shown(element: &Element<'_, '_>, source: &str) -> bool {
    element.has_attribute("contenteditable")
        || element.has_attribute("style")
        || element.get_attribute("id").is_some_and(|id| {
            let id = id.trim();
            !id.is_empty() && source.match_indices(id).nth(1).is_some()
        })
}

/// The state of a scan.
#[derive(Default)]
struct Scan {
    fragments: Vec<Fragment>,
    /// The positions of remarks, in the order of the source.
    remarks: Vec<Range<usize>>,
    /// The number of open elements whose content stays as it is.
    opaque: usize,
    head: Head,
    /// The language of the text that comes next, if it is code.
    code: Option<InlineCode>,
    /// The position of the code read so far, which lol_html may deliver in several chunks.
    code_range: Option<Range<usize>>,
}

/// The position of the scan relative to the head, between whose elements white space is inert.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Head {
    /// Before the head.
    #[default]
    Before,
    /// Directly in the head.
    Inside,
    /// In an element of the head that has content: its name, and the depth of nesting within
    /// elements of that name.
    In(&'static str, usize),
    /// After the head, however it ended. There is never a second one.
    After,
}

/// Elements whose content stays as it is. Hydration expects that of an island exactly as the server
/// rendered it, and browsers differ in what a `<select>` may contain.
const OPAQUE: [&str; 2] = [ISLAND, "select"];

/// The element of Astro's islands.
pub(super) const ISLAND: &str = "astro-island";

/// Elements of the head without content.
const METADATA: [&str; 3] = ["base", "link", "meta"];

/// Elements of the head with content.
const CONTAINERS: [&str; 5] = ["title", "script", "style", "noscript", "template"];

impl Head {
    /// Returns the state after a start tag.
    fn start(self, name: &str) -> Self {
        let container = CONTAINERS.into_iter().find(|container| *container == name);
        match (self, container) {
            (Self::Before, _) if name == "html" => Self::Before,
            (Self::Before, _) if name == "head" => Self::Inside,
            (Self::Inside, _) if METADATA.contains(&name) => Self::Inside,
            (Self::Inside, Some(container)) => Self::In(container, 1),
            (Self::In(outer, depth), Some(container)) if outer == container => {
                Self::In(outer, depth + 1)
            }
            (Self::In(outer, depth), _) => Self::In(outer, depth),
            // Any other element ends the head, even without `</head>` (HTML §13.2.6.4.4).
            (Self::Before | Self::Inside | Self::After, _) => Self::After,
        }
    }

    /// Returns the state after an element of SVG or `MathML`, which ends the head.
    fn foreign(self) -> Self {
        match self {
            Self::Before | Self::Inside => Self::After,
            other => other,
        }
    }

    /// Returns the state after an end tag.
    fn end(self, name: &str) -> Self {
        match self {
            Self::In(outer, 1) if outer == name => Self::Inside,
            Self::In(outer, depth) if outer == name => Self::In(outer, depth - 1),
            Self::Inside if name == "head" => Self::After,
            other => other,
        }
    }
}

impl Scan {
    fn element(state: &Rc<RefCell<Self>>, element: &mut Element<'_, '_>, source: &str) {
        let mut scan = state.borrow_mut();
        let name = element.tag_name();
        scan.code = None;
        scan.code_range = None;
        // SVG also has <script>, <style> and <title>, but foreign content is parsed differently.
        let is_html = element.namespace_uri() == "http://www.w3.org/1999/xhtml";
        if !is_html {
            scan.head = scan.head.foreign();
            return;
        }
        scan.head = scan.head.start(&name);
        scan.code = scan
            .inline_code(&name, element)
            .filter(|code| *code == InlineCode::Json || !is_shown(element, source));
        if OPAQUE.contains(&name.as_str()) {
            scan.opaque += 1;
        }
        // The handler of the end tag borrows the state again.
        drop(scan);
        let at_end = Rc::clone(state);
        if let Some(handlers) = element.end_tag_handlers() {
            handlers.push(Box::new(move |_| {
                at_end.borrow_mut().end_element(&name);
                Ok(())
            }));
        }
    }

    fn end_element(&mut self, name: &str) {
        self.code = None;
        self.head = self.head.end(name);
        if OPAQUE.contains(&name) {
            self.opaque = self.opaque.saturating_sub(1);
        }
    }

    /// Returns the language of an element's text, if it is code that may be minified.
    fn inline_code(&self, name: &str, element: &Element<'_, '_>) -> Option<InlineCode> {
        // A browser ignores the text of a script with `src` (HTML §4.12.1).
        if self.opaque > 0 || element.has_attribute("src") {
            return None;
        }
        let kind = element.get_attribute("type");
        match name {
            "style" => match kind.as_deref() {
                None | Some("" | "text/css") => Some(InlineCode::Style),
                Some(_) => None,
            },
            "script" => {
                match ScriptType::of(kind.as_deref(), element.get_attribute("language").as_deref())
                {
                    ScriptType::JavaScript(kind) => Some(InlineCode::Script(kind)),
                    ScriptType::ImportMap | ScriptType::Json => Some(InlineCode::Json),
                    ScriptType::Other => None,
                }
            }
            _ => None,
        }
    }

    fn text(&mut self, chunk: &TextChunk<'_>) {
        let range = chunk.source_location().bytes();
        if matches!(self.head, Head::In("noscript", _)) && !is_head_content(chunk.as_str()) {
            // Where scripts do not run, the content ends the head.
            self.head = Head::After;
        }
        if matches!(chunk.text_type(), TextType::ScriptData | TextType::RawText) {
            self.code_text(range, chunk);
        } else if self.head == Head::Inside && chunk.as_str().trim_ascii().is_empty() {
            // lol_html ends each text with an empty chunk.
            if !range.is_empty() {
                self.fragments.push(Fragment { range, kind: FragmentKind::Inert });
            }
        } else if self.head == Head::Inside
            || self.head == Head::Before && !chunk.as_str().trim_ascii().is_empty()
        {
            // Text other than white space ends the head (HTML §13.2.6.4.4).
            self.head = Head::After;
        }
    }

    fn code_text(&mut self, range: Range<usize>, chunk: &TextChunk<'_>) {
        let Some(code) = self.code else { return };
        let start = self.code_range.take().map_or(range.start, |earlier| earlier.start);
        let range = start..range.end;
        if !chunk.last_in_text_node() {
            self.code_range = Some(range);
        } else if !range.is_empty() {
            self.fragments.push(Fragment { range, kind: FragmentKind::Code(code) });
        }
    }

    fn remark(&mut self, comment: &Comment<'_>) {
        if self.opaque == 0 {
            self.remarks.push(comment.source_location().bytes());
        }
    }
}

/// Names by which a script of a page counts its nodes, comments among them. The script of Astro's islands
/// uses others.
const NODE_WALKS: [&str; 7] = [
    "childNodes",
    "firstChild",
    "nextSibling",
    "previousSibling",
    "createTreeWalker",
    "createNodeIterator",
    "SHOW_COMMENT",
];

/// Returns those remarks whose neighbours are parsed as before without them.
fn removable(source: &str, mut remarks: Vec<Range<usize>>) -> Vec<Range<usize>> {
    if NODE_WALKS.iter().any(|name| source.contains(name)) {
        return Vec::new();
    }
    remarks.sort_by_key(|range| range.start);
    let is_adjacent = |one: &Range<usize>, next: &Range<usize>| one.end == next.start;
    let groups = remarks.chunk_by(is_adjacent).filter(|group| {
        let (Some(first), Some(last)) = (group.first(), group.last()) else { return false };
        let (before, after) = (&source[..first.start], &source[last.end..]);
        // Texts on both sides would become one, and perhaps a tag or a character reference.
        let text_before = before.rsplit('>').next().unwrap_or_default();
        let text_after = after.split('<').next().unwrap_or_default();
        !separates(text_before, text_after) && !begins_preformatted(before, after)
    });
    groups.flatten().cloned().collect()
}

/// Returns whether a text begins with a line break directly after the start tag of an element that ignores
/// it (HTML §13.2.6.4.7).
fn begins_preformatted(before: &str, after: &str) -> bool {
    let tag = before.rsplit('<').next().unwrap_or_default();
    let is_start = |name: &str| {
        tag.ends_with('>')
            && tag.get(..name.len()).is_some_and(|own| own.eq_ignore_ascii_case(name))
    };
    after.starts_with(['\n', '\r']) && ["pre", "listing", "textarea"].into_iter().any(is_start)
}

/// Returns whether the content of a `<noscript>` can be in the head (HTML §13.2.6.4.5).
fn is_head_content(content: &str) -> bool {
    let mut parts = content.split('<');
    let is_start = |part: &str| {
        let is = |tag: &str| part.get(..tag.len()).is_some_and(|own| own.eq_ignore_ascii_case(tag));
        ["link", "meta", "style", "/style", "!--"].into_iter().any(is)
    };
    parts.next().is_none_or(|text| text.trim_ascii().is_empty()) && parts.all(is_start)
}
