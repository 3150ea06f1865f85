//! What a page refers to, and the code in it, each with its place in the source: for `worker-pack check`.

use std::collections::BTreeSet;

use memchr::memmem;

use super::document::{Document, Element, NodeData, NodeId, ROOT, Scripting, is_html};
use super::parse;
use super::script_type::ScriptType;

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
        let places = Places { source, at: 0 };
        Ok(Reader { document: &document, places, inventory: Self::default() }.read())
    }
}

/// Whether code at a place runs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Code {
    Runs,
    /// In a `<template>`, or in a `<noscript>`.
    Rests,
}

struct Reader<'d> {
    document: &'d Document,
    places: Places<'d>,
    inventory: Inventory,
}

impl Reader<'_> {
    fn read(mut self) -> Inventory {
        let document = self.document;
        let mut next = vec![(ROOT, Code::Runs)];
        while let Some((id, code)) = next.pop() {
            let node = document.node(id);
            let NodeData::Element(element) = &node.data else {
                next.extend(node.children.iter().rev().map(|child| (*child, code)));
                continue;
            };
            let within = if &*element.name.local == "noscript" { Code::Rests } else { code };
            next.extend(node.children.iter().rev().map(|child| (*child, within)));
            next.extend(element.content.map(|content| (content, Code::Rests)));
            self.places.enter(&element.name.local);
            self.element(id, element, code);
        }
        self.inventory
    }

    fn element(&mut self, id: NodeId, element: &Element, code: Code) {
        let name = &*element.name.local;
        if let Some(own) = element.raw_attribute("id") {
            self.inventory.names.insert(own.to_owned());
        }
        if code == Code::Runs {
            self.attributes(element);
        }
        if !is_html(&element.name) {
            match name {
                "image" | "use" | "feImage" => self.add(element, "href", Purpose::Image),
                "a" => self.add(element, "href", Purpose::Link),
                "style" if code == Code::Runs => self.code(id, element, CodeKind::Style),
                "script" if code == Code::Runs && element.attribute("href").is_none() => {
                    self.code(id, element, CodeKind::Script);
                }
                "script" => self.add(element, "href", Purpose::Script),
                _ => {}
            }
            return;
        }
        match name {
            "a" | "area" => {
                if let Some(own) = element.raw_attribute("name") {
                    self.inventory.names.insert(own.to_owned());
                }
                self.add(element, "href", Purpose::Link);
            }
            "form" => {
                let is_get = element
                    .attribute("method")
                    .is_none_or(|method| method.eq_ignore_ascii_case("get"));
                if is_get {
                    self.add(element, "action", Purpose::Form);
                }
            }
            "base" if self.inventory.base.is_none() => {
                self.inventory.base = element.attribute("href").map(str::to_owned);
            }
            "meta" => self.meta(element),
            "link" => self.link(element),
            "script" => self.script(id, element, code),
            "style" if code == Code::Runs => self.code(id, element, CodeKind::Style),
            "img" => {
                self.add(element, "src", Purpose::Image);
                self.add_set(element, "srcset");
            }
            "source" => {
                self.add(element, "src", Purpose::Media);
                self.add_set(element, "srcset");
            }
            "video" => {
                self.add(element, "src", Purpose::Media);
                self.add(element, "poster", Purpose::Image);
            }
            "audio" | "track" => self.add(element, "src", Purpose::Media),
            "iframe" => self.add(element, "src", Purpose::Frame),
            "embed" => self.add(element, "src", Purpose::Object),
            "object" => self.add(element, "data", Purpose::Object),
            "input" => self.add(element, "src", Purpose::Image),
            "astro-island" => {
                for url in ["component-url", "renderer-url", "before-hydration-url"] {
                    self.add(element, url, Purpose::Script);
                }
            }
            _ => {}
        }
    }

    /// Reads the attributes that contain code.
    fn attributes(&mut self, element: &Element) {
        for attribute in &element.attributes {
            let name = &*attribute.name.local;
            let kind = match name {
                "style" => CodeKind::StyleAttribute,
                _ if is_handler(name) => CodeKind::Handler,

                "href" if is_script_url(&attribute.value) => CodeKind::ScriptUrl,
                _ => continue,
            };
            let text = attribute.value.to_string();
            if text.trim().is_empty() {
                continue;
            }
            let offset = self.places.of_attribute(&text);
            self.inventory.code.push(PageCode { kind, text, nonce: None, offset });
        }
    }

    fn meta(&mut self, element: &Element) {
        let Some(content) = element.attribute("content") else { return };
        let is = |name: &str, value: &str| {
            element.attribute(name).is_some_and(|own| own.eq_ignore_ascii_case(value))
        };
        if is("http-equiv", "content-security-policy") {
            let offset = self.places.of_attribute(content);
            let policy = PagePolicy { value: content.to_owned(), offset };
            self.inventory.policies.push(policy);
        } else if is("http-equiv", "refresh") {
            // `0; url=/there/` (HTML §4.2.5.3).
            let url = content.split_once([';', ',']).map_or("", |(_, rest)| rest.trim());
            let value = match url.split_once('=') {
                Some((key, value)) if key.trim().eq_ignore_ascii_case("url") => value.trim(),
                _ => url,
            };
            let value = value.trim_matches(['"', '\'']).to_owned();
            self.push(element, &value, Purpose::Link);
        } else if is("property", "og:image") || is("name", "twitter:image") {
            self.push(element, content, Purpose::Mention);
        }
    }

    fn link(&mut self, element: &Element) {
        let rel = element.attribute("rel").unwrap_or_default().to_ascii_lowercase();
        let has = |word: &str| rel.split_whitespace().any(|own| own == word);
        if has("preconnect") || has("dns-prefetch") {
            return;
        }
        if has("canonical") && self.inventory.canonical.is_none() {
            self.inventory.canonical = element.attribute("href").map(str::to_owned);
        }
        let purpose = if has("stylesheet") {
            Purpose::Style
        } else if has("icon") || has("apple-touch-icon") || has("mask-icon") {
            Purpose::Image
        } else if has("manifest") {
            Purpose::Manifest
        } else if has("modulepreload") {
            Purpose::Script
        } else if has("compression-dictionary") {
            Purpose::Data
        } else if has("preload") {
            match element.attribute("as").unwrap_or_default().to_ascii_lowercase().as_str() {
                "script" | "worker" => Purpose::Script,
                "style" => Purpose::Style,
                "image" => Purpose::Image,
                "font" => Purpose::Font,
                "audio" | "video" | "track" => Purpose::Media,
                _ => Purpose::Data,
            }
        } else {
            Purpose::Mention
        };
        self.add(element, "href", purpose);
        if purpose == Purpose::Image {
            self.add_set(element, "imagesrcset");
        }
    }

    fn script(&mut self, id: NodeId, element: &Element, code: Code) {
        let kind = ScriptType::of(element.attribute("type"), element.attribute("language"));
        let is_rules =
            element.attribute("type").is_some_and(|it| it.eq_ignore_ascii_case("speculationrules"));
        let kind = match kind {
            ScriptType::JavaScript(_) => CodeKind::Script,
            ScriptType::ImportMap => CodeKind::ImportMap,
            ScriptType::Json if is_rules => CodeKind::SpeculationRules,
            ScriptType::Json | ScriptType::Other => return,
        };
        if element.raw_attribute("src").is_some() {
            if kind == CodeKind::Script {
                self.add(element, "src", Purpose::Script);
            }
        } else if code == Code::Runs {
            self.code(id, element, kind);
        }
    }

    fn code(&mut self, id: NodeId, element: &Element, kind: CodeKind) {
        let text = self.document.text(id);
        if text.is_empty() {
            return;
        }
        let offset = self.places.of_text(&text);
        let nonce = element.attribute("nonce").map(str::to_owned);
        self.inventory.code.push(PageCode { kind, text, nonce, offset });
    }

    fn add(&mut self, element: &Element, attribute: &str, purpose: Purpose) {
        if let Some(url) = element.attribute(attribute) {
            self.push(element, url, purpose);
        }
    }

    /// Adds the URLs of a `srcset` (HTML §4.8.4.2.1).
    fn add_set(&mut self, element: &Element, attribute: &str) {
        let Some(set) = element.attribute(attribute) else { return };
        let mut rest = set;
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == ',');
            let end = rest.find(|c: char| c.is_ascii_whitespace()).unwrap_or(rest.len());
            let (url, after) = rest.split_at(end);
            if url.is_empty() {
                return;
            }
            let plain = url.trim_end_matches(',');
            self.push(element, plain, Purpose::Image);
            // Without a comma at its end, a descriptor follows.
            rest = if plain.len() < url.len() {
                after
            } else {
                after.split_once(',').map_or("", |(_, next)| next)
            };
        }
    }

    fn push(&mut self, element: &Element, url: &str, purpose: Purpose) {
        let offset = self.places.of_attribute(url);
        let own = |name: &str| element.attribute(name).map(str::to_owned);
        let (nonce, integrity) = (own("nonce"), own("integrity"));
        let url = url.trim().to_owned();
        let reference = PageReference { url, purpose, nonce, integrity, offset };
        self.inventory.references.push(reference);
    }
}

