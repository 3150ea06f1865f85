//! The files that a page names in its markup, with the kind and the time of each load.

use std::collections::BTreeSet;

use url::Url;

use super::image;
use super::report::{LoadKind, LoadTime};
use super::screen;
use crate::transform::ScriptKind;
use crate::transform::html::document::{
    Document, Element, NodeData, NodeId, ROOT, Scripting, is_html,
};
use crate::transform::html::script_type::ScriptType;

/// A file that a page names.
#[derive(Clone, Debug)]
pub(super) struct Named {
    pub(super) url: Url,
    pub(super) kind: LoadKind,
    pub(super) time: LoadTime,
    pub(super) form: Form,
}

/// The use of a file by a browser, besides loading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Plain,
    /// A module, whose imports are loaded with it.
    Module,
    /// A file that is loaded in advance: what it imports is not.
    Preloaded,
    /// A page in a frame, if it is a page.
    Frame,
    /// A style sheet for another medium, none of whose rules apply.
    OtherMedium,
}

/// The content of a page.
pub(super) struct Page {
    /// The URL that others are relative to.
    pub(super) base: Url,
    pub(super) named: Vec<Named>,
    /// The text of each `<style>`, with its form.
    pub(super) styles: Vec<(String, Form)>,
    /// The value of each attribute `style`.
    pub(super) attributes: Vec<String>,
    /// The text of each inline module.
    pub(super) modules: Vec<String>,
    /// The text of each inline script that is not a module.
    pub(super) scripts: Vec<String>,
    /// The texts of the import maps.
    pub(super) import_maps: Vec<String>,
    /// The characters of its text.
    pub(super) characters: BTreeSet<char>,
    /// True if it has headings and other elements that are bold by a browser's own style.
    pub(super) is_bold: bool,
    pub(super) is_italic: bool,
    /// The markup of frames that the page contains itself.
    pub(super) inner: Vec<String>,
}

/// Elements that are bold in a browser's own style.
const BOLD: [&str; 9] = ["b", "strong", "h1", "h2", "h3", "h4", "h5", "h6", "th"];

/// Elements that are italic in a browser's own style.
const ITALIC: [&str; 7] = ["i", "em", "cite", "dfn", "var", "address", "optgroup"];

impl Page {
    /// Reads a page at a URL. A page that cannot be parsed names nothing.
    pub(super) fn read(source: &str, url: &Url) -> Self {
        let mut page = Self {
            base: url.clone(),
            named: Vec::new(),
            styles: Vec::new(),
            attributes: Vec::new(),
            modules: Vec::new(),
            scripts: Vec::new(),
            import_maps: Vec::new(),
            characters: BTreeSet::new(),
            is_bold: false,
            is_italic: false,
            inner: Vec::new(),
        };
        if let Ok(document) = Document::parse(source, Scripting::On) {
            page.base = base(&document, url);
            page.document(&document);
        }
        page
    }

    fn document(&mut self, document: &Document) {
        let mut next = vec![ROOT];
        // The content of a `<template>` is not visited: it loads nothing before a script inserts it.
        while let Some(id) = next.pop() {
            let node = document.node(id);
            next.extend(node.children.iter().rev());
            match &node.data {
                NodeData::Element(element) => self.element(document, id, element),
                NodeData::Text(text) if is_shown(document, node.parent) => {
                    self.characters.extend(text.chars());
                }
                _ => {}
            }
        }
    }

