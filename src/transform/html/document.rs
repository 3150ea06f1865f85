//! A page as browsers see it: the tree that html5ever, a complete parser (HTML §13.2), makes of it.
//!
//! The tree has no positions in the source. The scan has them, but only guesses the tree.

use html5ever::tendril::{StrTendril, TendrilSink};
use html5ever::tree_builder::{QuirksMode, TreeBuilderOpts};
use html5ever::{Attribute, ParseOpts, QualName, parse_document};

use super::builder::Builder;

/// A parsed page.
pub(crate) struct Document {
    pub(crate) nodes: Vec<Node>,
    pub(crate) quirks: QuirksMode,
}

/// The index of a node in its document.
pub(crate) type NodeId = usize;

/// The document itself.
pub(crate) const ROOT: NodeId = 0;

/// A node of a document.
#[derive(Default)]
pub(crate) struct Node {
    pub(crate) parent: Option<NodeId>,
    /// The number of ancestors when the node was inserted.
    pub(crate) depth: usize,
    pub(crate) children: Vec<NodeId>,
    pub(crate) data: NodeData,
}

/// The data of a node.
#[derive(Default)]
pub(crate) enum NodeData {
    /// A document, or the content of a `<template>`.
    #[default]
    Fragment,
    Doctype(DocumentType),
    Element(Element),
    Text(StrTendril),
    Comment(StrTendril),
    Instruction(StrTendril, StrTendril),
}

/// The name, the public identifier and the system identifier of a document type.
pub(crate) type DocumentType = (StrTendril, StrTendril, StrTendril);

/// An element.
pub(crate) struct Element {
    pub(crate) name: QualName,
    pub(crate) attributes: Vec<Attribute>,
    /// The content of a `<template>`, which is not among its children.
    pub(crate) content: Option<NodeId>,
    /// True for an `<annotation-xml>` that contains HTML.
    pub(crate) is_integration_point: bool,
}

impl Element {
    /// Returns an attribute with this local name.
    pub(crate) fn raw_attribute(&self, name: &str) -> Option<&str> {
        let attribute = self.attributes.iter().find(|own| &*own.name.local == name)?;
        Some(&attribute.value)
    }

    /// Returns the value of an attribute, trimmed. An empty value counts as missing.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.raw_attribute(name).map(str::trim).filter(|value| !value.is_empty())
    }
}

/// Browsers differ in `<noscript>`: it contains text where scripts run, and elements elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scripting {
    On,
    Off,
}

impl Scripting {
    /// Returns the cases in which a page has to be read.
    pub(crate) fn cases(source: &str) -> &'static [Self] {
        let name = "noscript";
        let has_noscript = source
            .split('<')
            .any(|tag| tag.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)));
        if has_noscript { &[Self::On, Self::Off] } else { &[Self::On] }
    }
}

/// Maximum depth of a tree. The time to parse a page is the product of its size and its depth.
pub(crate) const MAX_DEPTH: usize = 4096;

/// The part of a page that is parsed before its depth is checked again, in bytes.
const PORTION: usize = 16 * 1024;

impl Document {
    /// Parses a page.
    ///
    /// # Errors
    /// If its elements are nested too deeply.
    pub(crate) fn parse(source: &str, scripting: Scripting) -> Result<Self, String> {
        let tree_builder = TreeBuilderOpts {
            scripting_enabled: scripting == Scripting::On,
            ..TreeBuilderOpts::default()
        };
        let options = ParseOpts { tree_builder, ..ParseOpts::default() };
        let mut parser = parse_document(Builder::default(), options);
        let mut rest = source;
        while !rest.is_empty() {
            let (portion, next) = rest.split_at(rest.floor_char_boundary(PORTION));
            parser.process(portion.into());
            if parser.tokenizer.sink.sink.depth.get() > MAX_DEPTH {
                return Err(format!("elements are nested more than {MAX_DEPTH} deep"));
            }
            rest = next;
        }
        Ok(parser.finish())
    }

    pub(crate) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id]
    }

    /// Returns the text directly in an element.
    pub(crate) fn text(&self, id: NodeId) -> String {
        let texts = self.nodes[id].children.iter().filter_map(|child| {
            let NodeData::Text(text) = &self.nodes[*child].data else { return None };
            Some(&**text)
        });
        texts.collect()
    }
}

/// Returns whether a name is one of HTML, and not of SVG or `MathML`.
pub(crate) fn is_html(name: &QualName) -> bool {
    name.ns == html5ever::ns!(html)
}
