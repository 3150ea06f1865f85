//! The bindings of a Worker, as far as workerd alone can give them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

/// Settings whose bindings have a stub that does nothing.
const STUBS: [&str; 2] = ["analytics_engine_datasets", "ratelimits"];

/// Settings with bindings that a Worker does not have here.
const ABSENT: [&str; 14] = [
    "ai",
    "browser",
    "d1_databases",
    "dispatch_namespaces",
    "hyperdrive",
    "images",
    "mtls_certificates",
    "pipelines",
    "r2_buckets",
    "secrets_store_secrets",
    "send_email",
    "services",
    "vectorize",
    "workflows",
];

/// The bindings of a Worker.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Bindings {
    /// Variables that are texts.
    pub(super) texts: BTreeMap<String, String>,
    /// Variables that are JSON.
    pub(super) json: BTreeMap<String, String>,
    /// Namespaces of KV.
    pub(super) kv: BTreeSet<String>,
    /// Durable Objects of the Worker itself, by the names of their classes.
    pub(super) objects: BTreeMap<String, String>,
    /// Stubs, by the names of their settings.
    pub(super) stubs: BTreeMap<String, &'static str>,
    /// The bindings that the Worker does not have here, sorted.
    pub(super) absent: BTreeSet<String>,
}

impl Bindings {
    /// Reads the bindings of a configuration, with variables for the development of the site.
    pub(super) fn of(config: &Map<String, Value>, own: &[(String, String)]) -> Self {
        let mut bindings = Self::default();
        let variables = config.get("vars").and_then(Value::as_object);
        for (name, value) in variables.into_iter().flatten() {
            match value {
                Value::String(text) => drop(bindings.texts.insert(name.clone(), text.clone())),
                other => drop(bindings.json.insert(name.clone(), other.to_string())),
            }
        }
        bindings.texts.extend(own.iter().cloned());
        bindings.kv.extend(names(config.get("kv_namespaces"), "binding"));
        let objects = config.get("durable_objects").and_then(|it| it.get("bindings"));
        for object in objects.and_then(Value::as_array).into_iter().flatten() {
            let text = |key: &str| object.get(key).and_then(Value::as_str).map(str::to_owned);
            match (text("name"), text("class_name"), text("script_name")) {
                (Some(name), Some(class), None) => drop(bindings.objects.insert(name, class)),
                (Some(name), ..) => drop(bindings.absent.insert(name)),
                (None, ..) => {}
            }
        }
        for setting in STUBS {
            let key = if setting == "ratelimits" { "name" } else { "binding" };
            let found = names(config.get(setting), key);
            bindings.stubs.extend(found.map(|name| (name, setting)));
        }
        let producers = config.get("queues").and_then(|queues| queues.get("producers"));
        bindings.stubs.extend(names(producers, "binding").map(|name| (name, "queues")));
        for setting in ABSENT {
            let key = if setting == "send_email" { "name" } else { "binding" };
            bindings.absent.extend(names(config.get(setting), key));
        }
        bindings
    }
}

/// Returns the names of the bindings in a list, or of the only one.
fn names<'c>(setting: Option<&'c Value>, key: &'c str) -> impl Iterator<Item = String> + use<'c> {
    let (list, one) = match setting {
        Some(Value::Array(list)) => (list.as_slice(), None),
        other => (&[][..], other),
    };
    list.iter().chain(one).filter_map(move |it| Some(it.get(key)?.as_str()?.to_owned()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn bindings_are_sorted_by_what_workerd_has() {
        let config = json!({
            "vars": { "A": "1", "B": { "c": 2 } },
            "kv_namespaces": [{ "binding": "SESSION" }, { "no": 1 }],
            "durable_objects": { "bindings": [
                { "name": "ROOM", "class_name": "Room" },
                { "name": "FAR", "class_name": "Far", "script_name": "other" }
            ] },
            "ratelimits": [{ "name": "LIMIT", "namespace_id": "1" }],
            "queues": { "producers": [{ "binding": "JOBS", "queue": "jobs" }] },
            "images": { "binding": "IMAGES" },
            "d1_databases": [{ "binding": "DB" }],
            "ai": null
        });
        let own = [("SECRET".to_owned(), "s".to_owned())];
        let bindings = Bindings::of(config.as_object().unwrap(), &own);
        assert_eq!(bindings.texts.len(), 2);
        assert_eq!(bindings.json["B"], r#"{"c":2}"#);
        assert!(bindings.kv.contains("SESSION") && bindings.objects["ROOM"] == "Room");
        assert_eq!(bindings.stubs.keys().collect::<Vec<_>>(), ["JOBS", "LIMIT"]);
        assert_eq!(bindings.absent.into_iter().collect::<Vec<_>>(), ["DB", "FAR", "IMAGES"]);
    }
}