    fn element(&mut self, document: &Document, id: NodeId, element: &Element) {
        let name = &*element.name.local;
        if let Some(style) = element.attribute("style") {
            self.attributes.push(style.to_owned());
        }
        if !is_html(&element.name) {
            match name {
                "image" | "use" | "feImage" => {
                    // A fragment alone is an element of the page itself, whatever the base is.
                    let url = element.attribute("href").filter(|url| !url.starts_with('#'));
                    self.add(url, LoadKind::Image, LoadTime::First);
                }
                "style" => self.style(element, document.text(id)),
                _ => {}
            }
            return;
        }
        self.is_bold |= BOLD.contains(&name);
        self.is_italic |= ITALIC.contains(&name);
        match name {
            "link" => self.link(element),
            "style" => self.style(element, document.text(id)),
            "script" => self.script(element, document.text(id)),
            "astro-island" => self.island(element),
            "img" => {
                let url = image::chosen(document, id, element);
                self.add(url.as_deref(), LoadKind::Image, lazily(element));
            }
            "input"
                if element.attribute("type").is_some_and(|it| it.eq_ignore_ascii_case("image")) =>
            {
                self.add(element.attribute("src"), LoadKind::Image, LoadTime::First);
            }
            "video" => {
                self.add(element.attribute("poster"), LoadKind::Image, LoadTime::First);
                self.add(element.attribute("src"), LoadKind::Media, LoadTime::Perhaps);
            }
            "audio" => self.add(element.attribute("src"), LoadKind::Media, LoadTime::Perhaps),
            "source" | "track" if is_in_player(document, id) => {
                self.add(element.attribute("src"), LoadKind::Media, LoadTime::Perhaps);
            }
            "iframe" => {
                if let Some(inner) = element.raw_attribute("srcdoc") {
                    self.inner.push(inner.to_owned());
                } else {
                    let src = element.attribute("src");
                    self.add_named(src, LoadKind::Document, lazily(element), Form::Frame);
                }
            }
            "embed" => self.embedded(element.attribute("src")),
            "object" => self.embedded(element.attribute("data")),
            _ => {}
        }
    }

    fn link(&mut self, link: &Element) {
        let rel = link.attribute("rel").unwrap_or_default().to_ascii_lowercase();
        let is = |word: &str| rel.split_ascii_whitespace().any(|own| own == word);
        let href = link.attribute("href");
        let is_meant = link.attribute("media").is_none_or(screen::matches);
        if is("stylesheet") {
            if link.raw_attribute("disabled").is_none() && is_css(link) {
                let form = if is_meant { Form::Plain } else { Form::OtherMedium };
                self.add_named(href, LoadKind::Style, LoadTime::First, form);
            }
        } else if is("modulepreload") {
            // Chromium loads the module alone: its imports have links of their own.
            if is_meant {
                self.add_named(href, LoadKind::Script, LoadTime::First, Form::Preloaded);
            }
        } else if is("preload") && is_meant {
            let kind = match link.attribute("as").unwrap_or_default().to_ascii_lowercase().as_str()
            {
                "style" => LoadKind::Style,
                "script" => LoadKind::Script,
                "font" => LoadKind::Font,
                "image" => {
                    let url = image::preloaded(link);
                    return self.add(url.as_deref(), LoadKind::Image, LoadTime::First);
                }
                "audio" | "video" | "track" => LoadKind::Media,
                // Browsers ignore a preload of an unknown kind.
                "fetch" => LoadKind::Other,
                _ => return,
            };
            self.add_named(href, kind, LoadTime::First, Form::Preloaded);
        } else if is("icon") || is("apple-touch-icon") || is("mask-icon") || is("manifest") {
            self.add(href, LoadKind::Other, LoadTime::Tab);
        } else if is("prefetch") || is("prerender") {
            self.add(href, LoadKind::Other, LoadTime::Later);
        }
    }

    fn script(&mut self, script: &Element, text: String) {
        let kind = ScriptType::of(script.attribute("type"), script.attribute("language"));
        let src = script.attribute("src");
        match kind {
            ScriptType::JavaScript(ScriptKind::Module) => match src {
                Some(_) => self.add_module(src, LoadTime::First),
                None => self.modules.push(text),
            },
            ScriptType::JavaScript(_) if script.raw_attribute("nomodule").is_none() => match src {
                Some(_) => self.add(src, LoadKind::Script, LoadTime::First),
                None => self.scripts.push(text),
            },
            ScriptType::ImportMap if src.is_none() => self.import_maps.push(text),
            _ => {}
        }
    }

