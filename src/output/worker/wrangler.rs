//! `wrangler.jsonc`: generated once, and afterwards only merged into.

use jsonc_parser::ParseOptions;
use jsonc_parser::cst::{CstInputValue, CstRootNode};
use serde_json::{Value, json};

use super::script::BINDING;
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::feedback::error::PackError;
use crate::project::wrangler::WranglerConfig;

/// The name of the configuration in the output folder.
pub(crate) const FILE_NAME: &str = "wrangler.jsonc";

/// The date that a Worker gets which nobody gave one.
const COMPATIBILITY_DATE: &str = "2026-06-01";

/// The flag that the Brotli decoder of the host comes with.
pub(crate) const NODE_FLAG: &str = "nodejs_compat";

/// What adapters and wrangler write for themselves, and what is set anew for the packed Worker.
const NOT_TAKEN_OVER: [&str; 20] = [
    "$schema",
    "name",
    "main",
    "base_dir",
    "rules",
    "no_bundle",
    "find_additional_modules",
    "assets",
    "build",
    "configPath",
    "userConfigPath",
    "topLevelName",
    "definedEnvironments",
    "legacy_env",
    "dev",
    "pages_build_output_dir",
    "upload_source_maps",
    "jsx_factory",
    "jsx_fragment",
    "python_modules",
];

const HEAD: &str = "\
// Written once by worker-pack. From then on it is yours: a build sets `main`, `base_dir`, `rules`,
// `no_bundle`, `find_additional_modules` and `assets`, adds what it misses, and leaves the rest and
// the comments as they are.
";

/// What the packed Worker needs of its configuration.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Needs {
    /// Whether files lie in Workers Static Assets.
    pub(crate) static_assets: bool,
    /// Whether bodies are decoded, for which a flag is needed.
    pub(crate) decoder: bool,
}

/// Merges what the packed Worker needs, and what the server's own configuration has, into the
/// output's. Returns the text to write, and what there is to say.
pub(crate) fn merge(
    own: &WranglerConfig,
    server: &WranglerConfig,
    default_name: &str,
    needs: Needs,
) -> Result<(String, Vec<Diagnostic>), PackError> {
    let text = own.text().map_or_else(|| format!("{HEAD}{{\n}}\n"), str::to_owned);
    let invalid = |message: String| PackError::Config { path: own.path().to_owned(), message };
    let root = CstRootNode::parse(&text, &ParseOptions::default())
        .map_err(|error| invalid(error.to_string()))?;
    let object =
        root.object_value().ok_or_else(|| invalid("its top level is not an object".to_owned()))?;
    let mut found = Vec::new();
    let add = |name: &str, value: Value| {
        if object.get(name).is_none() {
            object.append(name, input(value));
        }
    };
    let set = |name: &str, value: Value| match object.get(name) {
        Some(property) if own.get(name) == Some(&value) => drop(property),
        Some(property) => property.set_value(input(value)),
        None => drop(object.append(name, input(value))),
    };

    add("name", server.get("name").cloned().unwrap_or_else(|| json!(default_name)));
    set("main", json!("bundle/worker/index.js"));
    for (name, value) in taken_over(server) {
        match own.get(name) {
            Some(present) if present != value && !is_extended(present, value) => {
                let message =
                    format!("keeps its own `{name}`, which differs from that of the build");
                let note = Diagnostic::note(Code::WorkerSettingKept, FILE_NAME, message);
                found.push(
                    note.with_help(format!("remove `{name}` here to use the one of the build")),
                );
            }
            _ => add(name, value.clone()),
        }
    }
    add("compatibility_date", json!(COMPATIBILITY_DATE));
    if needs.decoder && !own.has_flag(NODE_FLAG) {
        let mut flags = own.get("compatibility_flags").or(server.get("compatibility_flags"));
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
    match (needs.static_assets, object.get("assets")) {
        (true, _) => {
            let assets = json!({
                "directory": "bundle/assets",
                "binding": BINDING,
                "html_handling": "none",
                "not_found_handling": "none",
                "run_worker_first": true
            });
            set("assets", assets);
        }
        // What it led to is not there any more.
        (false, Some(property)) => property.remove(),
        (false, None) => {}
    }
    Ok((root.to_string(), found))
}

/// Returns what the user decided: everything but what is made for the packed Worker, and but for what
/// is empty.
fn taken_over(config: &WranglerConfig) -> impl Iterator<Item = (&String, &Value)> {
    let is_empty = |value: &Value| match value {
        Value::Object(fields) => fields.is_empty() || fields.values().all(is_empty_list),
        other => is_empty_list(other) || other.is_null(),
    };
    config
        .values()
        .iter()
        .filter(move |(name, value)| !NOT_TAKEN_OVER.contains(&name.as_str()) && !is_empty(value))
}

fn is_empty_list(value: &Value) -> bool {
    value.as_array().is_some_and(Vec::is_empty)
}

/// Returns whether a list has all that another one has.
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
