//! Pages as browsers see them, by html5ever with the tree of its own tests.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use html5ever::tendril::TendrilSink;
use html5ever::tree_builder::TreeBuilderOpts;
use html5ever::{Attribute, ParseOpts, parse_document};
use markup5ever_rcdom::{Handle, NodeData, RcDom};
use url::Url;

/// A page as a browser sees it.
#[derive(Default)]
pub(super) struct View {
    /// The parts of the tree, without what may be removed and without code.
    pub(super) tree: Vec<String>,
    /// The code in the page, with the element that it is in as its start tag.
    pub(super) code: Vec<(String, String)>,
    /// The paths of files that are loaded as classic scripts.
    pub(super) classic: BTreeSet<String>,
    /// The paths of files that are loaded with a hash.
    pub(super) checked: BTreeSet<String>,
    /// The URLs of links that a browser acts on at once.
    pub(super) early: BTreeSet<String>,
    /// The URL of the page, and of its `<base>`.
    urls: Vec<Url>,
    has_passed_base: bool,
}

/// The prefix of a part that is text.
const TEXT: &str = "text ";

/// The place of a node.
#[derive(Clone, Copy, Default)]
struct Place {
    is_head: bool,
    in_island: bool,
    in_template: bool,
}

impl View {
    /// Parses a page at a path, in a browser with or without scripts.
    pub(super) fn new(page: &str, path: &str, scripting_enabled: bool) -> Self {
        let tree_builder = TreeBuilderOpts { scripting_enabled, ..TreeBuilderOpts::default() };
        let options = ParseOpts { tree_builder, ..ParseOpts::default() };
        let dom = parse_document(RcDom::default(), options).one(page);
        let quirks = format!("{:?}", dom.quirks_mode.get());
        let mut view = Self { tree: vec![quirks], ..Self::default() };
        let own = Url::parse("https://site.invalid").unwrap().join(path).unwrap();
        let href = first_base(&dom.document);
        let base = href.and_then(|href| own.join(&href).ok());
        view.urls = [Some(own), base].into_iter().flatten().collect();
        view.node(&dom.document, Place::default());
        view
    }

    fn node(&mut self, node: &Handle, place: Place) {
        match &node.data {
            NodeData::Document => self.children(node, place),
            NodeData::Doctype { name, public_id, system_id } => {
                self.tree.push(format!("!{name} {public_id} {system_id}"));
            }
            NodeData::Text { contents } => {
                let text = contents.borrow();
                if !(place.is_head && text.chars().all(|c| c.is_ascii_whitespace())) {
                    // Text around a removed comment becomes one.
                    match self.tree.last_mut() {
                        Some(earlier) if earlier.starts_with(TEXT) => earlier.push_str(&text),
                        _ => self.tree.push(format!("{TEXT}{text}")),
                    }
                }
            }
            NodeData::Comment { contents } => {
                if place.in_island || !is_remark(contents) {
                    self.tree.push(format!("--{contents}--"));
                }
            }
            NodeData::ProcessingInstruction { target, contents } => {
                self.tree.push(format!("?{target} {contents}?"));
            }
            NodeData::Element { .. } => self.element(node, place),
        }
    }

    fn element(&mut self, node: &Handle, place: Place) {
        let NodeData::Element { name, attrs, template_contents, .. } = &node.data else { return };
        let attributes = attrs.borrow();
        let is_html = name.ns == html5ever::ns!(html);
        let mut tag = format!("<{} {}", &*name.ns, &*name.local);
        for Attribute { name, value } in attributes.iter() {
            let _ = write!(tag, " {}:{}={value:?}", &*name.ns, &*name.local);
        }
        self.tree.push(tag);
        let is_code = is_html && matches!(&*name.local, "script" | "style") && !place.in_island;
        let get = |name: &str| {
            attributes.iter().find(|own| &*own.name.local == name).map(|own| own.value.trim())
        };
        self.loads(&name.local, is_html, place, &get);
        if is_code {
            let children = node.children.borrow();
            let text: String = children.iter().map(text).collect();
            let kind = get("type").map_or_else(String::new, |kind| format!(" type='{kind}'"));
            self.code.push((format!("{}{kind}", &*name.local), text));
        } else {
            let inside = Place {
                is_head: is_html && &*name.local == "head",
                in_island: place.in_island || is_html && &*name.local == "astro-island",
                ..place
            };
            self.children(node, inside);
            if let Some(content) = &*template_contents.borrow() {
                self.tree.push("content".to_owned());
                self.node(content, Place { in_template: true, ..inside });
            }
        }
        self.tree.push(">".to_owned());
    }

    fn loads<'a>(
        &mut self,
        name: &str,
        is_html: bool,
        place: Place,
        get: &dyn Fn(&str) -> Option<&'a str>,
    ) {
        let src = get("src").filter(|url| !url.is_empty());
        let href = get("href").filter(|url| !url.is_empty());
        self.has_passed_base |= is_html && name == "base" && get("href").is_some();
        // An element before `<base>` may load its file before or after it is read.
        let skipped = usize::from(self.has_passed_base && self.urls.len() > 1);
        let bases: Vec<Url> = self.urls.iter().skip(skipped).cloned().collect();
        let paths = |url: &str| -> Vec<String> {
            let urls = bases.iter().filter_map(|base| base.join(url).ok());
            urls.map(|url| url.path().to_owned()).collect()
        };
        if get("integrity").is_some_and(|hash| !hash.is_empty()) {
            self.checked.extend(src.or(href).into_iter().flat_map(paths));
        }
        let kind = get("type").unwrap_or_default().to_ascii_lowercase();
        if name == "script" && (kind.is_empty() || kind.contains("javascript")) {
            let url = if is_html { src } else { href };
            self.classic.extend(url.into_iter().flat_map(paths));
        }
        if is_html && name == "link" && !place.in_template {
            self.early.extend(href.into_iter().flat_map(paths));
        }
        if let Some(inner) = get("srcdoc").filter(|_| is_html && name == "iframe") {
            let inner = Self::new(inner, bases[bases.len() - 1].path(), true);
            self.checked.extend(inner.checked);
            self.classic.extend(inner.classic);
        }
    }

    fn children(&mut self, node: &Handle, place: Place) {
        for child in node.children.borrow().iter() {
            self.node(child, place);
        }
    }
}

fn text(node: &Handle) -> String {
    match &node.data {
        NodeData::Text { contents } => contents.borrow().to_string(),
        _ => String::new(),
    }
}

/// Returns the `href` of the first `<base>` that counts.
fn first_base(node: &Handle) -> Option<String> {
    if let NodeData::Element { name, attrs, .. } = &node.data
        && name.ns == html5ever::ns!(html)
        && &*name.local == "base"
    {
        let attributes = attrs.borrow();
        let href = attributes.iter().find(|own| &*own.name.local == "href");
        if let Some(href) = href {
            return Some(href.value.to_string());
        }
    }
    node.children.borrow().iter().find_map(first_base)
}

/// Returns whether a comment may be removed.
fn is_remark(comment: &str) -> bool {
    comment.starts_with(char::is_whitespace)
        && comment.split_whitespace().filter(|word| word.chars().all(char::is_alphabetic)).count()
            > 1
        && !comment.trim_start().starts_with('#')
        && !comment.contains("[endif]")
}
