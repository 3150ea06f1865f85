//! The elements and attributes of a page that refer to files or contain code.

use super::{CodeKind, Inventory, PageCode, PagePolicy, PageReference, Purpose};
use crate::transform::html::document::{Document, Element, NodeData, NodeId, ROOT, is_html};
use crate::transform::html::events::{is_handler, is_script_url};
use crate::transform::html::places::Places;
use crate::transform::html::script_type::ScriptType;

/// The state of code at a place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Code {
    Runs,
    /// In a `<noscript>`.
    Rests,
    /// In a `<template>`, whose copies a script fills in.
    Waits,
}

/// A walk through a page.
pub(super) struct Reader<'d> {
    document: &'d Document,
    places: Places<'d>,
    inventory: Inventory,
    /// True in a `<template>`.
    is_filled_in: bool,
}

impl<'d> Reader<'d> {
    pub(super) fn new(document: &'d Document, source: &'d str) -> Self {
        let places = Places { source, at: 0, misses: 0 };
        Self { document, places, inventory: Inventory::default(), is_filled_in: false }
    }

    /// Reads the page.
    pub(super) fn read(mut self) -> Inventory {
        let document = self.document;
        let mut next = vec![(ROOT, Code::Runs)];
        while let Some((id, code)) = next.pop() {
            let node = document.node(id);
            let NodeData::Element(element) = &node.data else {
                next.extend(node.children.iter().rev().map(|child| (*child, code)));
                continue;
            };
            let within = match code {
                Code::Runs if &*element.name.local == "noscript" => Code::Rests,
                code => code,
            };
            next.extend(node.children.iter().rev().map(|child| (*child, within)));
            next.extend(element.content.map(|content| (content, Code::Waits)));
            self.places.enter(&element.name.local);
            self.is_filled_in = code == Code::Waits;
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
                    self.add(element, url, Purpose::Module);
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
            Purpose::Module
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
        // A placeholder such as `{{url}}`.
        if self.is_filled_in && url.contains('{') {
            return;
        }
        let offset = self.places.of_attribute(url);
        let own = |name: &str| element.attribute(name).map(str::to_owned);
        let (nonce, integrity) = (own("nonce"), own("integrity"));
        let url = url.trim().to_owned();
        let reference = PageReference { url, purpose, nonce, integrity, offset };
        self.inventory.references.push(reference);
    }
}
