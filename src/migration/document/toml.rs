//! Changes of a TOML text. Comments, order and formatting stay.

use serde_json::Value;
use toml_edit::{
    Array, ArrayOfTables, Document, DocumentMut, InlineTable, Item, Table, TableLike,
    Value as TomlValue,
};

use super::{Change, Step};
use crate::migration::text::end_of_toml_line;

/// Makes changes in a text.
///
/// # Errors
/// If it is not TOML, or a change leads through something else than tables and lists.
pub(crate) fn apply(text: &str, changes: &[Change]) -> Result<String, String> {
    // The editor writes lines that end with `\n`.
    let is_windows = text.contains("\r\n") && !text.replace("\r\n", "").contains('\n');
    let plain = if is_windows { text.replace("\r\n", "\n") } else { text.to_owned() };
    let mut document: DocumentMut =
        plain.parse().map_err(|it: toml_edit::TomlError| it.to_string())?;
    for change in changes {
        make(&mut document, change)?;
    }
    let mut result = document.to_string();
    // The comments at the beginning are about the file, even if they are above a table that is removed.
    let head = head(&plain);
    if !result.starts_with(head) {
        result.insert_str(0, head);
    }
    Ok(if is_windows { result.replace('\n', "\r\n") } else { result })
}

/// Returns the lines at the beginning of a text up to the last comment among them.
fn head(text: &str) -> &str {
    let (mut position, mut end) = (0, 0);
    for line in text.split_inclusive('\n') {
        let is_comment = line.trim_start().starts_with('#');
        if !is_comment && !line.trim().is_empty() {
            break;
        }
        position += line.len();
        if is_comment {
            end = position;
        }
    }
    &text[..end]
}

fn make(document: &mut DocumentMut, change: &Change) -> Result<(), String> {
    match change {
        Change::Set { steps, value } => {
            let (last, table) = target(document.as_item_mut(), steps)?;
            match table.get_mut(last) {
                // A comment above the key stays, and so does one behind the value.
                Some(Item::Value(present)) => {
                    let decor = present.decor().clone();
                    *present = plain(value);
                    *present.decor_mut() = decor;
                }
                _ => drop(table.insert(last, item(value, Headings::Possible))),
            }
        }
        Change::Append { steps, value } => {
            let (last, table) = target(document.as_item_mut(), steps)?;
            match table.get_mut(last) {
                None => {
                    let list = Value::Array(vec![value.clone()]);
                    table.insert(last, item(&list, Headings::Possible));
                }
                Some(Item::ArrayOfTables(tables)) => {
                    if let Item::Table(table) = item(value, Headings::Possible) {
                        tables.push(table);
                    }
                }
                Some(Item::Value(TomlValue::Array(list))) => list.push(plain(value)),
                Some(_) => return Err(format!("`{last}` is not a list")),
            }
        }
        Change::Remove { steps } => match without_lines(&document.to_string(), steps) {
            Some(text) => {
                *document = text.parse().map_err(|it: toml_edit::TomlError| it.to_string())?;
            }
            None => remove(document.as_item_mut(), steps),
        },
    }
    Ok(())
}

/// Returns a text without the lines of a setting. The editor would remove the comments above it too, which
/// may be about the whole file. Returns `None` if the setting shares a line with others.
fn without_lines(text: &str, steps: &[Step]) -> Option<String> {
    let document = Document::parse(text).ok()?;
    let (Step::Key(last), before) = steps.split_last()? else { return None };
    let mut table: &Table = document.as_table();
    for step in before {
        let Step::Key(key) = step else { return None };
        table = table.get(key)?.as_table()?;
    }
    let (key, value) = table.get_key_value(last)?;
    let (key, value) = (key.span()?, value.as_value()?.span()?);
    let start = text[..key.start].rfind('\n').map_or(0, |index| index + 1);
    let is_first = text[start..key.start].trim().is_empty();
    let end = end_of_toml_line(text, value.end).filter(|_| is_first)?;
    Some([&text[..start], &text[end..]].concat())
}

