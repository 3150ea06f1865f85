//! The names under which server code finds the files of a site and its other bindings in `env`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::project::Project;
use crate::project::wrangler::PACKED_BINDING;

/// The binding that Astro's adapters read, unless the configuration has another one of that name.
const DEFAULT: &str = "ASSETS";

/// The names of a site's bindings, at the top level and in all environments.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bindings {
    /// The names that its configuration gives the binding of its files, with their scopes.
    files: BTreeMap<String, String>,
    /// The names of all other bindings, with their scopes.
    others: BTreeMap<String, String>,
}

/// A name of the binding of the files that another binding has too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Collision {
    pub(crate) name: String,
    /// The place of the name of the files' binding, such as `env.staging.assets.binding`.
    pub(crate) files: String,
    /// The setting of the other binding, such as `env.staging.kv_namespaces`.
    pub(crate) other: String,
}

impl Bindings {
    /// Collects the bindings of a site.
    pub(crate) fn of_site(project: &Project) -> Self {
        let mut bindings = Self::default();
        for config in [Some(&project.config), project.user_config.as_ref()].into_iter().flatten() {
            bindings.add(config.values(), "");
            for (name, settings) in config.environments() {
                bindings.add(settings, &format!("env.{name}."));
            }
        }
        bindings
    }

    fn add(&mut self, settings: &Map<String, Value>, scope: &str) {
        for (setting, value) in settings {
            let place = || format!("{scope}{setting}");
            if setting == "assets" {
                let name = value.get("binding").and_then(Value::as_str);
                if let Some(name) = name.filter(|name| *name != PACKED_BINDING) {
                    let place = || format!("{scope}assets.binding");
                    self.files.entry(name.to_owned()).or_insert_with(place);
                }
                continue;
            }
            for name in names(setting, value) {
                self.others.entry(name.to_owned()).or_insert_with(place);
            }
        }
    }

    /// Returns the names under which server code expects the files of the site.
    pub(crate) fn of_files(&self) -> BTreeSet<&str> {
        let default = Some(DEFAULT).filter(|name| !self.others.contains_key(*name));
        self.files.keys().map(String::as_str).chain(default).collect()
    }

    /// Finds a name that the files and another binding share.
    pub(crate) fn collision(&self) -> Option<Collision> {
        self.files.iter().find_map(|(name, files)| {
            let other = self.others.get(name)?.clone();
            Some(Collision { name: name.clone(), files: files.clone(), other })
        })
    }

    /// Returns the setting of the binding with a name that is not that of the files.
    pub(crate) fn other(&self, name: &str) -> Option<&str> {
        self.others.get(name).map(String::as_str)
    }
}

/// Returns the names of the bindings in a setting.
fn names<'v>(setting: &str, value: &'v Value) -> Vec<&'v str> {
    // Wrangler names some bindings by `name`, most by `binding`.
    let all = |list: Option<&'v Value>, key: &'static str| {
        let all = list.and_then(Value::as_array).into_iter().flatten();
        all.filter_map(move |one| one.get(key)?.as_str()).collect::<Vec<_>>()
    };
    match setting {
        "vars" => value.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect(),
        "secrets" => {
            let required = value.get("required").and_then(Value::as_array);
            required.into_iter().flatten().filter_map(Value::as_str).collect()
        }
        "durable_objects" | "logfwdr" | "unsafe" => all(value.get("bindings"), "name"),
        "queues" => all(value.get("producers"), "binding"),
        "send_email" | "ratelimits" => all(Some(value), "name"),
        "previews" | "env" => Vec::new(),
        _ => {
            let one = value.get("binding").and_then(Value::as_str);
            one.into_iter().chain(all(Some(value), "binding")).collect()
        }
    }
}
