//! The settings that a packed Worker takes from the configuration of the site.

use std::path::Path;

use serde_json::{Map, Value, json};

use super::paths::Rebase;
use super::{
    BUILD, BUILD_COMMAND, COMPATIBILITY_DATE, MAIN_OF_PROGRAM, Needs, OwnWorkerIs, ProgramIs,
};
use crate::options::SiteData;
use crate::output::worker::node::Decoder;
use crate::project::wrangler::WranglerConfig;

/// Settings of the Worker that the packed one replaces, in every environment.
const OF_WORKER: [&str; 12] = [
    "main",
    "base_dir",
    "rules",
    "no_bundle",
    "find_additional_modules",
    "assets",
    "build",
    "minify",
    "site",
    "text_blobs",
    "data_blobs",
    "wasm_modules",
];

/// Settings that adapters and wrangler write for themselves.
const OF_TOOLS: [&str; 13] = [
    "$schema",
    "configPath",
    "userConfigPath",
    "topLevelName",
    "definedEnvironments",
    "targetEnvironment",
    "legacy_env",
    "dev",
    "pages_build_output_dir",
    "upload_source_maps",
    "jsx_factory",
    "jsx_fragment",
    "python_modules",
];

/// Settings of these that the site's own Worker needs where the packed one imports it.
const OF_OWN_WORKER: [&str; 3] = ["build", "jsx_factory", "jsx_fragment"];

/// The settings of one scope: the top level, or an environment.
pub(super) type Scope = Map<String, Value>;

/// The settings of a packed Worker that come from its site, with paths as seen from the output folder.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings {
    /// Those of the top level, without `name` and `env`.
    pub(super) top: Scope,
    /// Settings of the top level that the site does not set.
    pub(super) defaults: Scope,
    /// Those of each environment.
    pub(super) environments: Vec<(String, Scope)>,
    /// The rules of the site for the modules of its server.
    pub(super) rules: Vec<Value>,
    /// The name of the Worker, if the site gives it one.
    pub(super) name: Option<Value>,
}

impl Settings {
    /// Collects the settings for a configuration in the folder `out`.
    /// `user` is the user's configuration, if an adapter made that of the site of it.
    pub(crate) fn new(
        site: &WranglerConfig,
        user: Option<&WranglerConfig>,
        out: &Path,
        needs: &Needs,
    ) -> Self {
        let others = user.map(|user| user.folder().to_owned());
        let rebase = Rebase::new(site.folder(), others, out);
        // Adapters write many empty settings.
        let is_wanted = |(name, value): &(&String, &Value)| {
            *name != "name" && *name != "env" && is_copied(name, needs) && !is_empty(value)
        };
        let rebased =
            |(name, value): (&String, &Value)| (name.clone(), rebase.setting(name, value.clone()));
        let mut top: Scope = site.values().iter().filter(is_wanted).map(rebased).collect();
        let mut defaults = Scope::new();
        if !top.contains_key("compatibility_date") {
            defaults.insert("compatibility_date".to_owned(), json!(COMPATIBILITY_DATE));
        }
        let mut environments = match user.filter(|_| has_lost_environments(site)) {
            None => environments(site, &rebase, needs),
            Some(user) => {
                let rebase = Rebase::new(user.folder(), None, out);
                let mut all = environments(user, &rebase, needs);
                for (_, settings) in &mut all {
                    add_of_adapter(settings, &top, user.values());
                }
                all
            }
        };
        if let Some(decoder) = &needs.decoder {
            let add = |scope: &mut Scope, decoder: &Decoder| {
                let flags = decoder.flags(scope);
                scope.extend(flags.map(|flags| ("compatibility_flags".to_owned(), flags)));
            };
            add(&mut top, decoder);
            let decoder = decoder.below(&top);
            for (_, settings) in &mut environments {
                add(settings, &decoder);
            }
        }
        if needs.program == ProgramIs::Compiled {
            defaults.insert("build".to_owned(), build(needs.site_data));
        }
        if let Some(minify) = needs.bundling.minify(site, needs.code) {
            defaults.insert("minify".to_owned(), minify);
        }
        let rules = site.get("rules").and_then(Value::as_array).cloned().unwrap_or_default();
        Self { top, environments, defaults, rules, name: site.get("name").cloned() }
    }
}