fn target<'d, 's>(
    root: &'d mut Item,
    steps: &'s [Step],
) -> Result<(&'s String, &'d mut dyn TableLike), String> {
    let Some((Step::Key(last), before)) = steps.split_last() else {
        return Err("no setting is named".to_owned());
    };
    let mut item = root;
    for step in before {
        item = match step {
            Step::Key(key) => {
                let table = item.as_table_like_mut().ok_or("a part of the path is not a table")?;
                if !table.contains_key(key) {
                    table.insert(key, Item::Table(implicit()));
                }
                table.get_mut(key).ok_or_else(|| format!("`{key}` is not a table"))?
            }
            Step::Index(index) => {
                item.get_mut(*index).ok_or_else(|| format!("there is no element {index}"))?
            }
        };
    }
    let table = item.as_table_like_mut();
    Ok((last, table.ok_or_else(|| format!("what contains `{last}` is not a table"))?))
}

/// Returns a table whose heading is only written if it has values of its own.
fn implicit() -> Table {
    let mut table = Table::new();
    table.set_implicit(true);
    table
}

fn remove(root: &mut Item, steps: &[Step]) {
    let Some((last, before)) = steps.split_last() else { return };
    let mut item = root;
    for step in before {
        let inner = match step {
            Step::Key(key) => item.as_table_like_mut().and_then(|table| table.get_mut(key)),
            Step::Index(_) => None,
        };
        let Some(inner) = inner else { return };
        item = inner;
    }
    match (last, item) {
        (Step::Key(key), item) => {
            if let Some(table) = item.as_table_like_mut() {
                table.remove(key);
            }
        }
        (Step::Index(index), Item::ArrayOfTables(tables)) if *index < tables.len() => {
            tables.remove(*index);
        }
        (Step::Index(index), Item::Value(TomlValue::Array(list))) if *index < list.len() => {
            list.remove(*index);
        }
        _ => {}
    }
}

/// The form of a table: with a heading on a line of its own, or within a line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Headings {
    Possible,
    None,
}

/// Returns a value as an item: objects as tables with headings, where these are possible. The editor
/// writes them within a line in a table that is itself within one.
fn item(value: &Value, headings: Headings) -> Item {
    let with_headings = headings == Headings::Possible;
    match value {
        Value::Object(fields) if with_headings => {
            let mut table = Table::new();
            for (name, value) in fields {
                table.insert(name, item(value, Headings::None));
            }
            Item::Table(table)
        }
        Value::Array(values)
            if with_headings && !values.is_empty() && values.iter().all(Value::is_object) =>
        {
            let mut tables = ArrayOfTables::new();
            for value in values {
                if let Item::Table(table) = item(value, Headings::Possible) {
                    tables.push(table);
                }
            }
            Item::ArrayOfTables(tables)
        }
        value => Item::Value(plain(value)),
    }
}

fn plain(value: &Value) -> TomlValue {
    match value {
        Value::Null => TomlValue::from(""),
        Value::Bool(value) => TomlValue::from(*value),
        Value::Number(number) => number
            .as_i64()
            .map_or_else(|| TomlValue::from(number.as_f64().unwrap_or_default()), TomlValue::from),
        // On one line, since the line breaks of the file are replaced. JSON has the same escapes.
        Value::String(text) if text.contains(['\r', '\n']) => {
            value.to_string().parse().unwrap_or_else(|_| TomlValue::from(text.as_str()))
        }
        Value::String(text) => TomlValue::from(text.as_str()),
        Value::Array(values) => TomlValue::Array(values.iter().map(plain).collect::<Array>()),
        Value::Object(fields) => {
            let pairs = fields.iter().map(|(name, value)| (name.as_str(), plain(value)));
            TomlValue::InlineTable(pairs.collect::<InlineTable>())
        }
    }
}
