//! One pass over a page, with lol_html.

use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

use lol_html::html_content::{Comment, Element, TextChunk, TextType};
use lol_html::{Settings, doc_comments, doc_text, element, rewrite_str};
use serde::{Deserialize, Serialize};

use super::comment;
use super::csp::has_code_hash;
use super::hints::Hint;
use crate::transform::javascript::ScriptKind;

/// What a scan found in a page.
#[derive(Debug, Default)]
pub(crate) struct Page {
    /// What may be written otherwise, in the order of the source.
    pub(super) fragments: Vec<Fragment>,
    /// What the page says of itself and of others.
    pub(crate) facts: PageFacts,
}

/// What a page says of itself and of others.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PageFacts {
    /// What the URLs of the page are relative to, if it says so (HTML §4.2.3).
    pub(crate) base: Option<String>,
    /// What the page loads.
    pub(crate) references: Vec<Reference>,
    /// What can be fetched before the page is there.
    pub(crate) hints: Vec<Hint>,
    /// Whether a `<meta>` policy names inline code by its hash, so that it has to stay.
    pub(crate) has_code_hashes: bool,
}

/// A piece of the source.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fragment {
    pub(super) range: Range<usize>,
    pub(super) kind: FragmentKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FragmentKind {
    /// Has no effect: a remark, the white space between the elements of the head.
    Inert,
    /// Goes through a minifier of its own.
    Code(InlineCode),
}

/// Code that stands in a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum InlineCode {
    Script(ScriptKind),
    Style,
    /// JSON-LD, import maps, speculation rules and other data blocks.
    Json,
}

/// A file that a page loads.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Reference {
    /// The URL as the page has it.
    pub(crate) url: String,
    /// How it is loaded.
    pub(crate) load: Load,
}

/// How a page loads a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Load {
    /// As a script.
    Script(ScriptKind),
    /// With a hash of its bytes (`integrity`), so that they have to stay.
    Checked,
}

/// Scans a page. Fails where lol_html cannot tell how a browser would read it.
pub(crate) fn scan(source: &str) -> Result<Page, String> {
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
    page.fragments.sort_by_key(|fragment| fragment.range.start);
    Ok(page)
}

/// Where the scan is.
#[derive(Default)]
struct Scan {
    page: Page,
    /// How many `<astro-island>` are open: nothing in them is touched.
    islands: usize,
    head: Head,
    /// The element whose text comes next, if it is code.
    code: Option<InlineCode>,
    /// The code that has come so far, which may be in several chunks.
    code_range: Option<Range<usize>>,
    /// Whether the code is an import map.
    in_import_map: bool,
    import_maps: Vec<Range<usize>>,
}

/// How the white space between the elements of the head is read.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Head {
    /// The head is still to come.
    #[default]
    Before,
    /// Directly in the head.
    Inside,
    /// Below an element of the head that has content, so many elements of that kind deep.
    In(&'static str, usize),
    /// Past the head, or past something that a browser ends the head for. There is only one.
    After,
}

/// Elements of the head without content.
const METADATA: [&str; 3] = ["base", "link", "meta"];

/// Elements of the head that have content.
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
            // Anything else ends the head, whether it says so or not (HTML §13.2.6.4.4).
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
        // Foreign content has other rules: SVG has <script>, <style> and <title> as well.
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
            "astro-island" => {
                for name in ["component-url", "renderer-url", "before-hydration-url"] {
                    add(attribute(name), module);
                }
            }
            "base" if self.page.facts.base.is_none() => self.page.facts.base = attribute("href"),
            "meta" => {
                let policy = attribute("http-equiv")
                    .is_some_and(|value| value.eq_ignore_ascii_case("content-security-policy"));
                let hashed = attribute("content").is_some_and(|content| has_code_hash(&content));
                self.page.facts.has_code_hashes |= policy && hashed;
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

    fn inline_code(&self, name: &str, element: &Element<'_, '_>) -> Option<InlineCode> {
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
            if !range.is_empty() {
                self.page.fragments.push(Fragment { range, kind: FragmentKind::Inert });
            }
        } else if self.head == Head::Inside {
            // Text ends the head.
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

/// Returns the value of an attribute, its character references decoded, if it has one.
pub(super) fn attribute(element: &Element<'_, '_>, name: &str) -> Option<String> {
    let value = element.get_attribute(name)?;
    let value = html_escape::decode_html_entities(value.trim());
    (!value.is_empty()).then(|| value.into_owned())
}

/// Returns the modules that an import map knows by their hashes (HTML §8.1.6.2).
fn checked_modules(import_map: &str) -> Vec<Reference> {
    let map: serde_json::Value = serde_json::from_str(import_map).unwrap_or_default();
    let hashes = map.get("integrity").and_then(serde_json::Value::as_object);
    let urls = hashes.into_iter().flat_map(serde_json::Map::keys);
    urls.map(|url| Reference { url: url.clone(), load: Load::Checked }).collect()
}

/// Returns a script's type in lower case, none if it has none that matters.
fn script_type(element: &Element<'_, '_>) -> Option<String> {
    attribute(element, "type").map(|value| value.to_ascii_lowercase())
}

/// Returns whether a media type is one of JavaScript's (WHATWG MIME Sniffing §4.6).
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