/// Returns the command that builds the program, and what `wrangler dev` runs it after.
fn build(site_data: SiteData) -> Value {
    match site_data {
        SiteData::Compiled => json!({ "command": BUILD_COMMAND }),
        // A pack changes this file last. The program stays as it is, so that the command has little to do.
        SiteData::Modules => json!({
            "command": format!("{BUILD_COMMAND} --no-opt"),
            "watch_dir": ["src", format!("{BUILD}/{MAIN_OF_PROGRAM}")],
        }),
    }
}

/// Returns whether a setting belongs to the Worker that the packed one replaces.
pub(super) fn is_of_worker(name: &str) -> bool {
    OF_WORKER.contains(&name)
}

fn is_copied(name: &str, needs: &Needs) -> bool {
    let is_needed = || OF_OWN_WORKER.contains(&name) && needs.own_worker == OwnWorkerIs::Imported;
    !is_of_worker(name) && !OF_TOOLS.contains(&name) || is_needed()
}

/// Returns whether an adapter has made a configuration without the environments of the user's.
fn has_lost_environments(site: &WranglerConfig) -> bool {
    site.get("env").is_none() && site.get("targetEnvironment").is_none_or(Value::is_null)
}

/// Returns the settings of each environment. An empty list is kept, since it replaces an inherited one.
fn environments(config: &WranglerConfig, rebase: &Rebase, needs: &Needs) -> Vec<(String, Scope)> {
    let settings = |(name, values): (&str, &Scope)| {
        let copied = values.iter().filter(|(name, _)| is_copied(name, needs));
        let settings =
            copied.map(|(name, value)| (name.clone(), rebase.setting(name, value.clone())));
        (name.to_owned(), settings.collect())
    };
    config.environments().map(settings).collect()
}

/// Adds the bindings and flags to an environment that an adapter has added to the top level, which
/// environments do not inherit.
fn add_of_adapter(settings: &mut Scope, top: &Scope, user: &Scope) {
    let binding = |value: &Value| value.get("binding").cloned();
    for (name, value) in top {
        match value {
            Value::Array(all) if name == "compatibility_flags" => {
                let of_user = user.get(name).and_then(Value::as_array);
                let is_added = |flag: &&Value| !of_user.is_some_and(|all| all.contains(flag));
                // An environment without flags inherits all of them.
                if let Some(Value::Array(flags)) = settings.get_mut(name) {
                    let new: Vec<Value> = all.iter().filter(is_added).cloned().collect();
                    flags.extend(new);
                    let mut seen = Vec::new();
                    flags.retain(|flag| {
                        !seen.contains(flag) && {
                            seen.push(flag.clone());
                            true
                        }
                    });
                }
            }
            Value::Array(all) => {
                let of_user = user.get(name).and_then(Value::as_array).into_iter().flatten();
                let of_user: Vec<_> = of_user.filter_map(binding).collect();
                let is_added =
                    |one: &&Value| binding(one).is_some_and(|name| !of_user.contains(&name));
                let added: Vec<&Value> = all.iter().filter(is_added).collect();
                if added.is_empty() {
                    continue;
                }
                let Value::Array(own) = settings.entry(name.clone()).or_insert_with(|| json!([]))
                else {
                    continue;
                };
                for one in added {
                    if !own.iter().any(|own| binding(own) == binding(one)) {
                        own.push(one.clone());
                    }
                }
            }
            value if binding(value).is_some() && !user.contains_key(name) => {
                settings.entry(name.clone()).or_insert_with(|| value.clone());
            }
            _ => {}
        }
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Object(fields) => fields.is_empty() || fields.values().all(is_empty_list),
        other => is_empty_list(other) || other.is_null(),
    }
}

fn is_empty_list(value: &Value) -> bool {
    value.as_array().is_some_and(Vec::is_empty)
}
