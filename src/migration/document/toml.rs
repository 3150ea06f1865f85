//! Changes of a TOML text. Comments, order and formatting stay.

use serde_json::Value;
use toml_edit::{
    Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, TableLike, Value as TomlValue,
};

use super::{Change, Step};

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
    let result = document.to_string();
    Ok(if is_windows { result.replace('\n', "\r\n") } else { result })
}

fn make(document: &mut DocumentMut, change: &Change) -> Result<(), String> {
    match change {
        Change::Set { keys, value } => {
            let (last, table) = target(document, keys)?;
            table.insert(last, item(value, !table_is_inline(table)));
        }
        Change::Append { keys, value } => {
            let (last, table) = target(document, keys)?;
            let is_inline = table_is_inline(table);
            match table.get_mut(last) {
                None => {
                    let list = Value::Array(vec![value.clone()]);
                    table.insert(last, item(&list, !is_inline));
                }
                Some(Item::ArrayOfTables(tables)) => {
                    if let Item::Table(table) = item(value, true) {
                        tables.push(table);
                    }
                }
                Some(Item::Value(TomlValue::Array(list))) => list.push(plain(value)),
                Some(_) => return Err(format!("`{last}` is not a list")),
            }
        }
        Change::Remove { steps } => remove(document.as_item_mut(), steps),
    }
    Ok(())
}

fn table_is_inline(table: &dyn TableLike) -> bool {
    // Tables of the document have no decoration of their own values.
    table.is_dotted() && table.is_empty()
}

fn target<'d, 'k>(
    document: &'d mut DocumentMut,
    keys: &'k [String],
) -> Result<(&'k String, &'d mut dyn TableLike), String> {
    let (last, before) = keys.split_last().ok_or("no setting is named")?;
    let mut table: &mut dyn TableLike = document.as_table_mut();
    for key in before {
        if !table.contains_key(key) {
            table.insert(key, Item::Table(implicit()));
        }
        let inner = table.get_mut(key).and_then(Item::as_table_like_mut);
        table = inner.ok_or_else(|| format!("`{key}` is not a table"))?;
    }
    Ok((last, table))
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
    let mut before = before.iter();
    while let Some(step) = before.next() {
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

/// Returns a value as an item: objects as tables with headings, where these are possible.
fn item(value: &Value, with_headings: bool) -> Item {
    match value {
        Value::Object(fields) if with_headings => {
            let mut table = Table::new();
            for (name, value) in fields {
                table.insert(name, item(value, false));
            }
            Item::Table(table)
        }
        Value::Array(values)
            if with_headings && !values.is_empty() && values.iter().all(Value::is_object) =>
        {
            let mut tables = ArrayOfTables::new();
            for value in values {
                if let Item::Table(table) = item(value, true) {
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
        Value::String(text) => TomlValue::from(text.as_str()),
        Value::Array(values) => TomlValue::Array(values.iter().map(plain).collect::<Array>()),
        Value::Object(fields) => {
            let pairs = fields.iter().map(|(name, value)| (name.as_str(), plain(value)));
            TomlValue::InlineTable(pairs.collect::<InlineTable>())
        }
    }
}
