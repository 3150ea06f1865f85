//! The settings that a packed Worker takes from the site's configuration.

use serde_json::Value;

use crate::project::wrangler::WranglerConfig;

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

/// Returns the settings that are copied from the site's configuration. Adapters write many empty
/// ones, which are left out.
pub(super) fn copied(config: &WranglerConfig) -> impl Iterator<Item = (&String, &Value)> {
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
