//! Rules on bindings: a name that is used twice, an environment without those of the top level, and
//! the namespace of sessions.

use std::collections::BTreeSet;

use serde_json::Value;

use super::packages::Package;
use super::schema::Schema;
use super::scope::{Scope, by_name};
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::inspection::subject::{Data, Subject};
use crate::project::astro_adapter::ADAPTER;

/// Settings that an environment does not inherit, for a project without a schema that says so.
const NOT_INHERITED: [&str; 26] = [
    "ai",
    "analytics_engine_datasets",
    "browser",
    "d1_databases",
    "dispatch_namespaces",
    "durable_objects",
    "hyperdrive",
    "images",
    "kv_namespaces",
    "mtls_certificates",
    "pipelines",
    "queues",
    "r2_buckets",
    "ratelimits",
    "secrets_store_secrets",
    "send_email",
    "services",
    "unsafe",
    "vars",
    "vectorize",
    "version_metadata",
    "vpc_services",
    "worker_loaders",
    "workflows",
    "media",
    "tail_consumers",
];

/// Finds names that two bindings of a scope have.
pub(super) fn duplicates(subject: &Subject) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    // What the adapter adds is in its own configuration, which is made of the user's.
    for data in [&subject.config, &subject.adapter_config] {
        let Some(config) = Data::values(data.as_ref()) else { continue };
        for scope in Scope::all(config) {
            for (name, bindings) in by_name(&scope.bindings()) {
                let [first, second, ..] = bindings.as_slice() else { continue };
                let settings = if first.setting == second.setting {
                    format!("two entries of `{}`", first.setting)
                } else {
                    format!("`{}` and `{}`", first.setting, second.setting)
                };
                let message = format!("the binding `{name}` is defined twice: {settings}");
                let offset = config.offset(&second.steps);
                let error = config.file.error(Code::ProjectKvDuplicate, offset, message);
                found.push(error.with_help(
                    "remove one of them, or rename it: wrangler refuses to deploy two bindings with one name",
                ));
            }
        }
        // What is wrong in the user's file is wrong in the adapter's, too.
        if !found.is_empty() {
            break;
        }
    }
    found
}

/// Finds bindings of the top level that an environment lacks.
pub(super) fn not_inherited(subject: &Subject) -> Vec<Diagnostic> {
    let Some(config) = Data::values(subject.config.as_ref()) else { return Vec::new() };
    let schema = Schema::installed(subject);
    let from_schema = schema.map(|schema| schema.not_inherited()).filter(|all| !all.is_empty());
    let settings = from_schema
        .unwrap_or_else(|| NOT_INHERITED.iter().map(|name| (*name).to_owned()).collect());
    let scopes = Scope::all(config);
    let Some((top, environments)) = scopes.split_first() else { return Vec::new() };
    let of_top = top.bindings();
    let mut found = Vec::new();
    for environment in environments {
        let own = environment.bindings();
        let own: BTreeSet<&str> = own.iter().map(|binding| binding.name).collect();
        for setting in &settings {
            let missing: BTreeSet<String> = of_top
                .iter()
                .filter(|one| one.setting == setting && !own.contains(one.name))
                .map(|one| format!("`{}`", one.name))
                .collect();
            if missing.is_empty() {
                continue;
            }
            let has_setting = environment.settings.contains_key(setting);
            let way = if has_setting { vec![setting.as_str().into()] } else { Vec::new() };
            let offset = config.offset(&environment.steps_to(&way));
            let names: Vec<String> = missing.into_iter().collect();
            let (scope, names) = (environment.name(), names.join(", "));
            let message = format!(
                "{scope} lacks {names} of `{setting}` at the top level, which it does not inherit"
            );
            let help = format!(
                "repeat it in {scope}; until then it is undefined in a Worker that is deployed with `--env {}`",
                environment.environment.unwrap_or_default()
            );
            // wrangler warns only if the whole setting is missing: a single one may be meant.
            let code = Code::ProjectEnvInherit;
            let diagnostic = if has_setting {
                config.file.note(code, offset, message)
            } else {
                config.file.warning(code, offset, message)
            };
            found.push(diagnostic.with_help(help));
        }
    }
    found
}

/// Finds the namespace of Astro's sessions, if the first deployment creates it.
pub(super) fn sessions(subject: &Subject) -> Vec<Diagnostic> {
    let deployed = Data::values(subject.adapter_config.as_ref());
    let Some(deployed) = deployed else { return Vec::new() };
    let namespaces = deployed.get("kv_namespaces").and_then(Value::as_array);
    let is_session = |one: &&Value| {
        let name = one.get("binding").and_then(Value::as_str);
        one.get("id").is_none() && name == Some(&*session_binding(subject))
    };
    if !namespaces.into_iter().flatten().any(|one| is_session(&one)) {
        return Vec::new();
    }
    let name = session_binding(subject);
    let message = format!(
        "the KV namespace `{name}` of Astro's sessions has no `id`: the first deployment creates it"
    );
    let help = "allow the token of the deployment to edit Workers KV Storage; or create the namespace with \
                `wrangler kv namespace create`, and write its `id` into the configuration, since another \
                deployment from elsewhere fails with error 10014; without sessions, set `session: false`";
    let code = Code::ProjectSessionProvision;
    let of_user = Data::values(subject.config.as_ref()).and_then(|config| {
        let scopes = Scope::all(config);
        let bindings = scopes.first()?.bindings();
        let own = bindings.iter().find(|one| one.name == name)?;
        Some(config.file.note(code, config.offset(&own.steps), message.clone()))
    });
    let of_adapter = || {
        let config = subject.astro_config()?;
        let call = config.module.calls.iter().find(|call| call.module == ADAPTER)?;
        Some(config.file.note(code, call.offset, message.clone()))
    };
    let note = of_user.or_else(of_adapter);
    let note = note.unwrap_or_else(|| Diagnostic::note(code, &deployed.file.name, message));
    vec![note.with_help(help)]
}

/// Returns the name of the binding of sessions.
fn session_binding(subject: &Subject) -> String {
    let option = subject
        .astro_config()
        .and_then(|config| config.adapter_option("sessionKVBindingName")?.text.clone());
    option.unwrap_or_else(|| "SESSION".to_owned())
}

/// Finds an installed wrangler that is older than the adapter needs.
pub(super) fn wrangler_peer(subject: &Subject) -> Vec<Diagnostic> {
    use super::version::Version;
    let (Some(adapter), Some(wrangler)) =
        (Package::adapter(subject), Package::of(subject, "wrangler"))
    else {
        return Vec::new();
    };
    let needed =
        adapter.peer("wrangler").and_then(|range| Some((range, Version::least_of(range)?)));
    let (Some((range, least)), Some(version)) = (needed, wrangler.version) else {
        return Vec::new();
    };
    if !wrangler.is_installed() || version >= least {
        return Vec::new();
    }
    let message = format!("wrangler {version} is installed, and `{ADAPTER}` needs `{range}`");
    let code = Code::ProjectWranglerPeer;
    let package = Data::values(subject.package.as_ref());
    let place = package.and_then(|package| {
        let groups = ["dependencies", "devDependencies"];
        let group = groups
            .into_iter()
            .find(|group| package.get(group).is_some_and(|all| all.get("wrangler").is_some()))?;
        let offset = package.offset(&[group.into(), "wrangler".into()]);
        Some(package.file.warning(code, offset, message.clone()))
    });
    let warning = place.unwrap_or_else(|| Diagnostic::warning(code, "package.json", message));
    vec![warning.with_help(
        "install a newer wrangler; an older one refuses settings that the adapter writes, or ignores them",
    )]
}
