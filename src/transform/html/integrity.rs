//! The start tags by which a page loads code, and the `integrity` attributes that are inserted into them
//! (W3C Subresource Integrity, HTML §4.2.4.3 and §4.12.1).

use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

use lol_html::html_content::Element;
use lol_html::{Settings, element, rewrite_str};

use super::comparison::is_same;
use super::document::{Document, NodeData, Scripting};
use super::open_elements::OpenElements;
use super::scan::ISLAND;
use super::script_type::ScriptType;
use super::{import_map, parse};
use crate::transform::comments::KeptComments;
use crate::transform::rewrite::{Insertion, insert};

/// A start tag by which a page loads a script or a style sheet, and that has no `integrity` yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CodeTag {
    /// The place of the start tag, in bytes.
    pub(crate) range: Range<usize>,
    /// The URL as it is written, without white space around it.
    pub(crate) url: String,
}

impl CodeTag {
    /// Returns the place after the name of the element, where an attribute goes.
    pub(crate) fn after_name(&self, source: &str) -> usize {
        let tag = &source[self.range.clone()];
        let is_end = |c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>');
        self.range.start + tag.find(is_end).unwrap_or(tag.len())
    }
}

/// Returns the start tags by which a page loads code, in the order of the source. Those within islands are left
/// out, since hydration expects them as the server rendered them.
///
/// # Errors
/// If lol_html cannot tell how a browser would parse the page.
pub(crate) fn code_tags(source: &str) -> Result<Vec<CodeTag>, String> {
    let found = Rc::new(RefCell::new(Vec::new()));
    let islands = OpenElements::default();
    let (entered, around, tags) = (islands.clone(), islands, Rc::clone(&found));
    let settings = Settings::new()
        .append_element_content_handler(element!(ISLAND, move |element| {
            entered.enter(element);
            Ok(())
        }))
        .append_element_content_handler(element!("script[src], link[href]", move |element| {
            if !around.any() {
                tags.borrow_mut().extend(code_tag(element));
            }
            Ok(())
        }));
    rewrite_str(source, settings).map_err(|error| error.to_string())?;
    Ok(found.take())
}

/// Reads a start tag. Returns `None` if it loads no code.
fn code_tag(element: &Element<'_, '_>) -> Option<CodeTag> {
    let is_html = element.namespace_uri() == "http://www.w3.org/1999/xhtml";
    if !is_html || element.has_attribute("integrity") {
        return None;
    }
    let attribute = |name: &str| element.get_attribute(name);
    let url = if element.tag_name() == "script" {
        let (kind, language) = (attribute("type"), attribute("language"));
        match ScriptType::of(kind.as_deref(), language.as_deref()) {
            ScriptType::JavaScript(_) => attribute("src"),
            ScriptType::ImportMap | ScriptType::Json | ScriptType::Other => None,
        }
    } else {
        let rel = attribute("rel").unwrap_or_default().to_ascii_lowercase();
        let has = |word: &str| rel.split_ascii_whitespace().any(|own| own == word);
        let preloaded = attribute("as").filter(|_| has("preload")).unwrap_or_default();
        let is_code = ["script", "style"].iter().any(|it| preloaded.eq_ignore_ascii_case(it));
        let loads = has("stylesheet") || has("modulepreload") || is_code;
        attribute("href").filter(|_| loads)
    }?;
    let url = url.trim().to_owned();
    Some(CodeTag { range: element.source_location().bytes(), url })
}

/// Inserts `integrity` attributes into start tags, and hashes into an import map. Returns `None` if a browser would see
/// another page than one with these attributes and hashes.
pub(crate) fn with_attributes(source: &str, attributes: &[Insertion]) -> Option<String> {
    let result = insert(source, attributes)?;
    let kept = KeptComments::default();
    let is_faithful = |scripting: &Scripting| {
        let (Ok(mut before), Ok(mut after)) =
            (parse(source, *scripting), parse(&result, *scripting))
        else {
            return false;
        };
        // A page may have such an attribute elsewhere, so it is removed from both.
        remove(&mut before, attributes);
        remove(&mut after, attributes);
        is_same(&before, &after, &[], &kept)
    };
    Scripting::cases(source).iter().all(is_faithful).then_some(result)
}

/// Removes attributes from the elements that load code, and hashes from the import map.
fn remove(document: &mut Document, attributes: &[Insertion]) {
    let of_maps = attributes.iter().filter(|one| !one.text.starts_with(ATTRIBUTE));
    of_maps.for_each(|one| import_map::remove(document, one));
    for node in &mut document.nodes {
        let NodeData::Element(element) = &mut node.data else { continue };
        if !matches!(&*element.name.local, "script" | "link") {
            continue;
        }
        element.attributes.retain(|own| {
            let written = attribute(&own.value);
            &*own.name.local != "integrity" || attributes.iter().all(|one| one.text != written)
        });
    }
}

/// The start of an attribute that is inserted.
const ATTRIBUTE: &str = " integrity=";

/// Returns the attribute as it is inserted into a start tag. Its value is hashes, which need no escape.
pub(crate) fn attribute(value: &str) -> String {
    format!("{ATTRIBUTE}\"{value}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_those_of_scripts_style_sheets_and_their_preloads_without_integrity() {
        let source = "<link rel=stylesheet href=' a.css '><script src=b.js></script>
            <script type=module src=c.js></script><link rel=modulepreload href=d.js>
            <link rel=preload as=script href=e.js><link rel=preload as=style href=f.css>
            <link rel=preload as=font href=g.woff2><link rel=icon href=h.svg><script>i()</script>
            <script type=application/json src=j.js></script><script src=k.js integrity=l></script>
            <svg><script src=m.js></script></svg><noscript><link rel=stylesheet href=n.css></noscript>
            <astro-island><link rel=stylesheet href=o.css></astro-island><script src=p.js></script>
            <!-- <script src=q.js></script> --><textarea><script src=r.js></script></textarea>";
        let tags = code_tags(source).unwrap();
        let urls: Vec<&str> = tags.iter().map(|tag| &*tag.url).collect();
        assert_eq!(urls, ["a.css", "b.js", "c.js", "d.js", "e.js", "f.css", "p.js"]);
    }

    #[test]
    fn attributes_are_inserted_after_the_name_and_no_other_byte_changes() {
        for (source, expected) in [
            ("<script src=a></script>", "<script integrity=\"x\" src=a></script>"),
            ("<LINK\nrel=stylesheet href=a />", "<LINK integrity=\"x\"\nrel=stylesheet href=a />"),
            ("<script/src=a></script>", "<script integrity=\"x\"/src=a></script>"),
        ] {
            let tags = code_tags(source).unwrap();
            let at = tags[0].after_name(source);
            let insertion = Insertion { at, text: attribute("x") };
            assert_eq!(with_attributes(source, &[insertion]).as_deref(), Some(expected));
        }
    }

    #[test]
    fn an_attribute_anywhere_else_is_refused() {
        for (source, before) in [
            ("<p>a", "a"),
            ("<p class=a>b", " class"),
            ("<script src=a></script>", "a>"),
            ("<script>a</script>", "a"),
            ("<script integrity=b src=a></script>", " integrity"),
        ] {
            let at = source.find(before).unwrap();
            let insertion = Insertion { at, text: attribute("x") };
            assert_eq!(with_attributes(source, &[insertion]), None, "{source}");
        }
    }
}
