//! A document in XML as browsers see it: XHTML, or SVG. It is read for its facts and never changed.

use html5ever::tendril::StrTendril;
use html5ever::tree_builder::QuirksMode;
use html5ever::{Attribute, LocalName, QualName, ns};
use quick_xml::NsReader;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;

use super::document::{Document, Element, MAX_DEPTH, Node, NodeData, NodeId, ROOT};

/// The namespace of XHTML.
const XHTML: &str = "http://www.w3.org/1999/xhtml";

/// Parses a document. Returns what is before the first error, and the error if there is one: browsers
/// show it, and have run the scripts before it.
pub(super) fn parse(source: &str) -> (Document, Result<(), String>) {
    let mut document = Document { nodes: vec![Node::default()], quirks: QuirksMode::NoQuirks };
    let result = document.read(source.trim_start_matches('\u{feff}'));
    (document, result)
}

impl Document {
    fn read(&mut self, source: &str) -> Result<(), String> {
        let mut reader = NsReader::from_str(source);
        let mut open = vec![ROOT];
        loop {
            let (namespace, event) =
                reader.read_resolved_event().map_err(|error| error.to_string())?;
            let is_html = matches!(namespace, ResolveResult::Bound(name) if name.as_ref() == XHTML);
            let parent = *open.last().ok_or("end tag without a start tag")?;
            match event {
                Event::Start(tag) => {
                    open.push(self.add(parent, element(&tag, is_html)?));
                    if open.len() > MAX_DEPTH {
                        return Err(format!("elements are nested more than {MAX_DEPTH} deep"));
                    }
                }
                Event::Empty(tag) => {
                    self.add(parent, element(&tag, is_html)?);
                }
                Event::End(_) => {
                    open.pop();
                }
                Event::Text(text) => self.add_text(parent, &text),
                Event::CData(text) => self.add_text(parent, &text),
                Event::GeneralRef(reference) => {
                    let text = format!("&{};", &*reference);
                    let plain = quick_xml::escape::unescape(&text);
                    self.add_text(parent, plain.as_deref().unwrap_or(&text));
                }
                Event::Eof if open.len() == 1 => return Ok(()),
                Event::Eof => return Err("an element is not closed".to_owned()),
                _ => {}
            }
        }
    }

    fn add(&mut self, parent: NodeId, data: NodeData) -> NodeId {
        let id = self.nodes.len();
        self.nodes.push(Node { parent: Some(parent), data, ..Node::default() });
        self.nodes[parent].children.push(id);
        id
    }

    fn add_text(&mut self, parent: NodeId, text: &str) {
        self.add(parent, NodeData::Text(text.into()));
    }
}

fn element(tag: &BytesStart<'_>, is_html: bool) -> Result<NodeData, String> {
    let namespace = if is_html { ns!(html) } else { ns!(svg) };
    let name = |local: &str, namespace| QualName::new(None, namespace, LocalName::from(local));
    let mut attributes = Vec::new();
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(|error| error.to_string())?;
        let raw = &*attribute.value;
        // An entity of a DTD has no place in a URL.
        let value = quick_xml::escape::unescape(raw).unwrap_or_else(|_| raw.into());
        attributes.push(Attribute {
            name: name(attribute.key.local_name().as_ref(), ns!()),
            value: StrTendril::from(&*value),
        });
    }
    let name = name(tag.local_name().as_ref(), namespace);
    Ok(NodeData::Element(Element { name, attributes, content: None, is_integration_point: false }))
}
