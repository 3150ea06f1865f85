//! A file of JSON or TOML, as data and with the place of each value in its text.

use std::ops::Range;

use jsonc_parser::ast::{ObjectPropName, Value as Node};
use jsonc_parser::common::Ranged as _;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast, parse_to_serde_value};
use serde_json::{Map, Value};
use toml_edit::{Document, Item, TableLike};

use super::text::TextFile;
use crate::transform::json::STRICT;

/// A file of JSON or TOML.
#[derive(Clone, Debug)]
pub(crate) struct DataFile {
    pub(crate) file: TextFile,
    values: Map<String, Value>,
}

/// A problem with the text of a file.
#[derive(Clone, Debug)]
pub(crate) struct DataError {
    pub(crate) message: String,
    /// The byte offset of the problem.
    pub(crate) offset: usize,
}

/// A step on the way to a value: a key of an object, or an index of an array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Key(String),
    Index(usize),
}

impl From<&str> for Step {
    fn from(key: &str) -> Self {
        Self::Key(key.to_owned())
    }
}

impl From<usize> for Step {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

impl DataFile {
    /// Parses a file. The name decides on the language. Comments and trailing commas are accepted
    /// in JSON.
    pub(crate) fn parse(file: &TextFile) -> Result<Self, DataError> {
        let values = if is_toml(file) {
            toml::from_str::<Value>(&file.text).map_err(|error| DataError {
                message: error.message().to_owned(),
                offset: error.span().map_or(0, |span| span.start),
            })?
        } else {
            parse_to_serde_value::<Value>(&file.text, &dialect(file)).map_err(|error| {
                DataError { message: error.kind().to_string(), offset: error.range().start }
            })?
        };
        match values {
            Value::Object(values) => Ok(Self { file: file.clone(), values }),
            _ => Err(DataError { message: "its top level is not an object".to_owned(), offset: 0 }),
        }
    }

    /// Returns the values of the file.
    pub(crate) fn values(&self) -> &Map<String, Value> {
        &self.values
    }

    /// Returns a value at the top level.
    pub(crate) fn get(&self, key: &str) -> Option<&Value> {
        self.values.get(key)
    }

    /// Returns the byte offset of the value that steps lead to, or of its key if it has one. Steps
    /// that lead to nothing end at the last value that exists.
    pub(crate) fn offset(&self, steps: &[Step]) -> usize {
        let text = &self.file.text;
        if is_toml(&self.file) {
            return Document::parse(text.as_str()).map_or(0, |document| {
                offset_in_toml(document.as_item(), steps).map_or(0, |range| range.start)
            });
        }
        let parsed = parse_to_ast(text, &CollectOptions::default(), &ParseOptions::default());
        let root = parsed.ok().and_then(|parsed| parsed.value);
        root.map_or(0, |root| offset_in_json(&root, steps))
    }
}

/// Returns the dialect of JSON: comments and trailing commas are of configurations, and no part of
/// `package.json`.
fn dialect(file: &TextFile) -> ParseOptions {
    let is_package = file.path.file_name().is_some_and(|name| name == "package.json");
    ParseOptions { allow_comments: !is_package, allow_trailing_commas: !is_package, ..STRICT }
}

fn is_toml(file: &TextFile) -> bool {
    file.path.extension().is_some_and(|extension| extension == "toml")
}

fn offset_in_json(root: &Node<'_>, steps: &[Step]) -> usize {
    let (mut node, mut offset) = (root, root.start());
    for step in steps {
        let next = match (node, step) {
            (Node::Object(object), Step::Key(key)) => {
                let is_named = |name: &ObjectPropName<'_>| name.as_str() == key;
                let property = object.properties.iter().rfind(|one| is_named(&one.name));
                property.map(|property| (&property.value, property.start()))
            }
            (Node::Array(array), Step::Index(index)) => {
                array.elements.get(*index).map(|element| (element, element.start()))
            }
            _ => None,
        };
        let Some(next) = next else { break };
        (node, offset) = next;
    }
    offset
}

fn offset_in_toml(root: &Item, steps: &[Step]) -> Option<Range<usize>> {
    let Some((first, rest)) = steps.split_first() else { return root.span() };
    let (span, next) = match (root, first) {
        (Item::ArrayOfTables(tables), Step::Index(index)) => {
            let table = tables.get(*index)?;
            let inner = offset_in_table(table, rest);
            return inner.or_else(|| table.span());
        }
        (_, Step::Key(_)) => {
            return offset_in_table(root.as_table_like()?, steps).or_else(|| root.span());
        }
        (_, Step::Index(index)) => {
            let value = root.as_array()?.get(*index)?;
            (value.span(), Item::Value(value.clone()))
        }
    };
    if rest.is_empty() { span } else { offset_in_toml(&next, rest).or(span) }
}

fn offset_in_table(table: &dyn TableLike, steps: &[Step]) -> Option<Range<usize>> {
    let Some((Step::Key(name), rest)) = steps.split_first() else { return None };
    let (key, item) = table.get_key_value(name)?;
    let inner = if rest.is_empty() { None } else { offset_in_toml(item, rest) };
    inner.or_else(|| key.span()).or_else(|| item.span())
}
