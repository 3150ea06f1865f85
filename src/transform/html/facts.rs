//! Facts about the files of a site that a page reveals.
//!
//! The facts come from a complete parser and not from the scan, because a missing one is unsafe. What
//! a browser loads only in some cases is among them.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use url::Url;

use super::csp::has_code_hash;
use super::document::{Document, Element, NodeData, NodeId, ROOT, Scripting, is_html};
use super::hints::{EarlyModules, Hint};
use super::parse;
use super::scan::scan;
use super::script_type::ScriptType;
use super::xhtml;
use crate::asset::checksum::Checksums;
use crate::transform::comments::KeptComments;
use crate::transform::javascript::ScriptKind;

/// Facts about a page and the files it refers to.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PageFacts {
    /// The `href` of the page's `<base>`, which its URLs are relative to (HTML §4.2.3).
    pub(crate) base: Option<String>,
    /// The files that the page loads.
    pub(crate) references: Vec<Reference>,
    /// The links that a browser can act on before it parses the page.
    pub(crate) hints: Vec<Hint>,
    /// The modules that a browser may load before the page.
    pub(crate) early_modules: EarlyModules,
    /// True if a policy in a `<meta>` allows inline code by its hash, so that it must not change.
    pub(crate) has_code_hashes: bool,
    /// True if Astro's `ClientRouter` may exchange the page's content for that of another page.
    pub(crate) has_router: bool,
    /// True if browsers may see the page in another way than the scan does, so that it is not minified.
    pub(crate) is_doubtful: bool,
    /// The checksums of the page's inline code.
    pub(crate) code: Vec<Checksums>,
    /// The reason why the page cannot be read, so that it may load any file with a hash of its bytes.
    pub(crate) unreadable: Option<String>,
}

/// A reference from a page to a file that it loads.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Reference {
    /// The URL as written in the page, which may be relative.
    pub(crate) url: String,
    /// The URLs of `<base>` that apply, each relative to the one before it.
    pub(crate) bases: Vec<String>,
    /// The way in which the page loads the file.
    pub(crate) load: Load,
}

/// The way in which a page loads a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum Load {
    /// As a script.
    Script(ScriptKind),
    /// With a hash of its bytes (`integrity`), so that they must not change.
    Checked,
    /// In any way, by a page that is not understood for certain.
    InDoubt,
    /// To show it, as code that people read.
    Shown,
    /// To save it, under its own name.
    Downloaded,
}

/// The confidence in what is read of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Confidence {
    /// Browsers see the page like this.
    Certain,
    /// Its encoding is a guess, or its markup is read in more than one way. What it loads is to stay as it
    /// is.
    Doubtful,
}

/// The name of the `<meta>` that Astro's `ClientRouter` writes, and without which it does not exchange a page.
pub(super) const CLIENT_ROUTER: &str = "astro-view-transitions-enabled";

/// Maximum number of pages within each other (`srcdoc`).
pub(super) const MAX_INNER_PAGES: usize = 8;

impl PageFacts {
    /// Reads the facts of a page.
    pub(crate) fn of(source: &str, confidence: Confidence) -> Self {
        let confidence = match scan(source, &KeptComments::default()) {
            Ok(_) => confidence,
            Err(_) => Confidence::Doubtful,
        };
        let facts = Self::of_page(source, &[], 0, confidence).unwrap_or_else(Self::unreadable);
        Self { is_doubtful: confidence == Confidence::Doubtful, ..facts }
    }

    /// Reads the facts of a page in XHTML.
    pub(crate) fn of_xhtml(source: &str) -> Self {
        let (page, result) = xhtml::parse(source);
        let read = || Reader::new(&page, &[], 0, Confidence::Certain).read();
        let facts = result.and_then(|()| read());
        facts.unwrap_or_else(Self::unreadable)
    }

    /// Reads the facts of an image in SVG, which may load scripts. One that is not well-formed is most
    /// likely an image only.
    pub(crate) fn of_svg(source: &str) -> Self {
        let (image, _) = xhtml::parse(source);
        Reader::new(&image, &[], 0, Confidence::Certain).read().unwrap_or_default()
    }

