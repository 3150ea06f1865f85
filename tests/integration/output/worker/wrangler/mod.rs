//! The configuration for wrangler.

mod bindings;
mod bucket;
mod environments;
mod own_worker;
mod paths;
mod updated;

use std::fs;
use std::path::Path;

use jsonc_parser::ParseOptions;
use serde_json::Value;
use worker_pack::cache::CacheLocation;
use worker_pack::options::WorkerOptions;
use worker_pack::target::WorkerTarget;
use worker_pack::{Options, Pack, Target};

use super::{bundle, engine, errors, server_site, wrangler};
use crate::support::site::Site;

/// Returns the configuration in an output folder.
fn config_of(out: &Path) -> Value {
    let text = super::read(out.join("wrangler.jsonc"));
    jsonc_parser::parse_to_serde_value(&text, &ParseOptions::default()).unwrap()
}

#[test]
fn the_configuration_contains_the_servers_bindings() {
    let site = server_site();
    bundle(&site);
    insta::assert_snapshot!(wrangler(&site));
}

#[test]
fn the_last_of_settings_with_the_same_name_is_replaced() {
    let site = server_site();
    fs::create_dir(site.out()).unwrap();
    let own = r#"{ "main": "a.js", "assets": { "directory": "a" }, "main": "b.js", "assets": {} }"#;
    fs::write(site.out().join("wrangler.jsonc"), own).unwrap();
    bundle(&site);
    let merged: Value = serde_json::from_str(&wrangler(&site)).unwrap();
    assert_eq!(merged["main"], "bundle/worker/index.js");
    assert_eq!(merged.get("assets"), None, "no file is in Workers Static Assets");
}

#[test]
fn an_existing_configuration_is_merged_with_its_comments() {
    let site = server_site();
    fs::create_dir(site.out()).unwrap();
    let own = "// mine\n{\n  \"name\": \"my-desk\", // not theirs\n  \"main\": \"old.js\",\n  /* rate */ \"limits\": { \"cpu_ms\": 50 },\n  \"vars\": { \"GREETING\": \"ho\" },\n}\n";
    fs::write(site.out().join("wrangler.jsonc"), own).unwrap();
    let packed = bundle(&site);
    insta::assert_snapshot!(wrangler(&site));
    let notes: Vec<&str> = packed
        .report()
        .diagnostics
        .iter()
        .filter(|found| found.file == "wrangler.jsonc")
        .map(|found| found.message.as_str())
        .collect();
    assert_eq!(
        notes,
        [r#"keeps its own `vars`, `{"GREETING":"ho"}`; that of the build is `{"GREETING":"hi"}`"#]
    );
    let first = wrangler(&site);
    assert_eq!(bundle(&site).emitted().unwrap().written, 0);
    assert_eq!(wrangler(&site), first);
}

#[test]
fn the_configuration_of_the_sites_own_worker_is_not_overwritten() {
    let site = server_site();
    let protecting =
        r#"{"main":"src/index.ts","assets":{"directory":"dist/client","run_worker_first":["/*"]}}"#;
    for (out, config) in [
        (site.out(), protecting),
        (site.project().to_owned(), protecting),
        (site.project().to_owned(), r#"{"main":"src/index.ts"}"#),
        (site.project().to_owned(), r#"{"assets":{"directory":"dist"}}"#),
    ] {
        fs::create_dir_all(&out).unwrap();
        fs::write(out.join("wrangler.jsonc"), config).unwrap();
        let engine = engine(&site);
        let target = WorkerTarget { out: out.clone(), engine, options: WorkerOptions::default() };
        let packing = site.packing(Options::default()).target(Target::Worker(target));
        let error = errors(packing.emit());
        assert!(error.contains("configures the Worker of the site itself"), "{error}");
        assert_eq!(fs::read_to_string(out.join("wrangler.jsonc")).unwrap(), config);
        assert!(!out.join("bundle").exists());
    }
}

#[test]
fn a_configuration_one_folder_above_counts_if_it_names_the_build() {
    let named = [
        r#"{ "name": "desk", "assets": { "directory": "./build/site/" }, "vars": { "A": "1" } }"#,
        r#"{ "name": "desk", "pages_build_output_dir": "build/site", "vars": { "A": "1" } }"#,
        r#"{ "name": "desk", "vars": { "A": "1" },
            "env": { "live": { "assets": { "directory": "build/site" } } } }"#,
    ];
    let others = [
        r#"{ "name": "desk", "assets": { "directory": "dist" } }"#,
        r#"{ "name": "desk", "main": "src/index.js" }"#,
        "{ not valid",
    ];
    for (config, expected) in
        named.map(|config| (config, "desk")).into_iter().chain(others.map(|it| (it, "build")))
    {
        let site = Site::new(&[("../build/site/index.html", "<p>")]);
        fs::write(site.project().join("wrangler.jsonc"), config).unwrap();
        let target = WorkerTarget {
            out: site.out(),
            engine: engine(&site),
            options: WorkerOptions::default(),
        };
        let pack = Pack::from_dir(site.project().join("build/site")).cache(CacheLocation::Nowhere);
        pack.target(Target::Worker(target)).emit().unwrap();
        let written = config_of(&site.out());
        assert_eq!(written["name"], expected, "{config}");
        assert_eq!(written.get("vars").is_some(), expected == "desk", "{config}");
    }
}