    fn style(&mut self, style: &Element, text: String) {
        let is_meant = style.attribute("media").is_none_or(screen::matches) && is_css(style);
        // Chromium loads what such a style imports before it reads the attributes.
        self.styles.push((text, if is_meant { Form::Plain } else { Form::OtherMedium }));
    }

    fn embedded(&mut self, url: Option<&str>) {
        self.add_named(url, LoadKind::Other, LoadTime::First, Form::Frame);
    }

    /// Adds the modules of an island, which are loaded when it is hydrated.
    fn island(&mut self, island: &Element) {
        let time = match island.attribute("client") {
            Some("load" | "idle" | "only") => LoadTime::First,
            Some("media") => match island.attribute("opts").and_then(media_of_island) {
                Some(query) if screen::matches(&query) => LoadTime::First,
                _ => LoadTime::Later,
            },
            _ => LoadTime::Later,
        };
        for name in ["before-hydration-url", "component-url", "renderer-url"] {
            self.add_module(island.attribute(name), time);
        }
    }

    fn add(&mut self, url: Option<&str>, kind: LoadKind, time: LoadTime) {
        self.add_named(url, kind, time, Form::Plain);
    }

    fn add_module(&mut self, url: Option<&str>, time: LoadTime) {
        self.add_named(url, LoadKind::Script, time, Form::Module);
    }

    fn add_named(&mut self, url: Option<&str>, kind: LoadKind, time: LoadTime, form: Form) {
        // An empty URL loads nothing.
        let url = url.filter(|url| !url.trim().is_empty());
        let url = url.and_then(|url| self.base.join(url).ok());
        // A `data:` URL and the like need no request.
        if let Some(url) = url.filter(|url| matches!(url.scheme(), "http" | "https")) {
            self.named.push(Named { url, kind, time, form });
        }
    }
}

/// Returns the URL that those of a document are relative to (HTML §4.2.3).
fn base(document: &Document, url: &Url) -> Url {
    let mut next = vec![ROOT];
    // As in a walk for loads, the content of a `<template>` does not count.
    while let Some(id) = next.pop() {
        let node = document.node(id);
        next.extend(node.children.iter().rev());
        if let NodeData::Element(element) = &node.data
            && is_html(&element.name)
            && &*element.name.local == "base"
            && let Some(href) = element.attribute("href")
        {
            let base = url.join(href).ok().filter(|base| !base.cannot_be_a_base());
            return base.unwrap_or_else(|| url.clone());
        }
    }
    url.clone()
}

/// Returns whether a `<style>` or a link to a style sheet is of CSS by its attribute `type`.
fn is_css(element: &Element) -> bool {
    let kind = element.attribute("type").unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.is_empty() || kind.eq_ignore_ascii_case("text/css")
}

fn lazily(element: &Element) -> LoadTime {
    match element.attribute("loading") {
        Some(value) if value.eq_ignore_ascii_case("lazy") => LoadTime::Later,
        _ => LoadTime::First,
    }
}

/// Returns whether a text is shown, and not code.
fn is_shown(document: &Document, parent: Option<NodeId>) -> bool {
    let Some(parent) = parent else { return false };
    !matches!(&document.node(parent).data, NodeData::Element(element)
        if matches!(&*element.name.local, "script" | "style" | "title" | "noscript"))
}

fn is_in_player(document: &Document, id: NodeId) -> bool {
    let parent = document.node(id).parent.map(|parent| &document.node(parent).data);
    matches!(parent, Some(NodeData::Element(element))
        if matches!(&*element.name.local, "audio" | "video"))
}

/// Returns the media query in the options of an island with `client:media`.
fn media_of_island(options: &str) -> Option<String> {
    let options: serde_json::Value = serde_json::from_str(options).ok()?;
    Some(options.get("value")?.as_str()?.to_owned())
}
