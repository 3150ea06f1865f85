//! A text with settings, as JSON, JSONC or TOML, and changes of it that keep comments, order and formatting.

mod jsonc;
mod toml;

use std::path::Path;

use serde_json::{Map, Value};

/// The format of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// JSON, perhaps with comments and trailing commas.
    Jsonc,
    /// TOML.
    Toml,
}

impl Format {
    /// Returns the format of a file by its name.
    pub(crate) fn of(path: &Path) -> Self {
        if path.extension().is_some_and(|it| it == "toml") { Self::Toml } else { Self::Jsonc }
    }

    /// Makes changes in a text.
    ///
    /// # Errors
    /// If the text is invalid, or a change leads through something else than objects and lists.
    pub(crate) fn apply(self, text: &str, changes: &[Change]) -> Result<String, String> {
        match self {
            Self::Jsonc => jsonc::apply(text, changes),
            Self::Toml => toml::apply(text, changes),
        }
    }
}

/// A step from an object or list to a part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// To the value of a key.
    Key(String),
    /// To an element, counted from 0.
    Index(usize),
}

/// A change of a setting.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Change {
    /// Sets the value of a key, in objects that are created if they are missing.
    Set { steps: Vec<Step>, value: Value },
    /// Adds an element to a list, which is created if it is missing.
    Append { steps: Vec<Step>, value: Value },
    /// Removes a value or an element.
    Remove { steps: Vec<Step> },
}

impl Change {
    pub(crate) fn set(keys: &[&str], value: Value) -> Self {
        Self::Set { steps: steps(keys), value }
    }

    pub(crate) fn append(keys: &[&str], value: Value) -> Self {
        Self::Append { steps: steps(keys), value }
    }

    pub(crate) fn remove(keys: &[&str]) -> Self {
        Self::Remove { steps: steps(keys) }
    }

    /// Makes the change in values, which shows the intended result.
    pub(crate) fn apply(&self, values: &mut Map<String, Value>) {
        match self {
            Self::Set { steps, value } => {
                if let Some((last, object)) = target(values, steps) {
                    object.insert(last.clone(), value.clone());
                }
            }
            Self::Append { steps, value } => {
                if let Some((last, object)) = target(values, steps) {
                    let list = object.entry(last.clone()).or_insert_with(|| Value::Array(vec![]));
                    if let Value::Array(list) = list {
                        list.push(value.clone());
                    }
                }
            }
            Self::Remove { steps } => remove(values, steps),
        }
    }
}

/// Returns the steps from key to key.
pub(crate) fn steps(keys: &[&str]) -> Vec<Step> {
    keys.iter().map(|key| Step::Key((*key).to_owned())).collect()
}

/// Returns the last key and the object that it belongs to.
fn target<'v, 's>(
    values: &'v mut Map<String, Value>,
    steps: &'s [Step],
) -> Option<(&'s String, &'v mut Map<String, Value>)> {
    let (Step::Key(last), before) = steps.split_last()? else { return None };
    let Some((Step::Key(first), rest)) = before.split_first() else { return Some((last, values)) };
    let object = || Value::Object(Map::new());
    let mut value = values.entry(first.clone()).or_insert_with(object);
    for step in rest {
        value = match step {
            Step::Key(key) => value.as_object_mut()?.entry(key.clone()).or_insert_with(object),
            Step::Index(index) => value.get_mut(*index)?,
        };
    }
    Some((last, value.as_object_mut()?))
}

fn remove(values: &mut Map<String, Value>, steps: &[Step]) {
    let Some((last, before)) = steps.split_last() else { return };
    let Some((Step::Key(first), rest)) = before.split_first() else {
        if let Step::Key(key) = last {
            values.shift_remove(key);
        }
        return;
    };
    let Some(mut value) = values.get_mut(first) else { return };
    for step in rest {
        let inner = match step {
            Step::Key(key) => value.get_mut(key),
            Step::Index(index) => value.get_mut(index),
        };
        let Some(inner) = inner else { return };
        value = inner;
    }
    match (last, value) {
        (Step::Key(key), Value::Object(object)) => drop(object.shift_remove(key)),
        (Step::Index(index), Value::Array(list)) if *index < list.len() => {
            drop(list.remove(*index));
        }
        _ => {}
    }
}
