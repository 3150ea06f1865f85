//! Environments in the configuration.

use std::fs;

use serde_json::{Value, json};
use worker_pack::cache::CacheLocation;
use worker_pack::options::WorkerOptions;
use worker_pack::report::Code;
use worker_pack::target::WorkerTarget;
use worker_pack::{Pack, Target};

use super::super::{bundle, engine, server_site};
use super::config_of;
use crate::support::site::{Site, get};

fn packed(site: &Site) -> Value {
    bundle(site);
    config_of(&site.out())
}

#[test]
fn settings_of_the_replaced_worker_are_left_out_in_every_environment() {
    let site = Site::new(&[("index.html", "home")]);
    let assets = json!({ "directory": "./dist", "not_found_handling": "404-page" });
    let of_worker = json!({
        "assets": assets, "base_dir": "src", "no_bundle": false, "find_additional_modules": true,
        "rules": [{ "type": "Text", "globs": ["*.md"] }], "minify": true, "build": { "cwd": "src" },
    });
    let mut staging = of_worker.clone();
    staging["name"] = json!("site-staging");
    staging["vars"] = json!({ "STAGE": "staging" });
    staging["routes"] = json!([]);
    let mut config = of_worker;
    config["name"] = json!("site");
    config["env"] = json!({ "staging": staging, "bare": {}, "docs": { "assets": assets } });
    fs::write(site.project().join("wrangler.jsonc"), config.to_string()).unwrap();
    let packed = packed(&site);
    let environments = json!({
        "staging": { "name": "site-staging", "vars": { "STAGE": "staging" }, "routes": [] },
        "bare": {},
        "docs": {},
    });
    assert_eq!(packed["env"], environments);
    assert_eq!(packed["name"], "site");
    for (name, value) in [("main", json!("bundle/worker/index.js")), ("no_bundle", json!(true))] {
        assert_eq!(packed[name], value);
    }
    for name in ["assets", "minify", "build"] {
        assert_eq!(packed.get(name), None, "{name}");
    }
}

#[test]
fn an_environment_of_the_output_has_no_worker_of_its_own() {
    let site = Site::new(&[("index.html", "home")]);
    fs::create_dir(site.out()).unwrap();
    let own = r#"{ "main": "bundle/worker/index.js", "env": {
        /* mine */ "mine": { "main": "a.js", "assets": { "directory": "../dist" }, "vars": { "A": "1" } } } }"#;
    fs::write(site.out().join("wrangler.jsonc"), own).unwrap();
    let packed = packed(&site);
    assert_eq!(packed["env"], json!({ "mine": { "vars": { "A": "1" } } }));
    let text = fs::read_to_string(site.out().join("wrangler.jsonc")).unwrap();
    assert!(text.contains("/* mine */"), "{text}");
}

/// The adapter's configuration is that of one environment. The others are in the user's.
#[test]
fn environments_that_an_adapter_left_out_are_those_of_the_users_configuration() {
    let user = json!({
        "name": "desk",
        "main": "src/worker.ts",
        "kv_namespaces": [{ "binding": "NOTES", "id": "1" }],
        "env": { "staging": {
            "vars": { "GREETING": "ho" },
            "kv_namespaces": [{ "binding": "NOTES", "id": "2" }],
            "d1_databases": [{ "binding": "DB", "migrations_dir": "db" }],
            "compatibility_flags": ["global_fetch_strictly_public"],
            "assets": { "directory": "dist" },
        } },
    });
    let of_adapter = json!({
        "name": "desk", "main": "entry.mjs", "compatibility_date": "2026-05-01",
        "compatibility_flags": ["nodejs_als"],
        "kv_namespaces": [{ "binding": "NOTES", "id": "1" }, { "binding": "SESSION" }],
        "images": { "binding": "IMAGES" },
        "assets": { "binding": "ASSETS", "directory": "../client" },
    });
    let site = server_site();
    site.write("server/wrangler.json", of_adapter.to_string());
    fs::write(site.project().join("wrangler.jsonc"), user.to_string()).unwrap();
    let found = packed(&site);
    let staging = json!({
        "vars": { "GREETING": "ho" },
        "kv_namespaces": [{ "binding": "NOTES", "id": "2" }, { "binding": "SESSION" }],
        "d1_databases": [{ "binding": "DB", "migrations_dir": "../db" }],
        "compatibility_flags": [
            "global_fetch_strictly_public", "nodejs_als", "nodejs_compat", "no_nodejs_compat_v2",
        ],
        "images": { "binding": "IMAGES" },
    });
    assert_eq!(found["env"], json!({ "staging": staging }));

    // A build for one environment is not that of another.
    let mut of_staging = of_adapter;
    of_staging["targetEnvironment"] = json!("staging");
    site.write("server/wrangler.json", of_staging.to_string());
    fs::remove_dir_all(site.out()).unwrap();
    assert_eq!(packed(&site).get("env"), None);
}

