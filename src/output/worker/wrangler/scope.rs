//! A scope of the configuration in the output folder: its top level, or an environment.

use jsonc_parser::cst::{CstInputValue, CstObject, CstObjectProp, ObjectPropName};
use serde_json::{Map, Value};

/// The name of the setting with all environments.
const ENVIRONMENTS: &str = "env";

/// An object of settings in a text that is edited.
pub(super) struct Scope<'s> {
    object: CstObject,
    /// The settings that it had before.
    pub(super) own: &'s Map<String, Value>,
    /// The name of the environment.
    environment: Option<String>,
}

impl<'s> Scope<'s> {
    pub(super) fn top(object: CstObject, own: &'s Map<String, Value>) -> Self {
        Self { object, own, environment: None }
    }

    pub(super) fn environment(name: &str, object: CstObject, own: &'s Map<String, Value>) -> Self {
        Self { object, own, environment: Some(name.to_owned()) }
    }

    /// Returns the object with all environments, below the top level.
    pub(super) fn environments(top: &CstObject) -> Option<CstObject> {
        last(top, ENVIRONMENTS)?.object_value()
    }

    /// Removes an environment, and the object of all environments if it is then empty.
    pub(super) fn remove_environment(top: &CstObject, name: &str) {
        let Some(all) = Self::environments(top) else { return };
        remove(&all, name);
        if all.properties().is_empty() {
            remove(top, ENVIRONMENTS);
        }
    }

    /// Returns the name of a setting in messages.
    pub(super) fn name(&self, setting: &str) -> String {
        self.environment
            .as_ref()
            .map_or_else(|| setting.to_owned(), |name| format!("{ENVIRONMENTS}.{name}.{setting}"))
    }

    /// Returns the place of a setting in the memory of written settings.
    pub(super) fn place(&self, setting: &str) -> String {
        self.environment
            .as_ref()
            .map_or_else(|| setting.to_owned(), |name| format!("{ENVIRONMENTS}/{name}/{setting}"))
    }

    /// Adds a setting, unless it is present.
    pub(super) fn add(&self, name: &str, value: &Value) {
        if self.object.get(name).is_none() {
            self.object.append(name, input(value.clone()));
        }
    }

    /// Sets a setting. Of settings with the same name, the last one counts.
    pub(super) fn set(&self, name: &str, value: &Value) {
        match last(&self.object, name) {
            // Writing an equal value would only remove the comments in it.
            Some(_) if self.own.get(name) == Some(value) => {}
            Some(property) => property.set_value(input(value.clone())),
            None => drop(self.object.append(name, input(value.clone()))),
        }
    }

    pub(super) fn remove(&self, name: &str) {
        remove(&self.object, name);
    }

    /// Returns whether no settings are left.
    pub(super) fn is_empty(&self) -> bool {
        self.object.properties().is_empty()
    }
}

fn last(object: &CstObject, name: &str) -> Option<CstObjectProp> {
    let is_it = |found: ObjectPropName| found.decoded_value().is_ok_and(|found| found == name);
    let mut all = object.properties().into_iter().rev();
    all.find(|property| property.name().is_some_and(is_it))
}

fn remove(object: &CstObject, name: &str) {
    while let Some(property) = last(object, name) {
        property.remove();
    }
}

/// Returns a value as the text editor takes it.
pub(super) fn input(value: Value) -> CstInputValue {
    match value {
        Value::Null => CstInputValue::Null,
        Value::Bool(value) => CstInputValue::Bool(value),
        Value::Number(value) => CstInputValue::Number(value.to_string()),
        Value::String(value) => CstInputValue::String(value),
        Value::Array(values) => CstInputValue::Array(values.into_iter().map(input).collect()),
        Value::Object(fields) => CstInputValue::Object(
            fields.into_iter().map(|(name, value)| (name, input(value))).collect(),
        ),
    }
}
