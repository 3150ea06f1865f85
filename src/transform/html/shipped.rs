//! What a page ships that a content security policy decides about: code within it, and code that it loads.
//!
//! A complete parser finds it, with scripts and without them, in templates and in `srcdoc`: what is missed here is
//! blocked in a browser.

use std::collections::BTreeSet;

use super::document::{Document, Element, NodeData, NodeId, ROOT, Scripting, is_html};
use super::events::{is_handler, is_script_url};
use super::facts::{CLIENT_ROUTER, MAX_INNER_PAGES};
use super::parse;
use super::places::Places;
use super::script_type::ScriptType;

/// What a page ships that a policy decides about.
#[derive(Debug, Default)]
pub(crate) struct Shipped {
    /// The code within the page, in its order.
    pub(crate) code: Vec<ShippedCode>,
    /// The code that the page loads, in its order.
    pub(crate) loads: Vec<CodeLoad>,
    /// The `href` of each `<base>`.
    pub(crate) bases: Vec<String>,
    /// The `href` of the first `<base>` of the page itself, which its URLs are relative to.
    pub(crate) base: Option<String>,
    /// The place of its import maps.
    pub(crate) map_order: MapOrder,
    /// True if a page within this one (`srcdoc`) runs scripts. It has an import map of its own.
    pub(crate) has_inner_scripts: bool,
    /// True if a policy in a `<meta>` decides about scripts or styles.
    pub(crate) has_policy: bool,
    /// True if Astro's `<ClientRouter />` may put the content of the page into another one.
    pub(crate) has_client_router: bool,
}

/// The place of the import maps of a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum MapOrder {
    /// Before all code that may import modules, or there are none.
    #[default]
    BeforeImports,
    /// One comes after such code, or is in a template.
    AfterImports,
}

/// Code within a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ShippedCode {
    pub(crate) kind: ShippedKind,
    /// The text as browsers read it, which they hash.
    pub(crate) text: String,
    /// The byte offset in the source.
    pub(crate) offset: usize,
}

/// The kind of code within a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ShippedKind {
    /// A script that runs.
    Script,
    /// An import map, or speculation rules: it does not run, but needs a hash (HTML §4.12.1.1).
    ScriptData,
    Style,
    /// An attribute such as `onclick`.
    Handler,
    /// An attribute `style`.
    StyleAttribute,
    /// A URL that begins with `javascript:`.
    ScriptUrl,
}

/// Code that a page loads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CodeLoad {
    pub(crate) kind: LoadKind,
    /// The URL as written, without white space around it.
    pub(crate) url: String,
    /// The value of the attribute `integrity` of its element.
    pub(crate) integrity: Option<String>,
    /// The byte offset in the source.
    pub(crate) offset: usize,
}

/// The kind of code that a page loads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum LoadKind {
    Script,
    /// A module that an attribute names and a script of the page imports: a component of an island, or its renderer.
    Import,
    Style,
    /// A plug-in, or a document in `<object>` or `<embed>`.
    Object,
}

impl Shipped {
    /// Reads a page.
    ///
    /// # Errors
    /// If the page cannot be read. The message says why.
    pub(crate) fn of(source: &str) -> Result<Self, String> {
        Self::of_page(source, 0)
    }

    fn of_page(source: &str, depth: usize) -> Result<Self, String> {
        if depth > MAX_INNER_PAGES {
            return Err(format!("more than {MAX_INNER_PAGES} pages are within each other"));
        }
        let mut all = Self::default();
        let mut known = BTreeSet::new();
        for scripting in Scripting::cases(source) {
            let document = parse(source, *scripting)?;
            let places = Places { source, at: 0, misses: 0 };
            let shipped = Self::default();
            let reader = Reader {
                document: &document,
                scripting: *scripting,
                places,
                depth,
                imports: false,
                shipped,
            };
            let own = reader.read()?;
            all.has_inner_scripts |= own.has_inner_scripts;
            all.map_order = all.map_order.max(own.map_order);
            all.base = all.base.take().or_else(|| own.base.clone());
            all.has_policy |= own.has_policy;
            all.has_client_router |= own.has_client_router;
            // Most of it is the same in both cases.
            let is_new = |key: (u8, &str)| known.insert((key.0, key.1.to_owned()));
            all.add(own, is_new);
        }
        Ok(all)
    }

