//! A document while it is parsed.

use std::borrow::Cow;
use std::cell::{Cell, Ref, RefCell};

use html5ever::tendril::StrTendril;
use html5ever::tree_builder::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::{Attribute, QualName};

use super::document::{Document, Element, Node, NodeData, NodeId, ROOT};

/// A document while it is parsed.
pub(super) struct Builder {
    nodes: RefCell<Vec<Node>>,
    quirks: Cell<QuirksMode>,
    /// The depth of the tree so far.
    pub(super) depth: Cell<usize>,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            nodes: RefCell::new(vec![Node::default()]),
            quirks: Cell::new(QuirksMode::NoQuirks),
            depth: Cell::default(),
        }
    }
}

impl Builder {
    fn create(&self, data: NodeData) -> NodeId {
        let mut nodes = self.nodes.borrow_mut();
        nodes.push(Node { data, ..Node::default() });
        nodes.len() - 1
    }

    /// Inserts a node or text into the children of `parent`, before the one at `index`.
    fn insert(&self, parent: NodeId, index: usize, child: NodeOrText<NodeId>) {
        let child = match child {
            NodeOrText::AppendNode(child) => child,
            NodeOrText::AppendText(text) => {
                let mut nodes = self.nodes.borrow_mut();
                // Adjacent text is one node (HTML §13.2.6.1).
                if let Some(before) = index.checked_sub(1) {
                    let before = nodes[parent].children[before];
                    if let NodeData::Text(earlier) = &mut nodes[before].data {
                        earlier.push_tendril(&text);
                        return;
                    }
                }
                drop(nodes);
                self.create(NodeData::Text(text))
            }
        };
        let mut nodes = self.nodes.borrow_mut();
        nodes[parent].children.insert(index, child);
        let depth = nodes[parent].depth + 1;
        nodes[child].parent = Some(parent);
        nodes[child].depth = depth;
        if let NodeData::Element(Element { content: Some(content), .. }) = nodes[child].data {
            nodes[content].depth = depth;
        }
        self.depth.set(self.depth.get().max(depth));
    }

    /// Returns the parent of a node, and the position among its children.
    fn position(&self, child: NodeId) -> Option<(NodeId, usize)> {
        let nodes = self.nodes.borrow();
        let parent = nodes[child].parent?;
        let index = nodes[parent].children.iter().rposition(|sibling| *sibling == child)?;
        Some((parent, index))
    }
}

impl TreeSink for Builder {
    type Handle = NodeId;
    type Output = Document;
    type ElemName<'a> = Ref<'a, QualName>;

    fn finish(self) -> Document {
        Document { nodes: self.nodes.into_inner(), quirks: self.quirks.get() }
    }

    fn parse_error(&self, _: Cow<'static, str>) {}

    fn get_document(&self) -> NodeId {
        ROOT
    }

    fn elem_name<'a>(&'a self, target: &'a NodeId) -> Ref<'a, QualName> {
        Ref::map(self.nodes.borrow(), |nodes| match &nodes[*target].data {
            NodeData::Element(element) => &element.name,
            _ => unreachable!("only elements have names"),
        })
    }

    fn create_element(
        &self,
        name: QualName,
        attributes: Vec<Attribute>,
        flags: ElementFlags,
    ) -> NodeId {
        let content = flags.template.then(|| self.create(NodeData::Fragment));
        let is_integration_point = flags.mathml_annotation_xml_integration_point;
        let element = self.create(NodeData::Element(Element {
            name,
            attributes,
            content,
            is_integration_point,
        }));
        if let Some(content) = content {
            self.nodes.borrow_mut()[content].parent = Some(element);
        }
        element
    }

    fn create_comment(&self, text: StrTendril) -> NodeId {
        self.create(NodeData::Comment(text))
    }

    fn create_pi(&self, target: StrTendril, data: StrTendril) -> NodeId {
        self.create(NodeData::Instruction(target, data))
    }

    fn append(&self, parent: &NodeId, child: NodeOrText<NodeId>) {
        let end = self.nodes.borrow()[*parent].children.len();
        self.insert(*parent, end, child);
    }

    fn append_before_sibling(&self, sibling: &NodeId, child: NodeOrText<NodeId>) {
        if let NodeOrText::AppendNode(child) = &child {
            self.remove_from_parent(child);
        }
        if let Some((parent, index)) = self.position(*sibling) {
            self.insert(parent, index, child);
        }
    }

    fn append_based_on_parent_node(
        &self,
        element: &NodeId,
        previous: &NodeId,
        child: NodeOrText<NodeId>,
    ) {
        if self.nodes.borrow()[*element].parent.is_some() {
            self.append_before_sibling(element, child);
        } else {
            self.append(previous, child);
        }
    }

    fn append_doctype_to_document(&self, name: StrTendril, public: StrTendril, system: StrTendril) {
        let document_type = self.create(NodeData::Doctype((name, public, system)));
        self.append(&ROOT, NodeOrText::AppendNode(document_type));
    }

    fn get_template_contents(&self, target: &NodeId) -> NodeId {
        match &self.nodes.borrow()[*target].data {
            NodeData::Element(Element { content: Some(content), .. }) => *content,
            _ => unreachable!("only templates have content"),
        }
    }

    fn same_node(&self, one: &NodeId, other: &NodeId) -> bool {
        one == other
    }

    fn set_quirks_mode(&self, mode: QuirksMode) {
        self.quirks.set(mode);
    }

    fn add_attrs_if_missing(&self, target: &NodeId, attributes: Vec<Attribute>) {
        if let NodeData::Element(element) = &mut self.nodes.borrow_mut()[*target].data {
            for attribute in attributes {
                if element.attributes.iter().all(|own| own.name != attribute.name) {
                    element.attributes.push(attribute);
                }
            }
        }
    }

    fn remove_from_parent(&self, target: &NodeId) {
        if let Some((parent, index)) = self.position(*target) {
            let mut nodes = self.nodes.borrow_mut();
            nodes[parent].children.remove(index);
            nodes[*target].parent = None;
        }
    }

    fn reparent_children(&self, node: &NodeId, parent: &NodeId) {
        let mut nodes = self.nodes.borrow_mut();
        let children = std::mem::take(&mut nodes[*node].children);
        for child in &children {
            nodes[*child].parent = Some(*parent);
        }
        nodes[*parent].children.extend(children);
    }

    fn is_mathml_annotation_xml_integration_point(&self, target: &NodeId) -> bool {
        let nodes = self.nodes.borrow();
        matches!(&nodes[*target].data, NodeData::Element(element) if element.is_integration_point)
    }
}
