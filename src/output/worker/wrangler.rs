//! `wrangler.jsonc` in the output folder: created once, and updated by each build.

use std::io::ErrorKind;
use std::path::Path;

use jsonc_parser::ParseOptions;
use jsonc_parser::cst::{CstInputValue, CstRootNode, ObjectPropName};
use serde_json::{Value, json};

use crate::disk::Folder;
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::feedback::error::PackError;
use crate::output::folder;
use crate::project::Project;
use crate::project::wrangler::{PACKED_BINDING, WranglerConfig};

/// The name of the configuration in the output folder.
pub(crate) const FILE_NAME: &str = "wrangler.jsonc";

/// The module that a packed Worker begins with.
const MAIN: &str = "bundle/worker/index.js";

/// The default of `compatibility_date`.
const COMPATIBILITY_DATE: &str = "2026-06-01";

/// The compatibility flag that provides the host's Brotli decoder.
pub(crate) const NODE_FLAG: &str = "nodejs_compat";

/// Settings that are not copied from the site's configuration: adapters and wrangler write them for
/// themselves, or the packed Worker needs other values.
const NOT_COPIED: [&str; 20] = [
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
// Created by worker-pack, and yours to edit. Each build sets `main`, `base_dir`, `rules`,
// `no_bundle`, `find_additional_modules` and `assets`, and adds missing settings. Your other
// settings and your comments stay unchanged.
";

/// The requirements of a packed Worker that depend on the site.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Needs {
    /// True if files are in Workers Static Assets.
    pub(crate) static_assets: bool,
    /// True if bodies are decoded, which requires [`NODE_FLAG`].
    pub(crate) decoder: bool,
}

/// Reads the configuration in the output folder. A missing one has no values.
///
/// # Errors
/// If it is the site's own configuration, in the project's folder, or gives paths to a Worker first: a
/// packed Worker in the place of that one would take away what it protects.
pub(super) fn read(out: &Path, project: &Project) -> Result<WranglerConfig, PackError> {
    let folder = Folder::open(out);
    if let Ok(folder) = &folder {
        folder::refuse_link(folder, FILE_NAME)?;
    }
    let read = folder.and_then(|folder| folder.read(FILE_NAME));
    // A file in the place of the folder is refused before anything is written.
    let read = read.map_err(|error| match error.kind() {
        ErrorKind::NotADirectory => ErrorKind::NotFound.into(),
        _ => error,
    });
    let path = out.join(FILE_NAME);
    let config = WranglerConfig::parse(&path, read)?;
    let is_packed = config.get("main") == Some(&json!(MAIN));
    let is_of_site = config.exists() && !is_packed && project.is_in(out);
    if is_of_site || config.asset_option("run_worker_first").is_some() {
        let message = "it configures the Worker of the site itself; choose another output folder";
        return Err(PackError::OutputInTheWay { path, message });
    }
    Ok(config)
}

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

/// Returns the settings that are copied from the site's configuration. Adapters write many empty
/// ones, which are left out.
fn copied(config: &WranglerConfig) -> impl Iterator<Item = (&String, &Value)> {
    let is_empty = |value: &Value| match value {
        Value::Object(fields) => fields.is_empty() || fields.values().all(is_empty_list),
        other => is_empty_list(other) || other.is_null(),
    };
    config
        .values()
        .iter()
        .filter(move |(name, value)| !NOT_COPIED.contains(&name.as_str()) && !is_empty(value))
}

fn is_empty_list(value: &Value) -> bool {
    value.as_array().is_some_and(Vec::is_empty)
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