    /// Adds what is new.
    fn add(&mut self, other: Self, mut is_new: impl FnMut((u8, &str)) -> bool) {
        if self.code.is_empty() && self.loads.is_empty() && self.bases.is_empty() {
            // Equal code at several places is listed for each of them.
            for code in &other.code {
                is_new((code.kind as u8, &code.text));
            }
            for load in &other.loads {
                is_new((u8::MAX - load.kind as u8, &load.url));
            }
            (self.code, self.loads, self.bases) = (other.code, other.loads, other.bases);
            return;
        }
        let code = other.code.into_iter();
        self.code.extend(code.filter(|one| is_new((one.kind as u8, &one.text))));
        let loads = other.loads.into_iter();
        self.loads.extend(loads.filter(|one| is_new((u8::MAX - one.kind as u8, &one.url))));
        self.bases.extend(other.bases);
    }

    /// Returns whether scripts run in the page, which may load others and add elements.
    pub(crate) fn has_scripts(&self) -> bool {
        let runs = [ShippedKind::Script, ShippedKind::Handler, ShippedKind::ScriptUrl];
        let runs_file = |load: &CodeLoad| matches!(load.kind, LoadKind::Script | LoadKind::Import);
        self.loads.iter().any(runs_file) || self.code.iter().any(|code| runs.contains(&code.kind))
    }
}

/// The place of an element.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Document,
    /// In a `<noscript>`, where scripts do not run.
    NoScript,
    /// In a `<template>`, whose copies a script inserts, or which is a shadow tree.
    Template,
}

/// A walk through a page.
struct Reader<'d> {
    document: &'d Document,
    scripting: Scripting,
    places: Places<'d>,
    /// The number of pages around this one.
    depth: usize,
    /// True if code so far may import modules.
    imports: bool,
    shipped: Shipped,
}

