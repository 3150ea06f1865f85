//! Compares a page with its minified form, as browsers see them.

use std::borrow::Cow;

use html5ever::tendril::StrTendril;
use html5ever::{Attribute, QualName};

use super::document::{Document, DocumentType, Element, NodeData, NodeId, ROOT, is_html};
use super::references::REWRITTEN;
use super::scan::ISLAND;
use super::script_type::ScriptType;
use crate::transform::comments::KeptComments;
use crate::transform::reference::References;
use crate::transform::rewrite::{Insertion, differ_in_references, is_rewritten};
use crate::transform::{css, import_map, javascript};

/// Code of a page before and after minifying.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Replacement {
    before: String,
    after: String,
}

impl Replacement {
    pub(super) fn new(before: &str, after: &str) -> Self {
        Self { before: as_parsed(before), after: as_parsed(after) }
    }
}

/// Returns code as a browser has it after parsing (HTML §13.2.3.5, §13.2.5.4).
fn as_parsed(code: &str) -> String {
    code.replace("\r\n", "\n").replace('\r', "\n").replace('\0', "\u{fffd}")
}

/// Returns whether two documents are the same but for remarks, white space in the head, and code
/// that was replaced.
pub(super) fn is_same(
    before: &Document,
    after: &Document,
    code: &[Replacement],
    kept: &KeptComments,
) -> bool {
    let (one, other) = (parts(before, kept), parts(after, kept));
    let is_same_part = |(one, other): (&Part<'_>, &Part<'_>)| match (one, other) {
        (Part::Code(one), Part::Code(other)) => {
            one == other || code.iter().any(|code| code.before == **one && code.after == **other)
        }
        _ => one == other,
    };
    before.quirks == after.quirks
        && one.len() == other.len()
        && one.iter().zip(&other).all(is_same_part)
}

/// Returns whether two documents are the same but for insertions in attributes with URLs, in style sheets, scripts and
/// import maps.
pub(super) fn is_same_but_for(
    before: &Document,
    after: &Document,
    insertions: &[Insertion],
) -> bool {
    let kept = KeptComments::default();
    let (one, other) = (parts(before, &kept), parts(after, &kept));
    let is_same_attribute = |(one, other): (&Attribute, &Attribute)| {
        one == other
            || one.name == other.name
                && REWRITTEN.contains(&&*one.name.local)
                && is_rewritten(&one.value, &other.value, insertions)
    };
    let mut read: Option<Read> = None;
    let is_same_part = |(one, other): (&Part<'_>, &Part<'_>)| {
        let is_same = match (one, other) {
            (Part::Start(name, attributes), Part::Start(other, others)) => {
                name == other
                    && attributes.len() == others.len()
                    && attributes.iter().zip(*others).all(is_same_attribute)
            }
            (Part::Code(one), Part::Code(other)) if one != other => read.is_some_and(|read| {
                differ_in_references((one, &read(one)), (other, &read(other)), insertions)
            }),
            _ => one == other,
        };
        read = match one {
            Part::Start(name, attributes) => read_of(&name.local, attributes),
            _ => None,
        };
        is_same
    };
    before.quirks == after.quirks
        && one.len() == other.len()
        && one.iter().zip(&other).all(is_same_part)
}

/// Reads the references of the text in an element.
type Read = fn(&str) -> References;

/// Returns the way to read the text in an element whose references are rewritten.
fn read_of(name: &str, attributes: &[Attribute]) -> Option<Read> {
    let value =
        |name: &str| attributes.iter().find(|one| &*one.name.local == name).map(|own| &*own.value);
    match name {
        "style" => Some(css::references),
        "script" => match ScriptType::of(value("type"), value("language")) {
            ScriptType::JavaScript(_) => {
                Some(|script| javascript::references(script).unwrap_or_default())
            }
            ScriptType::ImportMap => Some(import_map::references),
            ScriptType::Json | ScriptType::Other => None,
        },
        _ => None,
    }
}

