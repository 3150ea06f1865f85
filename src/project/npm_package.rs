//! The npm packages that are installed for a project.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// The groups of packages in `package.json`.
pub(crate) const GROUPS: [&str; 4] =
    ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"];

/// Returns the folder of an installed package, as Node.js finds it: in the nearest `node_modules` that has it.
pub(crate) fn folder(root: &Path, name: &str) -> Option<PathBuf> {
    let mut folders = root.ancestors().map(|above| above.join("node_modules").join(name));
    folders.find(|folder| folder.join("package.json").is_file())
}

/// Returns the version of an installed package, as its `package.json` says.
pub(crate) fn version(root: &Path, name: &str) -> Option<String> {
    let manifest = read_json(&folder(root, name)?.join("package.json"))?;
    manifest.get("version")?.as_str().map(str::to_owned)
}

/// Returns the schema of the installed wrangler for its configuration, which its package contains.
pub(crate) fn wrangler_schema(root: &Path) -> Option<Value> {
    read_json(&folder(root, "wrangler")?.join("config-schema.json"))
}

fn read_json(path: &Path) -> Option<Value> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}