impl Reader<'_> {
    fn read(mut self) -> Result<Shipped, String> {
        let document = self.document;
        let mut next = vec![(ROOT, Place::Document)];
        while let Some((id, place)) = next.pop() {
            let node = document.node(id);
            let NodeData::Element(element) = &node.data else {
                next.extend(node.children.iter().rev().map(|child| (*child, place)));
                continue;
            };
            let within = if &*element.name.local == "noscript" { Place::NoScript } else { place };
            next.extend(node.children.iter().rev().map(|child| (*child, within)));
            next.extend(element.content.map(|content| (content, Place::Template)));
            self.places.enter(&element.name.local);
            self.attributes(element, place);
            self.element(id, element, place)?;
        }
        Ok(self.shipped)
    }

    /// Returns whether scripts run at a place.
    fn runs(&self, place: Place) -> bool {
        self.scripting == Scripting::On && place != Place::NoScript
    }

    fn element(&mut self, id: NodeId, element: &Element, place: Place) -> Result<(), String> {
        let runs = self.runs(place);
        match &*element.name.local {
            "style" => self.code(id, ShippedKind::Style),
            "script" if !is_html(&element.name) && runs => match element.attribute("href") {
                // SVG scripts have no `integrity`.
                Some(url) => self.load(LoadKind::Script, url, None),
                None => self.code(id, ShippedKind::Script),
            },
            _ if !is_html(&element.name) => {}
            "script" if runs => self.script(id, element, place),
            "link" => self.link(element),
            "astro-island" => {
                for name in ["component-url", "renderer-url", "before-hydration-url"] {
                    if let Some(url) = element.attribute(name) {
                        self.load(LoadKind::Import, url, None);
                    }
                }
            }
            "object" => self.load_attribute(LoadKind::Object, element, "data"),
            "embed" => self.load_attribute(LoadKind::Object, element, "src"),
            "base" => {
                let href = element.attribute("href").map(str::to_owned);
                if place == Place::Document && self.shipped.base.is_none() {
                    self.shipped.base.clone_from(&href);
                }
                self.shipped.bases.extend(href);
            }
            "meta" if place == Place::Document => self.meta(element),
            "iframe" => {
                if let Some(source) = element.raw_attribute("srcdoc") {
                    self.inner(source)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Reads a page within this one, to which the policy of this one applies too (HTML §7.1.6).
    fn inner(&mut self, source: &str) -> Result<(), String> {
        let inner = Shipped::of_page(source, self.depth + 1)?;
        self.shipped.has_inner_scripts |= inner.has_scripts();
        let offset = self.places.at;
        let code = inner.code.into_iter().map(|code| ShippedCode { offset, ..code });
        self.shipped.code.extend(code);
        self.shipped.loads.extend(inner.loads.into_iter().map(|load| CodeLoad { offset, ..load }));
        self.shipped.bases.extend(inner.bases);
        Ok(())
    }

    /// Reads the attributes that contain code.
    fn attributes(&mut self, element: &Element, place: Place) {
        for attribute in &element.attributes {
            let kind = match &*attribute.name.local {
                "style" => ShippedKind::StyleAttribute,
                _ if !self.runs(place) => continue,
                name if is_handler(name) => ShippedKind::Handler,
                "href" | "src" | "action" | "formaction" | "data"
                    if is_script_url(&attribute.value) =>
                {
                    ShippedKind::ScriptUrl
                }
                _ => continue,
            };
            let text = attribute.value.to_string();
            self.imports |= kind != ShippedKind::StyleAttribute && text.contains("import");
            let offset = self.places.of_attribute(&text);
            self.shipped.code.push(ShippedCode { kind, text, offset });
        }
    }

    fn script(&mut self, id: NodeId, element: &Element, place: Place) {
        let is_rules =
            element.attribute("type").is_some_and(|it| it.eq_ignore_ascii_case("speculationrules"));
        let kind = match ScriptType::of(element.attribute("type"), element.attribute("language")) {
            ScriptType::JavaScript(_) => ShippedKind::Script,
            ScriptType::ImportMap => {
                if self.imports || place != Place::Document {
                    self.shipped.map_order = MapOrder::AfterImports;
                }
                ShippedKind::ScriptData
            }
            ScriptType::Json if is_rules => ShippedKind::ScriptData,
            ScriptType::Json | ScriptType::Other => return,
        };
        match element.raw_attribute("src") {
            None => self.code(id, kind),
            Some(url) if kind == ShippedKind::Script => {
                self.load(LoadKind::Script, url, element.attribute("integrity"));
            }
            Some(_) => {}
        }
    }

    fn link(&mut self, element: &Element) {
        let rel = element.attribute("rel").unwrap_or_default().to_ascii_lowercase();
        let has = |word: &str| rel.split_whitespace().any(|own| own == word);
        let preloaded = element.attribute("as").filter(|_| has("preload")).unwrap_or_default();
        let kind = if has("stylesheet") || preloaded.eq_ignore_ascii_case("style") {
            LoadKind::Style
        } else if has("modulepreload") || preloaded.eq_ignore_ascii_case("script") {
            LoadKind::Script
        } else {
            return;
        };
        self.load_attribute(kind, element, "href");
    }

    fn meta(&mut self, element: &Element) {
        let is = |name: &str, value: &str| {
            element.attribute(name).is_some_and(|own| own.eq_ignore_ascii_case(value))
        };
        self.shipped.has_policy |= is("http-equiv", "content-security-policy")
            && element.attribute("content").is_some_and(decides_about_code);
        self.shipped.has_client_router |= is("name", CLIENT_ROUTER);
    }

    fn code(&mut self, id: NodeId, kind: ShippedKind) {
        let text = self.document.text(id);
        // An empty script does not run. A style sheet may be filled later, if it is allowed.
        if text.is_empty() && kind != ShippedKind::Style {
            return;
        }
        self.imports |= kind == ShippedKind::Script && text.contains("import");
        let offset = self.places.of_text(&text);
        self.shipped.code.push(ShippedCode { kind, text, offset });
    }

    fn load_attribute(&mut self, kind: LoadKind, element: &Element, name: &str) {
        if let Some(url) = element.attribute(name) {
            self.load(kind, url, element.attribute("integrity"));
        }
    }

    fn load(&mut self, kind: LoadKind, url: &str, integrity: Option<&str>) {
        let url = url.trim();
        if !url.is_empty() {
            self.imports |= matches!(kind, LoadKind::Script | LoadKind::Import);
            let (url, offset) = (url.to_owned(), self.places.of_attribute(url));
            let integrity = integrity.map(str::to_owned);
            self.shipped.loads.push(CodeLoad { kind, url, integrity, offset });
        }
    }
}

/// Returns whether a policy decides about scripts or styles. Another one, such as `upgrade-insecure-requests`, does not
/// stand in the way of one that does.
fn decides_about_code(policy: &str) -> bool {
    policy.split(';').any(|directive| {
        let name = directive.split_ascii_whitespace().next().unwrap_or_default();
        let name = name.to_ascii_lowercase();
        ["script-src", "style-src", "default-src"].iter().any(|prefix| name.starts_with(prefix))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(source: &str) -> Vec<(ShippedKind, String)> {
        let shipped = Shipped::of(source).unwrap();
        shipped.code.into_iter().map(|code| (code.kind, code.text)).collect()
    }

    #[test]
    fn code_is_found_wherever_a_browser_would_run_or_apply_it() {
        use ShippedKind::{Handler, Script, ScriptData, ScriptUrl, Style, StyleAttribute};
        let source = "<script>a()</script><script type=module>b()</script>\
            <script type=application/ld+json>{}</script><script type=importmap>{}</script>\
            <script type=speculationrules>{}</script><script src=c.js>d()</script>\
            <noscript><style>e{}</style><script>f()</script></noscript>\
            <template><style>g{}</style><p style=h></p></template>\
            <svg><style>i{}</style><script>j()</script></svg>\
            <p onclick='k()' onelse='l()' style=''></p><a href=' JavaScript:m()'>m</a>\
            <iframe srcdoc='<script>n()</script>'></iframe>";
        let mut found = code(source);
        found.sort();
        let mut expected = vec![
            (Script, "a()"),
            (Script, "b()"),
            (ScriptData, "{}"),
            (ScriptData, "{}"),
            (Style, "e{}"),
            (Style, "g{}"),
            (StyleAttribute, "h"),
            (Style, "i{}"),
            (Script, "j()"),
            (Handler, "k()"),
            (StyleAttribute, ""),
            (ScriptUrl, " JavaScript:m()"),
            (Script, "n()"),
        ];
        expected.sort_unstable();
        let found: Vec<_> = found.iter().map(|(kind, text)| (*kind, &**text)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn code_that_only_one_case_of_scripting_shows_is_found() {
        let source = "<noscript><!--</noscript><script>a()</script>--><p>b";
        assert_eq!(code(source), [(ShippedKind::Script, "a()".to_owned())]);
    }

    #[test]
    fn loads_are_those_of_scripts_style_sheets_and_objects() {
        let source = "<base href=/b/><link rel=stylesheet href=a.css><script src=' b.js '></script>\
            <link rel=modulepreload href=c.js><link rel=preload as=script href=d.js>\
            <link rel=preload as=image href=e.png><object data=f.pdf></object><img src=g.png>\
            <astro-island component-url=/h.js renderer-url=/i.js></astro-island>";
        let shipped = Shipped::of(source).unwrap();
        let urls: Vec<&str> = shipped.loads.iter().map(|load| &*load.url).collect();
        assert_eq!(urls, ["a.css", "b.js", "c.js", "d.js", "f.pdf", "/h.js", "/i.js"]);
        assert_eq!(shipped.bases, ["/b/"]);
    }

    #[test]
    fn text_is_hashed_as_the_parser_has_it() {
        assert_eq!(code("<script>a()\r\nb()\0</script>")[0].1, "a()\nb()\u{fffd}");
    }
}
