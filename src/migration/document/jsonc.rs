//! Changes of a JSON or JSONC text. Comments, order and formatting stay.

use jsonc_parser::ParseOptions;
use jsonc_parser::cst::{CstInputValue, CstNode, CstObject, CstObjectProp, CstRootNode};
use serde_json::Value;

use super::{Change, Step};

/// Makes changes in a text.
///
/// # Errors
/// If it is not a JSONC object, or a change leads through something else than objects and lists.
pub(crate) fn apply(text: &str, changes: &[Change]) -> Result<String, String> {
    let root = CstRootNode::parse(text, &ParseOptions::default()).map_err(|it| it.to_string())?;
    let object = root.object_value().ok_or("its top level is not an object")?;
    for change in changes {
        make(&object, change)?;
    }
    Ok(root.to_string())
}

fn make(root: &CstObject, change: &Change) -> Result<(), String> {
    match change {
        Change::Set { steps, value } => {
            let (last, object) = target(root, steps)?;
            match property(&object, last) {
                Some(property) => property.set_value(input(value)),
                None => drop(object.append(last, input(value))),
            }
        }
        Change::Append { steps, value } => {
            let (last, object) = target(root, steps)?;
            let Some(property) = property(&object, last) else {
                object.append(last, CstInputValue::Array(vec![input(value)]));
                return Ok(());
            };
            let list = property.array_value();
            list.ok_or_else(|| format!("`{last}` is not a list"))?.append(input(value));
        }
        Change::Remove { steps } => remove(root, steps),
    }
    Ok(())
}

fn target<'s>(root: &CstObject, steps: &'s [Step]) -> Result<(&'s String, CstObject), String> {
    let Some((Step::Key(last), before)) = steps.split_last() else {
        return Err("no setting is named".to_owned());
    };
    let mut object = root.clone();
    let mut before = before.iter().peekable();
    while let Some(step) = before.next() {
        let Step::Key(key) = step else { return Err("an element has no name".to_owned()) };
        let inner = match (property(&object, key), before.peek()) {
            (Some(property), Some(Step::Index(index))) => {
                before.next();
                let list = property.array_value();
                list.and_then(|list| list.elements().into_iter().nth(*index)?.as_object())
            }
            (Some(property), _) => property.object_value(),
            (None, _) => Some(object.object_value_or_set(key)),
        };
        object = inner.ok_or_else(|| format!("`{key}` is not an object"))?;
    }
    Ok((last, object))
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
    for step in before {
        let inner = match step {
            Step::Key(key) => object.as_ref().and_then(|it| property(it, key)?.value()),
            Step::Index(index) => node
                .as_ref()
                .and_then(CstNode::as_array)
                .and_then(|it| it.elements().into_iter().nth(*index)),
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
            let list = node.as_ref().and_then(CstNode::as_array);
            if let Some(found) = list.and_then(|list| list.elements().into_iter().nth(*index)) {
                found.remove();
            }
        }
    }
}

/// Returns a value as the text editor takes it.
fn input(value: &Value) -> CstInputValue {
    match value {
        Value::Null => CstInputValue::Null,
        Value::Bool(value) => CstInputValue::Bool(*value),
        Value::Number(value) => CstInputValue::Number(value.to_string()),
        Value::String(value) => CstInputValue::String(value.clone()),
        Value::Array(values) => CstInputValue::Array(values.iter().map(input).collect()),
        Value::Object(fields) => CstInputValue::Object(
            fields.iter().map(|(name, value)| (name.clone(), input(value))).collect(),
        ),
    }
}