/// A part of a document, in its order.
#[derive(PartialEq)]
enum Part<'d> {
    Start(&'d QualName, &'d [Attribute]),
    Text(Cow<'d, str>),
    /// The text of a script or style sheet.
    Code(Cow<'d, str>),
    Comment(&'d str),
    Instruction(&'d StrTendril, &'d StrTendril),
    Doctype(&'d DocumentType),
    /// The end of an element, or of the content of a `<template>`.
    End,
}

/// The place of a node, which decides what has no effect there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Head,
    Code,
    Island,
    Elsewhere,
}

impl Place {
    /// Returns the place of an element's children.
    fn inside(self, element: &Element) -> Self {
        match &*element.name.local {
            _ if self == Self::Island => Self::Island,
            _ if !is_html(&element.name) => Self::Elsewhere,
            ISLAND => Self::Island,
            "head" => Self::Head,
            "script" | "style" => Self::Code,
            _ => Self::Elsewhere,
        }
    }
}

/// A step of the walk over a tree.
enum Step {
    Enter(NodeId, Place),
    Leave,
}

/// Returns the parts of a document without remarks and white space in the head.
fn parts<'d>(document: &'d Document, kept: &KeptComments) -> Vec<Part<'d>> {
    let mut parts = Vec::new();
    let mut next = vec![Step::Enter(ROOT, Place::Elsewhere)];
    while let Some(step) = next.pop() {
        let Step::Enter(id, place) = step else {
            parts.push(Part::End);
            continue;
        };
        let node = document.node(id);
        let mut inside = place;
        match &node.data {
            NodeData::Fragment => {}
            NodeData::Element(element) => {
                parts.push(Part::Start(&element.name, &element.attributes));
                inside = place.inside(element);
                next.push(Step::Leave);
            }
            NodeData::Text(text) if place == Place::Code => {
                parts.push(Part::Code(Cow::Borrowed(text)));
            }
            NodeData::Text(text) if place == Place::Head && text.trim_ascii().is_empty() => {}
            NodeData::Text(text) => match parts.last_mut() {
                // A remark was between the two.
                Some(Part::Text(earlier)) => earlier.to_mut().push_str(text),
                _ => parts.push(Part::Text(Cow::Borrowed(text))),
            },
            NodeData::Comment(text) => parts.push(Part::Comment(text)),
            NodeData::Instruction(target, data) => parts.push(Part::Instruction(target, data)),
            NodeData::Doctype(document_type) => parts.push(Part::Doctype(document_type)),
        }
        let children = match inside {
            Place::Island => node.children.clone(),
            _ => without_remarks(document, &node.children, kept),
        };
        next.extend(children.into_iter().rev().map(|child| Step::Enter(child, inside)));
        if let NodeData::Element(Element { content: Some(content), .. }) = &node.data {
            next.push(Step::Leave);
            next.push(Step::Enter(*content, inside));
        }
    }
    parts
}

/// Returns the children of a node without remarks. Those between two texts are not removed, since the
/// texts would become one.
fn without_remarks(document: &Document, children: &[NodeId], kept: &KeptComments) -> Vec<NodeId> {
    let mut rest: Vec<NodeId> = Vec::with_capacity(children.len());
    let mut remarks = Vec::new();
    let text = |id: NodeId| match &document.node(id).data {
        NodeData::Text(text) => Some(&**text),
        _ => None,
    };
    for child in children.iter().copied() {
        if let NodeData::Comment(comment) = &document.node(child).data
            && kept.is_remark(comment)
        {
            remarks.push(child);
            continue;
        }
        let (before, after) = (rest.last().copied().and_then(text), text(child));
        let is_between = separates(before.unwrap_or_default(), after.unwrap_or_default());
        if is_between {
            rest.append(&mut remarks);
        }
        remarks.clear();
        rest.push(child);
    }
    rest
}

/// Returns whether what is between two texts has to stay: if both are texts, and one is more than white
/// space.
pub(super) fn separates(before: &str, after: &str) -> bool {
    let is_blank = |text: &str| text.trim_ascii().is_empty();
    let are_blank = is_blank(before) && is_blank(after);
    !before.is_empty() && !after.is_empty() && !are_blank
}
