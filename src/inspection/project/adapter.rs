//! The rule that Astro's adapter has the options that a configuration sets.

use std::fs;

use super::packages::Package;
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::inspection::subject::Subject;
use crate::project::astro_adapter::{self, ADAPTER, obsolete};

/// The first version of the adapter whose options are known here.
const FIRST: u64 = 13;

/// The version whose options are compared with if none is installed.
const NEWEST: u32 = 14;

/// Finds options that the adapter does not have.
pub(super) fn options(subject: &Subject) -> Vec<Diagnostic> {
    let (Some(config), Some(adapter)) = (subject.astro_config(), Package::adapter(subject)) else {
        return Vec::new();
    };
    if !adapter.is_from(FIRST) {
        return Vec::new();
    }
    // What is installed counts: a later version may have more options.
    let declared = adapter
        .folder
        .as_ref()
        .and_then(|folder| fs::read_to_string(folder.join("dist/index.d.ts")).ok());
    let known = astro_adapter::options(NEWEST).unwrap_or_default();
    let has = |name: &str| match &declared {
        Some(text) => declares(text, name),
        None => known.contains(&name),
    };
    let version = adapter.version.map_or_else(String::new, |version| format!(" {version}"));
    let calls = config.module.calls.iter().filter(|call| call.module == ADAPTER);
    let options = calls.flat_map(|call| &call.options).filter(|option| !has(&option.name));
    options
        .map(|option| {
            let name = &option.name;
            let message =
                format!("`{name}` is not an option of {ADAPTER}{version}, and is ignored");
            let similar = similar::get_close_matches(name.as_str(), known, 1, 0.7);
            let removed = obsolete(NEWEST).find(|option| option.name == name);
            let help = match (removed, similar.first()) {
                (Some(removed), _) => format!("remove it: {}", removed.instead),
                (None, Some(similar)) => format!("did you mean `{similar}`?"),
                (None, None) => "remove it".to_owned(),
            };
            config.file.warning(Code::ProjectAdapterOption, option.offset, message).with_help(help)
        })
        .collect()
}

/// Returns whether a declaration in TypeScript has a property.
fn declares(text: &str, name: &str) -> bool {
    let is_declaration = |line: &str| {
        let rest = line.trim_start().trim_start_matches("readonly ").strip_prefix(name);
        rest.is_some_and(|rest| rest.trim_start_matches('?').trim_start().starts_with(':'))
    };
    text.lines().any(is_declaration)
}
