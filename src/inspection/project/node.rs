//! Rules on the part of Node.js that a Worker has, which its compatibility date and flags decide.

use std::collections::BTreeMap;

use serde_json::Value;

use super::scope::Scope;
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::inspection::subject::data::DataFile;
use crate::inspection::subject::text::TextFile;
use crate::inspection::subject::{Data, Subject};
use crate::output::worker::wrangler::NODE_FLAG;
use crate::project::wrangler::NODE_BY_DEFAULT;
use crate::transform::javascript::Imports;

/// The dates from which and before which the `process` of Node.js confuses Astro.
const PROCESS_DATES: [&str; 2] = ["2025-09-15", "2026-02-18"];

/// The compatibility date and flags that a Worker is deployed with.
struct Compatibility<'c> {
    date: &'c str,
    flags: Vec<&'c str>,
    /// The configuration that says so.
    config: &'c DataFile,
}

impl<'c> Compatibility<'c> {
    /// Reads those of the project's Worker. Returns `None` if no date is known.
    fn of(subject: &'c Subject) -> Option<Self> {
        let deployed = Data::values(subject.adapter_config.as_ref());
        let config = deployed.or_else(|| Data::values(subject.config.as_ref()))?;
        let date = config.get("compatibility_date")?.as_str()?;
        let flags = config.get("compatibility_flags").and_then(Value::as_array);
        let flags = flags.into_iter().flatten().filter_map(Value::as_str).collect();
        Some(Self { date, flags, config })
    }

    fn has(&self, flag: &str) -> bool {
        self.flags.contains(&flag)
    }

    /// Returns whether modules of Node.js are present.
    fn has_modules(&self) -> bool {
        let is_default = self.date >= NODE_BY_DEFAULT && !self.has("no_nodejs_compat");
        is_default || self.has(NODE_FLAG) || self.has("nodejs_compat_v2")
    }
}

/// The modules of Node.js in the packed Worker of a site whose configuration has none.
#[derive(Clone, Copy)]
enum NodeOfPacked {
    /// It has none, either.
    Missing,
    /// It has them, for its decoder.
    Added,
}

impl NodeOfPacked {
    fn of(subject: &Subject) -> Self {
        let worker = subject.examined.worker.as_ref();
        let has_flag = worker.is_some_and(|worker| worker.config.contains("\"nodejs_compat\""));
        if has_flag { Self::Added } else { Self::Missing }
    }

    fn consequence(self) -> &'static str {
        match self {
            Self::Missing => {
                "until then the deployment fails, or the module is missing at run time"
            }
            Self::Added => {
                "until then only the packed Worker has it, whose decoder needs the flag: the build itself fails \
                 in `astro dev`, in a preview and when it is deployed"
            }
        }
    }
}

/// Finds modules of the server that import modules of Node.js, in a Worker without them.
pub(super) fn missing(subject: &Subject) -> Vec<Diagnostic> {
    /// The module that a flag of its own provides.
    const ASYNC_HOOKS: &str = "node:async_hooks";
    let Some(compatibility) = Compatibility::of(subject) else { return Vec::new() };
    if compatibility.has_modules() {
        return Vec::new();
    }
    let packed = NodeOfPacked::of(subject);
    let has_hooks = compatibility.has("nodejs_als");
    let mut first = BTreeMap::<String, &TextFile>::new();
    for module in subject.server() {
        if !module.text.contains("node:") {
            continue;
        }
        let Ok(imports) = Imports::of(&module.text) else { continue };
        for specifier in imports.linked {
            if specifier.starts_with("node:") && !(has_hooks && specifier == ASYNC_HOOKS) {
                first.entry(specifier).or_insert(module);
            }
        }
    }
    let config = subject.config.as_ref().map_or("the configuration", |config| &config.file.name);
    let finding = |(specifier, module): (String, &TextFile)| {
        let offset = module.text.find(&format!("\"{specifier}\""));
        let offset = offset.or_else(|| module.text.find(&specifier)).unwrap_or_default();
        let message = format!("imports `{specifier}`, which the configuration does not provide");
        let code = Code::ProjectNodeMissing;
        let finding = match packed {
            NodeOfPacked::Missing => module.error(code, offset, message),
            NodeOfPacked::Added => module.warning(code, offset, message),
        };
        finding.with_help(format!(
            "add the flag `{NODE_FLAG}` in `{config}`, or set `compatibility_date` to {NODE_BY_DEFAULT} or later; \
             {}",
            packed.consequence()
        ))
    };
    first.into_iter().map(finding).collect()
}

/// Finds the flag for Node.js where the date implies it.
pub(super) fn redundant(subject: &Subject) -> Vec<Diagnostic> {
    let Some(config) = Data::values(subject.config.as_ref()) else { return Vec::new() };
    let scopes = Scope::all(config);
    let date = |scope: &Scope<'_>| {
        scope.settings.get("compatibility_date").and_then(Value::as_str).map(str::to_owned)
    };
    let of_top = scopes.first().and_then(date);
    let mut found = Vec::new();
    for scope in &scopes {
        let flags = scope.settings.get("compatibility_flags").and_then(Value::as_array);
        let index = flags.and_then(|flags| flags.iter().position(|flag| flag == NODE_FLAG));
        let date = date(scope).or_else(|| of_top.clone());
        let (Some(index), Some(date)) = (index, date.filter(|date| **date >= *NODE_BY_DEFAULT))
        else {
            continue;
        };
        let way = scope.steps_to(&["compatibility_flags".into(), index.into()]);
        let message = format!("the flag `{NODE_FLAG}` is the default on {date}");
        let note = config.file.note(Code::ProjectNodeRedundant, config.offset(&way), message);
        found.push(note.with_help(format!(
            "remove it: from {NODE_BY_DEFAULT} on it changes nothing, and workerd says so at each start"
        )));
    }
    found
}

/// Finds middleware under the dates on which Astro takes a Worker for Node.js, and sends `[object
/// Object]`.
pub(super) fn process(subject: &Subject) -> Vec<Diagnostic> {
    let Some(compatibility) = Compatibility::of(subject) else { return Vec::new() };
    let [from, before] = PROCESS_DATES;
    let has_flag = compatibility.has(NODE_FLAG) && !compatibility.has("disable_nodejs_process_v2");
    let is_within = (from..before).contains(&compatibility.date);
    let is_middleware = |file: &&TextFile| {
        let name = file.name.strip_prefix("src/middleware");
        name.is_some_and(|rest| rest.starts_with('.') || rest.starts_with("/index."))
    };
    let middleware = subject.sources().iter().find(is_middleware);
    let (true, true, Some(middleware)) = (has_flag, is_within, middleware) else {
        return Vec::new();
    };
    let own = Data::values(subject.config.as_ref()).unwrap_or(compatibility.config);
    let offset = own.offset(&["compatibility_date".into()]);
    let message = format!(
        "with `{NODE_FLAG}` and the date {}, pages behind `{}` may be sent as `[object Object]`",
        compatibility.date, middleware.name
    );
    let warning = own.file.warning(Code::ProjectProcessV2, offset, message);
    vec![warning.with_help(format!(
        "set `compatibility_date` to {before} or later, or add the flag `disable_nodejs_process_v2`"
    ))]
}
