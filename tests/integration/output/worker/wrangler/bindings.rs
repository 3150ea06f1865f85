//! The names under which a server finds the files of its site.

use std::fs;

use serde_json::{Value, json};
use worker_pack::options::WorkerOptions;

use super::super::{bundle, bundle_with, errors, module, server_site};
use crate::support::site::Site;

/// A site with a server, and a configuration by the adapter and by the user.
fn site(of_adapter: &Value, user: &Value) -> Site {
    let site = server_site();
    site.write("server/wrangler.json", of_adapter.to_string());
    fs::write(site.project().join("wrangler.jsonc"), user.to_string()).unwrap();
    site
}

#[test]
fn the_files_have_each_name_that_the_configuration_gives_them() {
    let named = |name: &str| json!({ "assets": { "binding": name } });
    for (of_adapter, user, names) in [
        (json!({}), json!({}), r#"["ASSETS"]"#),
        (named("ASSETS"), named("ASSETS"), r#"["ASSETS"]"#),
        // Astro's own code reads `ASSETS`.
        (named("STATIC"), named("STATIC"), r#"["ASSETS","STATIC"]"#),
        (
            named("ASSETS"),
            json!({ "env": { "a": named("A"), "b": named("B") } }),
            r#"["A","ASSETS","B"]"#,
        ),
        // A binding of another kind keeps its name.
        (
            json!({ "assets": { "binding": "STATIC" }, "kv_namespaces": [{ "binding": "ASSETS" }] }),
            json!({}),
            r#"["STATIC"]"#,
        ),
        (named("WORKER_PACK_ASSETS"), json!({}), r#"["ASSETS"]"#),
    ] {
        let site = site(&of_adapter, &user);
        bundle(&site);
        let text = module(&site, "site.js");
        assert!(text.contains(&format!("bindAssets(assets, {names});")), "{text}");
    }
}

#[test]
fn a_name_that_another_binding_has_is_an_error() {
    let assets = json!({ "binding": "FILES" });
    for (settings, place) in [
        (json!({ "r2_buckets": [{ "binding": "FILES" }] }), "r2_buckets"),
        (json!({ "vars": { "FILES": "dist" } }), "vars"),
        (json!({ "durable_objects": { "bindings": [{ "name": "FILES" }] } }), "durable_objects"),
        (json!({ "queues": { "producers": [{ "binding": "FILES" }] } }), "queues"),
        (json!({ "images": { "binding": "FILES" } }), "images"),
        (json!({ "secrets": { "required": ["FILES"] } }), "secrets"),
        (json!({ "env": { "a": { "send_email": [{ "name": "FILES" }] } } }), "env.a.send_email"),
    ] {
        let mut config = settings;
        config["assets"] = assets.clone();
        let error = errors(bundle_with(&site(&config, &json!({})), &WorkerOptions::default()));
        let expected = format!("`assets.binding` and `{place}` give two bindings the name `FILES`");
        assert!(error.contains(&expected), "{error}");
    }
}
