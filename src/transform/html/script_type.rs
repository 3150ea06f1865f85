//! The types of scripts (HTML §4.12.1).

use crate::transform::javascript::ScriptKind;

/// The meaning of a script's `type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ScriptType {
    /// A script that browsers run.
    JavaScript(ScriptKind),
    ImportMap,
    /// JSON-LD, speculation rules and other data blocks in JSON.
    Json,
    /// A data block in another language.
    Other,
}

/// Media types of JavaScript (WHATWG MIME Sniffing §4.6).
const JAVASCRIPT: [&str; 16] = [
    "application/ecmascript",
    "application/javascript",
    "application/x-ecmascript",
    "application/x-javascript",
    "text/ecmascript",
    "text/javascript",
    "text/javascript1.0",
    "text/javascript1.1",
    "text/javascript1.2",
    "text/javascript1.3",
    "text/javascript1.4",
    "text/javascript1.5",
    "text/jscript",
    "text/livescript",
    "text/x-ecmascript",
    "text/x-javascript",
];

impl ScriptType {
    /// Reads the values of `type` and of `language`, which counts if there is no `type`. An empty one counts
    /// as missing.
    pub(crate) fn of(value: Option<&str>, language: Option<&str>) -> Self {
        let language = language.filter(|language| value.is_none() && !language.is_empty());
        let language = language.map(|language| format!("text/{language}"));
        let value = value.or(language.as_deref()).unwrap_or_default();
        match value.trim().to_ascii_lowercase().as_str() {
            "module" => Self::JavaScript(ScriptKind::Module),
            "importmap" => Self::ImportMap,
            "speculationrules" | "application/json" => Self::Json,
            json if json.ends_with("+json") => Self::Json,
            mime if mime.is_empty() || JAVASCRIPT.contains(&mime) => {
                Self::JavaScript(ScriptKind::Classic)
            }
            _ => Self::Other,
        }
    }
}