    fn unreadable(cause: String) -> Self {
        Self { unreadable: Some(cause), ..Self::default() }
    }

    fn of_page(
        source: &str,
        bases: &[String],
        depth: usize,
        confidence: Confidence,
    ) -> Result<Self, String> {
        if depth > MAX_INNER_PAGES {
            return Err(format!("more than {MAX_INNER_PAGES} pages are within each other"));
        }
        let mut cases = Scripting::cases(source).iter().map(|scripting| {
            let document = parse(source, *scripting)?;
            Reader::new(&document, bases, depth, confidence).read()
        });
        let mut facts = cases.next().transpose()?.unwrap_or_default();
        if let Some(without_scripts) = cases.next().transpose()? {
            facts.has_code_hashes |= without_scripts.has_code_hashes;
            facts.has_router |= without_scripts.has_router;
            let known: HashSet<&Reference> = facts.references.iter().collect();
            let mut others = without_scripts.references;
            // No module runs in a browser without scripts.
            others.retain(|reference| {
                reference.load != Load::Script(ScriptKind::Module) && !known.contains(reference)
            });
            facts.references.extend(others);
            facts.code.extend(without_scripts.code);
        }
        facts.code.sort_unstable();
        facts.code.dedup();
        Ok(facts)
    }
}

/// The place of an element.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Document,
    /// In a `<template>`, whose content has no effect until a script inserts it.
    Template,
}

/// Reads the facts of a document, in the order of its elements.
struct Reader<'d> {
    document: &'d Document,
    /// The URLs of `<base>` that apply to the next element.
    bases: Vec<String>,
    /// The number of pages around this one.
    depth: usize,
    confidence: Confidence,
    has_base: bool,
    facts: PageFacts,
}

impl<'d> Reader<'d> {
    fn new(document: &'d Document, bases: &[String], depth: usize, confidence: Confidence) -> Self {
        let facts = PageFacts::default();
        Self { document, bases: bases.to_vec(), depth, confidence, has_base: false, facts }
    }

    fn read(mut self) -> Result<PageFacts, String> {
        let mut next = vec![(ROOT, Place::Document)];
        while let Some((id, place)) = next.pop() {
            let node = self.document.node(id);
            next.extend(node.children.iter().rev().map(|child| (*child, place)));
            if let NodeData::Element(element) = &node.data {
                next.extend(element.content.map(|content| (content, Place::Template)));
                self.element(id, element, place)?;
            }
        }
        Ok(self.facts)
    }

    fn element(&mut self, id: NodeId, element: &Element, place: Place) -> Result<(), String> {
        if matches!(&*element.name.local, "script" | "style") {
            self.code(id);
        }
        if is_html(&element.name) {
            self.html_element(id, element, place)?;
        } else if &*element.name.local == "script" {
            // Browsers differ in the types of scripts in SVG.
            self.add(element.attribute("href"), Load::Script(ScriptKind::Unknown));
        }
        let load = match (element.attribute("integrity"), self.confidence) {
            (Some(_), _) => Load::Checked,
            (None, Confidence::Doubtful) if !matches!(&*element.name.local, "a" | "area") => {
                Load::InDoubt
            }
            (None, _) => return Ok(()),
        };
        let urls = element.attributes.iter().filter(|attribute| {
            // In SVG, `xlink:href` is one of them.
            matches!(&*attribute.name.local, "href" | "src")
        });
        for url in urls {
            self.add(Some(url.value.trim()), load);
        }
        Ok(())
    }

