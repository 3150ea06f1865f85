//! The configuration for wrangler.

use std::fs;

use serde_json::Value;

use super::{bundle, server_site, wrangler};

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
    assert_eq!(notes, ["keeps its own `vars`, which differs from that of the build"]);
    let first = wrangler(&site);
    assert_eq!(bundle(&site).emitted().unwrap().written, 0);
    assert_eq!(wrangler(&site), first);
}
