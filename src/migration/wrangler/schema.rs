//! The rules of the installed wrangler for its configuration, which its package contains.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use jsonschema::Validator;
use serde_json::Value;

/// The schema of the installed wrangler.
pub(crate) struct Schema(Validator);

impl Schema {
    /// Finds the schema of the wrangler that a project runs. Returns `None` if it is not installed.
    pub(crate) fn installed(root: &Path) -> Option<Self> {
        let path =
            |folder: &Path| -> PathBuf { folder.join("node_modules/wrangler/config-schema.json") };
        let file = root.ancestors().map(path).find(|file| file.is_file())?;
        let schema: Value = serde_json::from_slice(&fs::read(file).ok()?).ok()?;
        jsonschema::validator_for(&schema).ok().map(Self)
    }

    /// Returns what wrangler refuses in a configuration: the place of each setting, and the reason.
    pub(crate) fn refused(&self, values: &Value) -> BTreeSet<String> {
        let errors = self.0.iter_errors(values);
        errors
            .map(|error| {
                let place = error.instance_path().to_string();
                let place = place.trim_start_matches('/').replace('/', ".");
                let message = shortened(&error.to_string());
                if place.is_empty() { message } else { format!("`{place}`: {message}") }
            })
            .collect()
    }
}

/// Returns a message without the values that it quotes at length.
fn shortened(message: &str) -> String {
    const MAX: usize = 160;
    match message.char_indices().nth(MAX) {
        Some((end, _)) => format!("{}…", &message[..end]),
        None => message.to_owned(),
    }
}