/// Names of the attributes of events, without `on`, that pages contain (HTML §8.1.8.2).
const EVENTS: [&str; 52] = [
    "abort",
    "animationend",
    "animationstart",
    "beforeinput",
    "beforetoggle",
    "beforeunload",
    "blur",
    "cancel",
    "change",
    "click",
    "close",
    "contextmenu",
    "copy",
    "cut",
    "dblclick",
    "drag",
    "dragend",
    "dragenter",
    "dragleave",
    "dragover",
    "dragstart",
    "drop",
    "ended",
    "error",
    "focus",
    "hashchange",
    "input",
    "invalid",
    "keydown",
    "keyup",
    "load",
    "message",
    "mousedown",
    "mouseenter",
    "mouseleave",
    "mousemove",
    "mouseout",
    "mouseover",
    "mouseup",
    "paste",
    "play",
    "pointerdown",
    "pointerup",
    "popstate",
    "reset",
    "resize",
    "scroll",
    "submit",
    "toggle",
    "touchstart",
    "transitionend",
    "wheel",
];

/// Returns whether an attribute is the handler of an event.
fn is_handler(name: &str) -> bool {
    name.strip_prefix("on").is_some_and(|event| EVENTS.binary_search(&event).is_ok())
}

fn is_script_url(url: &str) -> bool {
    let url = url.trim_start();
    url.get(..11).is_some_and(|scheme| scheme.eq_ignore_ascii_case("javascript:"))
}

