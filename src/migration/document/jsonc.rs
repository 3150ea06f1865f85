//! Changes of a JSON or JSONC text. Comments, order and formatting stay.

use jsonc_parser::ast::{Array, Object, ObjectProp, Value as Node};
use jsonc_parser::common::{Range, Ranged as _};
use jsonc_parser::cst::{CstNode, CstObject, CstObjectProp, CstRootNode};
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use serde_json::{Map, Value};

use super::{Change, Step};
use crate::migration::list::{Form, LastComma, List};
use crate::migration::text::{
    TextEdit, apply as apply_edits, indentation, indentation_unit, line_break,
};

/// Makes changes in a text.
///
/// # Errors
/// If it is not a JSONC object, or a change leads through something else than objects and lists.
pub(super) fn apply(text: &str, changes: &[Change]) -> Result<String, String> {
    let mut text = text.to_owned();
    for change in changes {
        text = match change {
            Change::Set { steps, value } => edited(&text, steps, value, Meaning::Value)?,
            Change::Append { steps, value } => edited(&text, steps, value, Meaning::Element)?,
            Change::Remove { steps } => removed(&text, steps)?,
        };
    }
    Ok(text)
}

/// The meaning of a value for the key that it is written to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Meaning {
    /// It is the value of the key.
    Value,
    /// It is one more element of the list.
    Element,
}

fn edited(text: &str, steps: &[Step], value: &Value, meaning: Meaning) -> Result<String, String> {
    let options = (CollectOptions::default(), ParseOptions::default());
    let parsed = parse_to_ast(text, &options.0, &options.1).map_err(|error| error.to_string())?;
    let Some(Node::Object(root)) = &parsed.value else {
        return Err("its top level is not an object".to_owned());
    };
    let edits = match locate(root, steps)? {
        Place::Missing { object, key, rest } => {
            let element = || Value::Array(vec![value.clone()]);
            let value = if meaning == Meaning::Element { element() } else { value.clone() };
            let value = rest.iter().rev().try_fold(value, |value, step| match step {
                Step::Key(key) => Ok(Value::Object(Map::from_iter([(key.clone(), value)]))),
                Step::Index(index) => Err(format!("there is no element {index}")),
            })?;
            let list = list_of(object);
            let item = |printing: &Printing<'_>| {
                format!("{}: {}", Value::from(key.as_str()), printing.value(&value))
            };
            add(text, &list, item)
        }
        Place::Present(property) => match (meaning, &property.value) {
            (Meaning::Element, Node::Array(array)) => {
                add(text, &elements_of(array), |printing| printing.value(value))
            }
            (Meaning::Element, _) => {
                return Err(format!("`{}` is not a list", property.name.as_str()));
            }
            (Meaning::Value, present) => {
                let range = bytes(present.range());
                let form = Form::Lines(indentation(text, range.start).to_owned());
                let printing = Printing::new(text, &form);
                vec![TextEdit { range, text: printing.value(value) }]
            }
        },
    };
    Ok(apply_edits(text, edits))
}

/// Returns the edits that add an item to a list, printed in the form of the list.
fn add(text: &str, list: &List, item: impl Fn(&Printing<'_>) -> String) -> Vec<TextEdit> {
    let item = item(&Printing::new(text, &list.form(text)));
    list.add(text, &[item], LastComma::Missing)
}

/// The place that steps lead to.
enum Place<'a, 't> {
    Present(&'a ObjectProp<'t>),
    /// A key that an object lacks, with the steps behind it.
    Missing {
        object: &'a Object<'t>,
        key: &'a String,
        rest: &'a [Step],
    },
}

fn locate<'a, 't>(root: &'a Object<'t>, steps: &'a [Step]) -> Result<Place<'a, 't>, String> {
    let mut object = root;
    let mut steps = steps;
    while let Some((Step::Key(key), rest)) = steps.split_first() {
        // Of several properties with a key, the last one counts.
        let found = object.properties.iter().rev().find(|it| it.name.as_str() == key);
        let Some(property) = found else { return Ok(Place::Missing { object, key, rest }) };
        if rest.is_empty() {
            return Ok(Place::Present(property));
        }
        let mut value = &property.value;
        steps = rest;
        while let Some((Step::Index(index), rest)) = steps.split_first() {
            let Node::Array(array) = value else { return Err(format!("`{key}` is not a list")) };
            let element = array.elements.get(*index);
            value = element.ok_or_else(|| format!("`{key}` has no element {index}"))?;
            steps = rest;
        }
        let Node::Object(inner) = value else { return Err(format!("`{key}` is not an object")) };
        object = inner;
    }
    Err("no setting is named".to_owned())
}

fn bytes(range: Range) -> std::ops::Range<usize> {
    range.start..range.end
}

fn list_of(object: &Object<'_>) -> List {
    let items = object.properties.iter().map(|property| bytes(property.range)).collect();
    List { brackets: bytes(object.range), items }
}

fn elements_of(array: &Array<'_>) -> List {
    let items = array.elements.iter().map(|element| bytes(element.range())).collect();
    List { brackets: bytes(array.range), items }
}

/// The style in which a value is printed.
struct Printing<'t> {
    /// The indentation of the line that it begins on. `None` if it is printed in one line.
    indentation: Option<String>,
    unit: &'t str,
    line_break: &'static str,
}

