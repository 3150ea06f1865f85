//! The merge of a packed Worker's settings into the configuration of its output folder.

use jsonc_parser::ParseOptions;
use jsonc_parser::cst::{CstInputValue, CstRootNode, ObjectPropName};
use serde_json::{Value, json};

use super::copied::copied;
use super::{COMPATIBILITY_DATE, FILE_NAME, MAIN, NODE_FLAG, Needs};
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::feedback::error::PackError;
use crate::project::wrangler::{PACKED_BINDING, WranglerConfig};

const HEAD: &str = "\
// Created by worker-pack, and yours to edit. Each build sets `main`, `base_dir`, `rules`,
// `no_bundle`, `find_additional_modules` and `assets`, and adds missing settings. Your other
// settings and your comments stay unchanged.
";

/// Updates the output's `own` configuration with the settings that the packed Worker requires and
/// those of the site's configuration. Returns the text to write, and notes on settings that differ.
pub(crate) fn merge(
    own: &WranglerConfig,
    site: &WranglerConfig,
    default_name: &str,
    needs: Needs,
) -> Result<(String, Vec<Diagnostic>), PackError> {
    let text = own.text().map_or_else(|| format!("{HEAD}{{\n}}\n"), str::to_owned);
    let invalid = |message: String| PackError::Config { path: own.path().to_owned(), message };
    let root = CstRootNode::parse(&text, &ParseOptions::default())
        .map_err(|error| invalid(error.to_string()))?;
    let object =
        root.object_value().ok_or_else(|| invalid("its top level is not an object".to_owned()))?;
    // Of settings with the same name, the last one counts.
    let last = |name: &str| {
        let is_it = |name_of: ObjectPropName| name_of.decoded_value().is_ok_and(|own| own == name);
        let mut all = object.properties().into_iter().rev();
        all.find(|property| property.name().is_some_and(is_it))
    };
    let mut notes = Vec::new();
    let add = |name: &str, value: Value| {
        if object.get(name).is_none() {
            object.append(name, input(value));
        }
    };
    let set = |name: &str, value: Value| match last(name) {
        // Writing an equal value would only remove the comments in it.
        Some(property) if own.get(name) == Some(&value) => drop(property),
        Some(property) => property.set_value(input(value)),
        None => drop(object.append(name, input(value))),
    };

    add("name", site.get("name").cloned().unwrap_or_else(|| json!(default_name)));
    set("main", json!(MAIN));
    for (name, value) in copied(site) {
        match own.get(name) {
            Some(present) if present != value && !is_extended(present, value) => {
                let message =
                    format!("keeps its own `{name}`, which differs from that of the build");
                let note = Diagnostic::note(Code::WorkerSettingKept, FILE_NAME, message);
                notes.push(
                    note.with_help(format!("remove `{name}` here to use the one of the build")),
                );
            }
            _ => add(name, value.clone()),
        }
    }
    // The site's own date, if any, has been copied above.
    add("compatibility_date", json!(COMPATIBILITY_DATE));
    if needs.decoder && !own.has_flag(NODE_FLAG) {
        let mut flags = own.get("compatibility_flags").or(site.get("compatibility_flags"));
        let mut all = flags.take().and_then(Value::as_array).cloned().unwrap_or_default();
        if !all.iter().any(|flag| flag == NODE_FLAG) {
            all.push(json!(NODE_FLAG));
        }
        set("compatibility_flags", Value::Array(all));
    }
    set("base_dir", json!("bundle/worker"));
    set("no_bundle", json!(true));
    set("find_additional_modules", json!(true));
    set(
        "rules",
        json!([
            { "type": "ESModule", "globs": ["**/*.js", "**/*.mjs"] },
            { "type": "CompiledWasm", "globs": ["**/*.wasm"] },
            { "type": "Data", "globs": ["**/*.bin"] },
            { "type": "Text", "globs": ["**/*.txt", "**/*.html", "**/*.sql"] }
        ]),
    );
    if needs.static_assets {
        let assets = json!({
            "directory": "bundle/assets",
            "binding": PACKED_BINDING,
            "html_handling": "none",
            "not_found_handling": "none",
            "run_worker_first": true
        });
        set("assets", assets);
    } else {
        // Its directory is no longer written.
        while let Some(property) = last("assets") {
            property.remove();
        }
    }
    Ok((root.to_string(), notes))
}

/// Returns whether both are lists, and `present` contains every element of `value`.
fn is_extended(present: &Value, value: &Value) -> bool {
    match (present, value) {
        (Value::Array(present), Value::Array(value)) => {
            value.iter().all(|one| present.contains(one))
        }
        _ => false,
    }
}

fn input(value: Value) -> CstInputValue {
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
