//! One pass over a page, with lol_html.

use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

use lol_html::html_content::{Comment, Element, TextChunk, TextType};
use lol_html::{Settings, doc_comments, doc_text, element, rewrite_str};
use serde::{Deserialize, Serialize};

use super::attribute::attribute;
use super::comment;
use super::csp::has_code_hash;
use super::hints::Hint;
use crate::transform::javascript::ScriptKind;

/// The result of scanning a page.
#[derive(Debug, Default)]
pub(crate) struct Page {
    /// The fragments that may be rewritten, in the order of the source.
    pub(super) fragments: Vec<Fragment>,
    /// Facts about the page and the files it refers to.
    pub(crate) facts: PageFacts,
}

/// Facts about a page and the files it refers to.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PageFacts {
    /// The `href` of the page's `<base>`, which its URLs are relative to (HTML §4.2.3).
    pub(crate) base: Option<String>,
    /// The files that the page loads.
    pub(crate) references: Vec<Reference>,
    /// The links that a browser can act on before it parses the page.
    pub(crate) hints: Vec<Hint>,
    /// True if a policy in a `<meta>` allows inline code by its hash, so that it must not change.
    pub(crate) has_code_hashes: bool,
}

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

/// A reference from a page to a file that it loads.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Reference {
    /// The URL as written in the page, which may be relative.
    pub(crate) url: String,
    /// The way in which the page loads the file.
    pub(crate) load: Load,
}

/// The way in which a page loads a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Load {
    /// As a script.
    Script(ScriptKind),
    /// With a hash of its bytes (`integrity`), so that they must not change.
    Checked,
}

/// Scans a page.
///
/// # Errors
/// If lol_html cannot tell how a browser would parse the page.
pub(crate) fn scan(source: &str) -> Result<Page, String> {
    // lol_html wants a handler of its own for each kind of token, and all of them share the state.
    let state = Rc::new(RefCell::new(Scan::default()));
    let (elements, texts, comments) = (Rc::clone(&state), Rc::clone(&state), Rc::clone(&state));
    let settings = Settings::new()
        .append_element_content_handler(element!("*", move |element| {
            Scan::element(&elements, element);
            Ok(())
        }))
        .append_document_content_handler(doc_text!(move |text| {
            texts.borrow_mut().text(text);
            Ok(())
        }))
        .append_document_content_handler(doc_comments!(move |comment| {
            comments.borrow_mut().comment(comment);
            Ok(())
        }));
    rewrite_str(source, settings).map_err(|error| error.to_string())?;
    let Scan { mut page, import_maps, .. } = state.take();
    for range in import_maps {
        page.facts.references.extend(checked_modules(&source[range]));
    }
    // Minifying copies the source between the fragments, so they must be in its order.
    page.fragments.sort_by_key(|fragment| fragment.range.start);
    Ok(page)
}

