//! The place in a page where the hashes of the modules go that its code imports: the member `integrity` of its import
//! map (HTML §8.1.6.2).

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use lol_html::html_content::Element;
use lol_html::{Settings, element, rewrite_str};
use serde_json::{Map, Value};

use super::document::{Document, NodeData, NodeId, is_html};
use super::open_elements::OpenElements;
use super::scan::ISLAND;
use super::script_type::ScriptType;
use crate::transform::javascript::ScriptKind;
use crate::transform::rewrite::Insertion;

/// The place where the hashes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MapPlace {
    /// The page has no import map. One goes before the first element that loads or runs a script, since browsers read
    /// no import map after they have loaded a module. If that is in the body, it goes to the end of the head, where no
    /// selector and no hydration meets it.
    Before(usize),
    /// The page has an import map, and the member goes behind its brace. Others follow.
    Within(usize),
    /// The same, and the import map is empty.
    WithinEmpty(usize),
}

/// The start and the end of an import map that is inserted.
const ELEMENT: (&str, &str) = ("<script type=\"importmap\">{", "}</script>");

impl MapPlace {
    /// Finds the place in a page. Returns `None` if the page runs no script, or has an import map that some browsers do
    /// not read, or that has hashes.
    ///
    /// # Errors
    /// If lol_html cannot tell how a browser would parse the page.
    pub(crate) fn of(source: &str) -> Result<Option<Self>, String> {
        let state = Rc::new(RefCell::new(Found::default()));
        let templates = OpenElements::default();
        let (entered, around, found) = (templates.clone(), templates, Rc::clone(&state));
        let head = Rc::clone(&state);
        let selector = format!("script, link[rel], {ISLAND}");
        let settings = Settings::new()
            .append_element_content_handler(element!("head", move |element| {
                Found::head(&head, element);
                Ok(())
            }))
            .append_element_content_handler(element!("template", move |element| {
                entered.enter(element);
                Ok(())
            }))
            .append_element_content_handler(element!(selector, move |element| {
                // Scripts in a template do not run.
                if !around.any() {
                    found.borrow_mut().read(element);
                }
                Ok(())
            }));
        rewrite_str(source, settings).map_err(|error| error.to_string())?;
        let Found { first, map, has_module_before_map, head_end } = state.take();
        Ok(match map {
            Some(_) if has_module_before_map => None,
            Some(content) => Self::within(source, content),
            None => first.map(|first| Self::Before(head_end.map_or(first, |end| end.min(first)))),
        })
    }

    /// Returns the place in the import map whose content begins at `content`.
    fn within(source: &str, content: usize) -> Option<Self> {
        let text = &source[content..];
        let text = &text[..text.to_ascii_lowercase().find("</script")?];
        let map: Map<String, Value> = serde_json::from_str(text).ok()?;
        let at = content + text.find('{')? + 1;
        match map.contains_key("integrity") {
            true => None,
            false if map.is_empty() => Some(Self::WithinEmpty(at)),
            false => Some(Self::Within(at)),
        }
    }

    /// Returns what is inserted for the hashes of modules, by their URLs.
    pub(crate) fn insertion(self, hashes: &BTreeMap<String, &str>) -> Insertion {
        let hashes = serde_json::to_string(hashes).unwrap_or_default();
        let member = format!("\"integrity\":{hashes}");
        match self {
            Self::Before(at) => {
                Insertion { at, text: format!("{}{member}{}", ELEMENT.0, ELEMENT.1) }
            }
            Self::Within(at) => Insertion { at, text: format!("{member},") },
            Self::WithinEmpty(at) => Insertion { at, text: member },
        }
    }
}

/// The findings of a walk through a page so far.
#[derive(Default)]
struct Found {
    /// The start of the end tag of the head.
    head_end: Option<usize>,
    /// The start of the first element that loads or runs a script.
    first: Option<usize>,
    /// The start of the content of the first import map.
    map: Option<usize>,
    /// True if a module is loaded before that. Some browsers do not read the import map then.
    has_module_before_map: bool,
}

impl Found {
    fn head(state: &Rc<RefCell<Self>>, element: &mut Element<'_, '_>) {
        if let Some(handlers) = element.end_tag_handlers() {
            let at_end = Rc::clone(state);
            handlers.push(Box::new(move |tag| {
                at_end.borrow_mut().head_end = Some(tag.source_location().bytes().start);
                Ok(())
            }));
        }
    }

