//! The rules of the installed wrangler for its configuration, which its package contains.

use std::collections::BTreeSet;
use std::path::Path;

use jsonschema::Validator;
use serde_json::Value;

use crate::project::npm_package;

/// The schema of the installed wrangler.
pub(crate) struct Schema(Validator);

impl Schema {
    /// Finds the schema of the wrangler that a project runs. Returns `None` if it is not installed.
    pub(crate) fn installed(root: &Path) -> Option<Self> {
        let schema = npm_package::wrangler_schema(root)?;
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