/// The state of a scan.
#[derive(Default)]
struct Scan {
    page: Page,
    /// The number of open `<astro-island>` elements. Hydration expects their content exactly as the
    /// server rendered it.
    islands: usize,
    head: Head,
    /// The language of the text that comes next, if it is code.
    code: Option<InlineCode>,
    /// The position of the code read so far, which lol_html may deliver in several chunks.
    code_range: Option<Range<usize>>,
    /// True if the code is an import map.
    in_import_map: bool,
    /// The positions of import maps.
    import_maps: Vec<Range<usize>>,
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
    fn element(state: &Rc<RefCell<Self>>, element: &mut Element<'_, '_>) {
        let mut scan = state.borrow_mut();
        let name = element.tag_name();
        // SVG also has <script>, <style> and <title>, but foreign content is parsed differently.
        let is_html = element.namespace_uri() == "http://www.w3.org/1999/xhtml";
        if !is_html {
            scan.head = scan.head.foreign();
            return;
        }
        scan.head = scan.head.start(&name);
        scan.references(&name, element);
        if name == "link" {
            scan.page.facts.hints.extend(Hint::of(element));
        }
        scan.code = scan.inline_code(&name, element);
        scan.code_range = None;
        scan.in_import_map = script_type(element).as_deref() == Some("importmap");
        if name == "astro-island" {
            scan.islands += 1;
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
        if name == "astro-island" {
            self.islands = self.islands.saturating_sub(1);
        }
    }

    /// Records the files that an element loads, and what it says about the page.
    fn references(&mut self, name: &str, element: &Element<'_, '_>) {
        let attribute = |name: &str| attribute(element, name);
        let mut add = |url: Option<String>, load| {
            self.page.facts.references.extend(url.map(|url| Reference { url, load }));
        };
        let module = Load::Script(ScriptKind::Module);
        match name {
            "script" => {
                let kind = match script_type(element).as_deref() {
                    Some("module") => Some(ScriptKind::Module),
                    Some(mime) if is_javascript(mime) => Some(ScriptKind::Classic),
                    None => Some(ScriptKind::Classic),
                    Some(_) => None,
                };
                if let Some(kind) = kind {
                    add(attribute("src"), Load::Script(kind));
                }
            }
            "link"
                if attribute("rel")
                    .is_some_and(|rel| rel.eq_ignore_ascii_case("modulepreload")) =>
            {
                add(attribute("href"), module);
            }
            // Astro imports these modules when it hydrates the island.
            "astro-island" => {
                for name in ["component-url", "renderer-url", "before-hydration-url"] {
                    add(attribute(name), module);
                }
            }
            // Only the first `<base>` counts (HTML §4.2.3).
            "base" if self.page.facts.base.is_none() => self.page.facts.base = attribute("href"),
            "meta" => {
                let is_policy = attribute("http-equiv")
                    .is_some_and(|value| value.eq_ignore_ascii_case("content-security-policy"));
                let has_hash = attribute("content").is_some_and(|content| has_code_hash(&content));
                self.page.facts.has_code_hashes |= is_policy && has_hash;
            }
            _ => {}
        }
        if attribute("integrity").is_some() {
            let url = attribute("src").or_else(|| attribute("href"));
            self.page
                .facts
                .references
                .extend(url.map(|url| Reference { url, load: Load::Checked }));
        }
    }

    /// Returns the language of an element's text, if it is code that may be minified.
    fn inline_code(&self, name: &str, element: &Element<'_, '_>) -> Option<InlineCode> {
        // A browser ignores the text of a script with `src` (HTML §4.12.1).
        if self.islands > 0 || element.has_attribute("src") {
            return None;
        }
        match name {
            "style" => match element.get_attribute("type").as_deref() {
                None | Some("" | "text/css") => Some(InlineCode::Style),
                Some(_) => None,
            },
            "script" => match script_type(element).as_deref() {
                None => Some(InlineCode::Script(ScriptKind::Classic)),
                Some("module") => Some(InlineCode::Script(ScriptKind::Module)),
                Some("importmap" | "speculationrules" | "application/json") => {
                    Some(InlineCode::Json)
                }
                Some(json) if json.ends_with("+json") => Some(InlineCode::Json),
                Some(mime) if is_javascript(mime) => Some(InlineCode::Script(ScriptKind::Classic)),
                Some(_) => None,
            },
            _ => None,
        }
    }

    fn text(&mut self, chunk: &TextChunk<'_>) {
        let range = chunk.source_location().bytes();
        if matches!(chunk.text_type(), TextType::ScriptData | TextType::RawText) {
            self.code_text(range, chunk);
        } else if self.head == Head::Inside && chunk.as_str().trim_ascii().is_empty() {
            // lol_html ends each text with an empty chunk.
            if !range.is_empty() {
                self.page.fragments.push(Fragment { range, kind: FragmentKind::Inert });
            }
        } else if self.head == Head::Inside {
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
            if self.in_import_map {
                self.import_maps.push(range.clone());
            }
            self.page.fragments.push(Fragment { range, kind: FragmentKind::Code(code) });
        }
    }

    fn comment(&mut self, comment: &Comment<'_>) {
        if self.islands == 0 && comment::is_prose(&comment.text()) {
            let range = comment.source_location().bytes();
            self.page.fragments.push(Fragment { range, kind: FragmentKind::Inert });
        }
    }
}

/// Returns the modules whose hashes an import map lists (HTML §8.1.6.2).
fn checked_modules(import_map: &str) -> Vec<Reference> {
    let map: serde_json::Value = serde_json::from_str(import_map).unwrap_or_default();
    let hashes = map.get("integrity").and_then(serde_json::Value::as_object);
    let urls = hashes.into_iter().flat_map(serde_json::Map::keys);
    urls.map(|url| Reference { url: url.clone(), load: Load::Checked }).collect()
}

/// Returns the `type` of a script in lower case. An empty one counts as missing.
fn script_type(element: &Element<'_, '_>) -> Option<String> {
    attribute(element, "type").map(|value| value.to_ascii_lowercase())
}

/// Returns whether a media type means JavaScript (WHATWG MIME Sniffing §4.6).
fn is_javascript(mime: &str) -> bool {
    matches!(
        mime,
        "text/javascript"
            | "application/javascript"
            | "application/x-javascript"
            | "text/ecmascript"
            | "application/ecmascript"
            | "text/jscript"
    )
}