impl<'t> Printing<'t> {
    fn new(text: &'t str, form: &Form) -> Self {
        let indentation = match form {
            Form::Inline => None,
            Form::Lines(indentation) => Some(indentation.clone()),
        };
        Self { indentation, unit: indentation_unit(text), line_break: line_break(text) }
    }

    fn value(&self, value: &Value) -> String {
        match value {
            Value::Array(values) if !values.is_empty() => {
                // Texts and numbers are short.
                let is_short = !values.iter().any(|it| it.is_object() || it.is_array());
                let style = if is_short { &self.inline() } else { self };
                style.list(
                    ['[', ']'],
                    &values.iter().map(|it| style.inner().value(it)).collect::<Vec<_>>(),
                )
            }
            Value::Object(fields) if !fields.is_empty() => {
                let inner = self.inner();
                let field = |(name, value): (&String, &Value)| {
                    format!("{}: {}", Value::from(name.as_str()), inner.value(value))
                };
                self.list(['{', '}'], &fields.iter().map(field).collect::<Vec<_>>())
            }
            other => other.to_string(),
        }
    }

    fn list(&self, [open, close]: [char; 2], items: &[String]) -> String {
        match (&self.indentation, open) {
            (None, '[') => format!("[{}]", items.join(", ")),
            (None, _) => format!("{open} {} {close}", items.join(", ")),
            (Some(outer), _) => {
                let start = format!("{}{outer}{}", self.line_break, self.unit);
                let items = items.join(&format!(",{start}"));
                format!("{open}{start}{items}{}{outer}{close}", self.line_break)
            }
        }
    }

    fn inline(&self) -> Self {
        Self { indentation: None, ..*self }
    }

    fn inner(&self) -> Self {
        let deeper = |outer: &String| format!("{outer}{}", self.unit);
        Self { indentation: self.indentation.as_ref().map(deeper), ..*self }
    }
}

fn removed(text: &str, steps: &[Step]) -> Result<String, String> {
    let root = CstRootNode::parse(text, &ParseOptions::default()).map_err(|it| it.to_string())?;
    let object = root.object_value().ok_or("its top level is not an object")?;
    remove(&object, steps);
    Ok(root.to_string())
}

/// Returns the property with a key. Of several, the last one counts.
fn property(object: &CstObject, key: &str) -> Option<CstObjectProp> {
    let mut all = object.properties().into_iter().rev();
    all.find(|property| property.decoded_name().as_deref() == Some(key))
}

fn remove(root: &CstObject, steps: &[Step]) {
    let mut node: Option<CstNode> = None;
    let mut object = Some(root.clone());
    let Some((last, before)) = steps.split_last() else { return };
    let element = |node: &Option<CstNode>, index: usize| {
        let list = node.as_ref().and_then(CstNode::as_array)?;
        list.elements().into_iter().nth(index)
    };
    for step in before {
        let inner = match step {
            Step::Key(key) => object.as_ref().and_then(|it| property(it, key)?.value()),
            Step::Index(index) => element(&node, *index),
        };
        object = inner.as_ref().and_then(CstNode::as_object);
        node = inner;
    }
    match last {
        Step::Key(key) => {
            while let Some(found) = object.as_ref().and_then(|it| property(it, key)) {
                found.remove();
            }
        }
        Step::Index(index) => {
            if let Some(found) = element(&node, *index) {
                found.remove();
            }
        }
    }
}