/// Returns the warnings about environments.
fn warnings(config: &Value) -> Vec<String> {
    let site = Site::new(&[("index.html", "home"), ("404.html", "none"), ("../other/a.html", "a")]);
    fs::write(site.project().join("wrangler.jsonc"), config.to_string()).unwrap();
    let packed = bundle(&site);
    let all = packed.report().diagnostics.iter();
    let found = all.filter(|found| found.code == Code::WorkerEnvironmentAssets);
    found.map(|found| found.message.clone()).collect()
}

#[test]
fn an_environment_that_serves_the_files_in_another_way_is_a_warning() {
    let with = |staging: Value| {
        json!({ "assets": { "directory": "./dist", "not_found_handling": "404-page" },
            "env": { "staging": { "assets": staging } } })
    };
    for (staging, expected) in [
        (json!({ "directory": "dist/", "not_found_handling": "404-page" }), ""),
        (json!({ "directory": "dist" }), "sets `not_found_handling` to \"none\""),
        (
            json!({ "directory": "dist", "not_found_handling": "404-page", "html_handling": "none" }),
            "sets `html_handling` to \"none\"",
        ),
        (
            json!({ "directory": "dist", "not_found_handling": "404-page", "run_worker_first": true }),
            "sets `run_worker_first` to true",
        ),
        (
            json!({ "directory": "other", "not_found_handling": "404-page" }),
            "sets `directory` to \"other\"",
        ),
    ] {
        let found = warnings(&with(staging));
        match found.as_slice() {
            [] => assert_eq!(expected, ""),
            [only] => assert!(!expected.is_empty() && only.contains(expected), "{only}"),
            more => panic!("{more:?}"),
        }
    }
}

#[test]
fn the_environment_that_deploys_the_packed_folder_decides_how_it_is_served() {
    let docs = json!({ "assets": { "directory": "dist", "not_found_handling": "404-page",
        "html_handling": "force-trailing-slash" } });
    for config in [
        json!({ "env": { "docs": docs } }),
        json!({ "assets": { "directory": "other" }, "env": { "docs": docs } }),
    ] {
        assert_eq!(warnings(&config), [""; 0]);
        let site = Site::new(&[("about.html", "about"), ("../other/a.html", "a")]);
        fs::write(site.project().join("wrangler.jsonc"), config.to_string()).unwrap();
        let image = site.pack().table().to_memory().unwrap();
        let table = image.table();
        let reply = get(&table, "/about");
        assert_eq!((reply.status(), reply.headers().get("Location")), (307, Some("/about/")));
    }
}

/// The adapter's configuration names that of the user, which is not beside the packed folder.
#[test]
fn environments_are_those_of_the_users_configuration_if_client_alone_is_packed() {
    let site = Site::new(&[("../build/dist/client/index.html", "home")]);
    let client = site.project().join("build/dist/client");
    let of_adapter = json!({ "name": "a", "assets": { "directory": "." },
        "userConfigPath": "../../wrangler.jsonc" });
    fs::write(client.join("wrangler.json"), of_adapter.to_string()).unwrap();
    let user = json!({ "name": "a", "env": { "b": { "d1_databases": [{ "binding": "DB" }] } } });
    fs::write(site.project().join("build/wrangler.jsonc"), user.to_string()).unwrap();
    for folder in ["dist/client", "dist"] {
        let folder = site.project().join("build").join(folder);
        let out = site.project().join("build/dist-worker");
        let options = WorkerOptions::default();
        let target = WorkerTarget { out: out.clone(), engine: engine(&site), options };
        let pack = Pack::from_dir(&folder).cache(CacheLocation::Nowhere);
        pack.target(Target::Worker(target)).emit().unwrap();
        let migrations = &config_of(&out)["env"]["b"]["d1_databases"][0]["migrations_dir"];
        assert_eq!(migrations, "../migrations", "{}", folder.display());
        fs::remove_dir_all(out).unwrap();
    }
}

#[test]
fn environments_of_toml_are_those_of_json() {
    let site = Site::new(&[("index.html", "home")]);
    let toml = "# mine\nname = \"a\"\nassets = { directory = \"dist\" }\n\
        [env.b]\nassets = { directory = \"dist\" }\nd1_databases = [{ binding = \"DB\" }]\n\
        [env.b.vars]\nA = \"1\"\n[[env.b.kv_namespaces]]\nbinding = \"KV\"\nid = \"1\"\n";
    fs::write(site.project().join("wrangler.toml"), toml).unwrap();
    let expected = json!({ "b": {
        "d1_databases": [{ "binding": "DB", "migrations_dir": "../migrations" }],
        "vars": { "A": "1" },
        "kv_namespaces": [{ "binding": "KV", "id": "1" }],
    } });
    assert_eq!(packed(&site)["env"], expected);
}