    fn read(&mut self, element: &Element<'_, '_>) {
        let is_html = element.namespace_uri() == "http://www.w3.org/1999/xhtml";
        if !is_html {
            return;
        }
        let attribute = |name: &str| element.get_attribute(name);
        let place = element.source_location().bytes();
        let runs = match &*element.tag_name() {
            "script" => {
                let (kind, language) = (attribute("type"), attribute("language"));
                let kind = ScriptType::of(kind.as_deref(), language.as_deref());
                if kind == ScriptType::ImportMap && !element.has_attribute("src") {
                    self.map.get_or_insert(place.end);
                }
                let is_module = kind == ScriptType::JavaScript(ScriptKind::Module);
                self.has_module_before_map |= is_module && self.map.is_none();
                matches!(kind, ScriptType::JavaScript(_))
            }
            "link" => {
                let rel = attribute("rel").unwrap_or_default().to_ascii_lowercase();
                let has = |word: &str| rel.split_ascii_whitespace().any(|own| own == word);
                self.has_module_before_map |= has("modulepreload") && self.map.is_none();
                has("modulepreload") || has("preload")
            }
            _ => true,
        };
        if runs {
            self.first.get_or_insert(place.start);
        }
    }
}

/// Removes what was inserted from a document: an import map, or a member of one.
pub(super) fn remove(document: &mut Document, insertion: &Insertion) {
    let own = insertion.text.strip_prefix(ELEMENT.0).and_then(|it| it.strip_suffix(ELEMENT.1));
    let own = own.map(|member| format!("{{{member}}}"));
    let maps: Vec<NodeId> = (0..document.nodes.len()).filter(|id| is_map(document, *id)).collect();
    for map in maps {
        let text = document.text(map);
        if own.as_ref() == Some(&text) {
            let parent = document.nodes[map].parent;
            if let Some(parent) = parent {
                document.nodes[parent].children.retain(|child| *child != map);
            }
            return;
        }
        if own.is_none() && text.contains(&insertion.text) {
            let child = document.nodes[map].children.first().copied();
            if let Some(NodeData::Text(content)) = child.map(|it| &mut document.nodes[it].data) {
                *content = text.replacen(&insertion.text, "", 1).into();
            }
            return;
        }
    }
}

fn is_map(document: &Document, id: NodeId) -> bool {
    let NodeData::Element(element) = &document.nodes[id].data else { return false };
    let kind = || ScriptType::of(element.attribute("type"), element.attribute("language"));
    &*element.name.local == "script" && is_html(&element.name) && kind() == ScriptType::ImportMap
}

#[cfg(test)]
mod tests {
    use super::super::with_attributes;
    use super::*;

    fn with_hashes(source: &str) -> Option<String> {
        let place = MapPlace::of(source).unwrap()?;
        let insertion = place.insertion(&[("/a.js".to_owned(), "sha384-b")].into());
        with_attributes(source, &[insertion])
    }

    #[test]
    fn an_import_map_goes_before_the_first_script() {
        let map = "<script type=\"importmap\">{\"integrity\":{\"/a.js\":\"sha384-b\"}}</script>";
        for (before, after) in [
            ("<!doctype html><meta charset=utf-8><title>c</title>", "<script>d()</script>"),
            ("<script type=application/json>{}</script><p>", "<script type=module src=e></script>"),
            ("<template><script>f()</script></template>", "<link rel=modulepreload href=g><p>h"),
            ("<link rel=stylesheet href=i>", "<link href=j rel='x preload' as=script>"),
            ("<table><tr><td>", "<astro-island component-url=k></astro-island></table>"),
            ("<svg><script>l()</script></svg>", "<script>m()</script>"),
            ("<noscript><script>n()</script></noscript>", "<script>o()</script>"),
            ("<html><head><title>p</title>", "</head><body><p>q<script>r()</script></html>"),
            ("<html><head>", "<script>s()</script></head><body><script>t()</script></html>"),
        ] {
            let source = format!("{before}{after}");
            assert_eq!(with_hashes(&source), Some(format!("{before}{map}{after}")));
        }
    }

    #[test]
    fn an_import_map_of_the_page_gets_the_hashes() {
        for (map, expected) in [
            ("{}", "{\"integrity\":{\"/a.js\":\"sha384-b\"}}"),
            (" {\"imports\":{}}", " {\"integrity\":{\"/a.js\":\"sha384-b\"},\"imports\":{}}"),
        ] {
            let page = |map| format!("<script>c()</script><script type=importmap>{map}</script>");
            assert_eq!(with_hashes(&page(map)), Some(page(expected)));
        }
    }

    #[test]
    fn a_page_without_scripts_or_with_another_map_stays() {
        for source in [
            "<p>a",
            "<link rel=stylesheet href=b>",
            "<script type=application/json>{}</script>",
            "<script type=importmap>{\"integrity\":{}}</script><script>a()</script>",
            "<script type=importmap>[]</script><script>a()</script>",
            "<script type=importmap>{</script><script>a()</script>",
            "<script type=module>a()</script><script type=importmap>{}</script>",
            "<link rel=modulepreload href=/a.js><script type=importmap>{}</script>",
        ] {
            assert_eq!(MapPlace::of(source).unwrap(), None, "{source}");
        }
    }
}
