//! Settings with another meaning on Pages than on Workers.

use serde_json::{Map, Value};

use super::Findings;
use crate::migration::document::Change;
use crate::migration::plan::{Remark, RemarkKind};

/// The settings of Pages that an environment of Workers does not inherit. An environment of Pages inherits
/// them as long as it sets none of them.
const NOT_INHERITED: [&str; 15] = [
    "vars",
    "kv_namespaces",
    "d1_databases",
    "durable_objects",
    "r2_buckets",
    "services",
    "queues",
    "vectorize",
    "hyperdrive",
    "ai",
    "browser",
    "analytics_engine_datasets",
    "mtls_certificates",
    "send_email",
    "pipelines",
];

/// The environments of Pages.
const ENVIRONMENTS: [&str; 2] = ["production", "preview"];

/// Carries the environments of a project of Pages.
pub(super) fn carry(values: &Map<String, Value>, file: &str, found: &mut Findings) {
    let environments = values.get("env").and_then(Value::as_object);
    for name in ENVIRONMENTS {
        let Some(own) = environments.and_then(|all| all.get(name)?.as_object()) else { continue };
        let of_top = NOT_INHERITED.into_iter().filter(|key| values.contains_key(*key));
        let sets_any = NOT_INHERITED.iter().any(|key| own.contains_key(*key));
        let missing: Vec<&str> = of_top.filter(|key| !own.contains_key(*key)).collect();
        if !sets_any {
            for key in &missing {
                found.changes.push(Change::set(&["env", name, key], values[*key].clone()));
            }
        } else if !missing.is_empty() {
            let text = format!(
                "`env.{name}` does not have {} of the top level. An environment of Workers inherits no bindings and variables; add them if it needs them",
                listed(&missing)
            );
            found.remarks.push(Remark::new(RemarkKind::Warning, file, text));
        }
    }
    if environments.is_some_and(|all| all.contains_key("production")) {
        let text = "Pages deployed production by `env.production`. On Workers that is a Worker of its own, named after the environment: deploy it by the script `deploy:production`, or move its settings to the top level and deploy that";
        found.remarks.push(Remark::new(RemarkKind::Warning, file, text));
    }
}

/// Returns names in backticks, separated by commas.
pub(super) fn listed(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}
