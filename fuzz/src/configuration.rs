//! Configurations: that of wrangler, and the options of `worker-pack.toml`.

use serde_json::Value;
use worker_pack::fuzz;
use worker_pack::options::{Options, WorkerOptions};

/// Reads a text as a configuration for wrangler in each format. The text has two parts, divided by a
/// NUL: the configuration of a packed Worker, and the one of its site, which is merged into it.
pub(crate) fn wrangler(data: &[u8]) {
    let (own, site) = match data.iter().position(|byte| *byte == 0) {
        Some(at) => (&data[..at], &data[at + 1..]),
        None => (data, &b"{}"[..]),
    };
    for name in ["wrangler.json", "wrangler.jsonc", "wrangler.toml"] {
        for part in [own, site] {
            match fuzz::wrangler(name, part) {
                Ok(value) => assert!(value.is_object()),
                Err(error) => assert!(!error.to_string().is_empty()),
            }
        }
    }
    let Ok((merged, _)) = fuzz::merged_wrangler(own, site) else { return };
    let values = fuzz::wrangler("wrangler.jsonc", merged.as_bytes()).expect("it has been written");
    assert_eq!(values.get("main"), Some(&Value::from("bundle/worker/index.js")), "{merged}");
    if let Ok(Value::Object(before)) = fuzz::wrangler("wrangler.jsonc", own) {
        for (name, value) in before {
            let is_set = ["main", "base_dir", "rules", "no_bundle", "find_additional_modules"];
            let is_set =
                is_set.contains(&&*name) || ["assets", "compatibility_flags"].contains(&&*name);
            assert!(
                is_set || values.get(&name) == Some(&value),
                "{name:?} has changed in {merged}"
            );
        }
    }
    let (again, _) = fuzz::merged_wrangler(merged.as_bytes(), site).expect("it has been written");
    assert_eq!(again, merged, "a second build changes the configuration");
}

/// Reads a text as the tables `pack` and `worker` of `worker-pack.toml`.
pub(crate) fn options(data: &[u8]) {
    let text = crate::text(data);
    for error in
        [toml::from_str::<Options>(&text).err(), toml::from_str::<WorkerOptions>(&text).err()]
    {
        assert!(error.is_none_or(|error| !error.to_string().is_empty()));
    }
}