    fn html_element(&mut self, id: NodeId, element: &Element, place: Place) -> Result<(), String> {
        let attribute = |name: &str| element.attribute(name);
        let module = Load::Script(ScriptKind::Module);
        match &*element.name.local {
            "script" => {
                match (ScriptType::of(attribute("type"), attribute("language")), attribute("src")) {
                    (ScriptType::JavaScript(kind), url) => self.add(url, Load::Script(kind)),
                    (ScriptType::ImportMap, None) => {
                        self.facts.early_modules = EarlyModules::LeftToPage;
                        for url in checked_modules(&self.document.text(id)) {
                            self.add(Some(&url), Load::Checked);
                        }
                    }
                    _ => {}
                }
            }
            "link" => {
                let rel = attribute("rel").unwrap_or_default();
                if rel.split_whitespace().any(|word| word.eq_ignore_ascii_case("modulepreload")) {
                    self.add(attribute("href"), module);
                }
                if place == Place::Document {
                    self.facts.hints.extend(Hint::of(element));
                }
            }
            // Astro imports these modules when it hydrates the island.
            "astro-island" => {
                for name in ["component-url", "renderer-url", "before-hydration-url"] {
                    self.add(attribute(name), module);
                }
            }
            "base" if place == Place::Document && !self.has_base => {
                if let Some(href) = element.raw_attribute("href") {
                    self.base(href);
                }
            }
            "meta" => {
                let is_policy = attribute("http-equiv")
                    .is_some_and(|value| value.eq_ignore_ascii_case("content-security-policy"));
                self.facts.has_code_hashes |=
                    is_policy && attribute("content").is_some_and(has_code_hash);
                self.facts.has_router |= attribute("name") == Some(CLIENT_ROUTER);
            }
            "a" | "area" => {
                self.add_code(attribute("href"));
                if element.raw_attribute("download").is_some() {
                    self.add(attribute("href"), Load::Downloaded);
                }
            }
            "object" => self.add_code(attribute("data")),
            "embed" => self.add_code(attribute("src")),
            // Prism loads the code to highlight.
            "pre" | "code" => self.add_code(attribute("data-src")),
            "iframe" => {
                self.add_code(attribute("src"));
                if let Some(inner) = element.raw_attribute("srcdoc") {
                    let inner =
                        PageFacts::of_page(inner, &self.bases, self.depth + 1, self.confidence)?;
                    self.facts.references.extend(inner.references);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Reads the first `<base>` with a URL. Others do not count (HTML §4.2.3).
    fn base(&mut self, href: &str) {
        self.has_base = true;
        if Url::parse(href).is_ok_and(|url| matches!(url.scheme(), "data" | "javascript")) {
            return;
        }
        self.facts.base = Some(href.to_owned());
        let before = self.bases.clone();
        self.bases.push(href.to_owned());
        // What was inserted earlier may have been loaded before or after.
        let mut earlier = self.facts.references.clone();
        earlier.retain(|reference| reference.bases == before);
        for reference in &mut earlier {
            reference.bases.clone_from(&self.bases);
        }
        self.facts.references.extend(earlier);
    }

    /// Adds the checksums of the code in an element. Some programs trim it before they make one.
    fn code(&mut self, id: NodeId) {
        let code = self.document.text(id);
        let trimmed = code.trim();
        if trimmed.is_empty() {
            return;
        }
        self.facts.code.push(Checksums::of(code.as_bytes()));
        if trimmed.len() < code.len() {
            self.facts.code.push(Checksums::of(trimmed.as_bytes()));
        }
    }

    /// Adds a script or a style sheet that the page shows.
    fn add_code(&mut self, url: Option<&str>) {
        let path = url.and_then(|url| url.split(['?', '#']).next()).unwrap_or_default();
        let extension = path.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
        if matches!(extension.as_deref(), Some("js" | "mjs" | "cjs" | "css")) {
            self.add(url, Load::Shown);
        }
    }

    fn add(&mut self, url: Option<&str>, load: Load) {
        if let Some(url) = url {
            let reference = Reference { url: url.to_owned(), bases: self.bases.clone(), load };
            self.facts.references.push(reference);
        }
    }
}

/// Returns the modules whose hashes an import map lists (HTML §8.1.6.2).
fn checked_modules(import_map: &str) -> Vec<String> {
    let map: serde_json::Value = serde_json::from_str(import_map).unwrap_or_default();
    let hashes = map.get("integrity").and_then(serde_json::Value::as_object);
    hashes.into_iter().flat_map(serde_json::Map::keys).cloned().collect()
}
