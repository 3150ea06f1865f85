//! The rule that Astro's adapter has the options that a configuration sets.

use std::fs;

use super::packages::Package;
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::inspection::subject::Subject;
use crate::inspection::subject::astro_config::ADAPTER;

/// The options of version 14 of the adapter (`Options` in its `dist/index.d.ts`).
const OPTIONS: [&str; 11] = [
    "auxiliaryWorkers",
    "configPath",
    "experimental",
    "imageService",
    "imagesBindingName",
    "inspectorPort",
    "persistState",
    "prerenderEnvironment",
    "remoteBindings",
    "sessionKVBindingName",
    "viteEnvironment",
];

/// Options of earlier versions, with what does their work now.
const REMOVED: [(&str, &str); 8] = [
    ("mode", "remove it: the adapter builds a Worker, and Pages has its own versions of it"),
    ("functionPerRoute", "remove it: the server is one Worker"),
    ("routes", "set `assets.run_worker_first` in the configuration for wrangler"),
    (
        "runtime",
        "remove it: `astro dev` runs in workerd, with the bindings of the configuration for wrangler",
    ),
    (
        "platformProxy",
        "remove it: `astro dev` runs in workerd; `configPath`, `persistState` and `remoteBindings` are options of their own",
    ),
    ("wasmModuleImports", "remove it: modules of WebAssembly can be imported"),
    ("cloudflareModules", "remove it: modules of workerd can be imported"),
    ("workerEntryPoint", "set `main` in the configuration for wrangler"),
];

/// The first version of the adapter whose options are known here.
const FIRST: u64 = 13;

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
    let has = |name: &str| match &declared {
        Some(text) => declares(text, name),
        None => OPTIONS.contains(&name),
    };
    let version = adapter.version.map_or_else(String::new, |version| format!(" {version}"));
    let calls = config.module.calls.iter().filter(|call| call.module == ADAPTER);
    let options = calls.flat_map(|call| &call.options).filter(|option| !has(&option.name));
    options
        .map(|option| {
            let name = &option.name;
            let message =
                format!("`{name}` is not an option of {ADAPTER}{version}, and is ignored");
            let similar = similar::get_close_matches(name.as_str(), &OPTIONS, 1, 0.7);
            let removed = REMOVED.iter().find(|(removed, _)| removed == name);
            let help = match (removed, similar.first()) {
                (Some((_, help)), _) => (*help).to_owned(),
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