/// Finds the places in the source of what the tree contains, in the same order.
struct Places<'s> {
    source: &'s str,
    /// The place of the start tag of the current element.
    at: usize,
}

impl Places<'_> {
    /// Goes on to the start tag of the next element. Some elements do not need one.
    fn enter(&mut self, name: &str) {
        if matches!(name, "html" | "head" | "body" | "tbody" | "colgroup") {
            return;
        }
        let bytes = self.source.as_bytes();
        let from = (self.at + usize::from(self.at > 0)).min(bytes.len());
        let is_tag = |start: &usize| {
            let rest = &bytes[start + 1..];
            let ends = rest
                .get(name.len())
                .is_none_or(|byte| !byte.is_ascii_alphanumeric() && *byte != b'-');
            ends && rest.len() >= name.len()
                && rest[..name.len()].eq_ignore_ascii_case(name.as_bytes())
        };
        let found =
            memchr::memchr_iter(b'<', &bytes[from..]).map(|start| from + start).find(is_tag);
        self.at = found.unwrap_or(self.at);
    }

    /// Returns the offset of the value of an attribute of the current element.
    fn of_attribute(&self, value: &str) -> usize {
        let encoded = value.replace('&', "&amp;");
        let rest = &self.source.as_bytes()[self.at..];
        let find = |text: &str| memmem::find(rest, text.as_bytes());
        find(value).or_else(|| find(&encoded)).map_or(self.at, |found| self.at + found)
    }

    /// Returns the offset of the text of the current element.
    fn of_text(&self, text: &str) -> usize {
        let start = text.trim_start();
        let line = start.lines().next().unwrap_or_default();
        let rest = &self.source.as_bytes()[self.at..];
        memmem::find(rest, line.as_bytes()).map_or(self.at, |found| self.at + found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn urls(source: &str) -> Vec<(String, Purpose)> {
        let inventory = Inventory::of(source).unwrap();
        inventory.references.into_iter().map(|it| (it.url, it.purpose)).collect()
    }

    #[test]
    fn references_of_every_element_are_found() {
        let source = "<link rel=stylesheet href=a.css><link rel='shortcut icon' href=b.ico>\
            <link rel=preload as=fetch href=c.json><link rel=alternate href=/rss.xml>\
            <script src=d.js></script><a href=' /e '>e</a><img src=f.png srcset='g.png 1x,h.png 2x, i,j.png'>\
            <video poster=k.jpg><source src=l.mp4></video><iframe src=m></iframe>\
            <svg><use href='n.svg#icon'/></svg><noscript><img src=o.gif></noscript>\
            <template><a href=p>p</a></template><meta http-equiv=refresh content='0; URL=\"/q\"'>";
        let found = urls(source);
        let names: String = found.iter().map(|(url, _)| format!("{url} ")).collect();
        let expected = "a.css b.ico c.json /rss.xml d.js /e f.png g.png h.png i,j.png k.jpg l.mp4 m \
            n.svg#icon o.gif p /q ";
        assert_eq!(names, expected);
        assert_eq!(found[2].1, Purpose::Data);
        assert_eq!(found[3].1, Purpose::Mention);
    }

    #[test]
    fn places_are_those_of_the_source() {
        let source =
            "<!DOCTYPE html>\r\n<a href=\"/one\">1</a>\r\n<A HREF='/one'>2</A><a href='/?a&amp;b'>";
        let inventory = Inventory::of(source).unwrap();
        let offsets: Vec<usize> = inventory.references.iter().map(|it| it.offset).collect();
        let second = source.rfind("/one").unwrap();
        assert_eq!(offsets, [source.find("/one").unwrap(), second, source.find("/?a").unwrap()]);
    }

    #[test]
    fn code_that_does_not_run_is_left_out() {
        let source = "<script>run()</script><script type='application/ld+json'>{}</script>\
            <template><script>rest()</script></template><noscript><style>p{}</style></noscript>\
            <script type=importmap>{}</script><script src=a.js>no()</script>\
            <p style='color:red' onclick='go()' one='x'><a href='javascript:void 0'>a</a>";
        let inventory = Inventory::of(source).unwrap();
        let kinds: Vec<CodeKind> = inventory.code.iter().map(|it| it.kind).collect();
        let expected = [
            CodeKind::Script,
            CodeKind::ImportMap,
            CodeKind::StyleAttribute,
            CodeKind::Handler,
            CodeKind::ScriptUrl,
        ];
        assert_eq!(kinds, expected);
    }

    #[test]
    fn names_are_ids_and_names_of_anchors() {
        let inventory = Inventory::of("<h1 id=a><a name=b></a><input name=c>").unwrap();
        assert_eq!(inventory.names.into_iter().collect::<Vec<_>>(), ["a", "b"]);
    }
}
