//! The bucket of a packed Worker's bodies in the configuration.

use std::fs;

use bytesize::ByteSize;
use serde_json::{Value, json};
use worker_pack::options::{SpillTo, WorkerOptions};
use worker_pack::report::Bucket;

use super::super::{bundle, bundle_with, errors, wrangler};
use super::config_of;
use crate::support::site::Site;

/// A site with a picture and a configuration.
fn site(config: &Value) -> Site {
    let site = Site::new(&[("index.html", "home"), ("a.jpg", "a picture")]);
    configure(&site, config);
    site
}

fn configure(site: &Site, config: &Value) {
    fs::write(site.project().join("wrangler.json"), config.to_string()).unwrap();
}

fn in_r2() -> WorkerOptions {
    let spill_above = Some(ByteSize::b(1));
    WorkerOptions { spill_above, spill_to: SpillTo::R2, ..WorkerOptions::default() }
}

/// Packs a site with bodies in R2. Returns the configuration of the output, and the names of the buckets.
fn packed(site: &Site) -> (Value, Vec<String>) {
    let packed = bundle_with(site, &in_r2()).unwrap();
    let report = packed.report();
    let notes = report.diagnostics.iter().filter(|found| found.file == "wrangler.jsonc");
    assert_eq!(notes.count(), 0, "{:?}", report.diagnostics);
    let buckets = report.worker.as_ref().unwrap().r2.as_ref().unwrap().buckets.iter();
    (config_of(&site.out()), buckets.map(|bucket| bucket.name.clone()).collect())
}

/// Changes the configuration of the output as a user does.
fn edit(site: &Site, from: &str, to: &str) {
    let text = wrangler(site);
    assert!(text.contains(from), "{text}");
    fs::write(site.out().join("wrangler.jsonc"), text.replace(from, to)).unwrap();
}

fn bodies(bucket: &str) -> Value {
    json!({ "binding": "WORKER_PACK_BODIES", "bucket_name": bucket })
}

#[test]
fn every_environment_has_the_bucket_beside_those_of_the_site() {
    let other = json!({ "binding": "PHOTOS", "bucket_name": "photos" });
    let site = site(&json!({ "name": "My_site", "r2_buckets": [other],
        "env": { "staging": {}, "docs": { "r2_buckets": [other] } } }));
    let (config, buckets) = packed(&site);
    let own = bodies("my-site-bodies");
    assert_eq!(config["r2_buckets"], json!([other, own]));
    let environments =
        json!({ "staging": { "r2_buckets": [own] }, "docs": { "r2_buckets": [other, own] } });
    assert_eq!(config["env"], environments);
    assert_eq!(buckets, ["my-site-bodies"]);
    assert_eq!(bundle_with(&site, &in_r2()).unwrap().emitted().unwrap().written, 0);
}

#[test]
fn an_environment_of_the_output_alone_has_the_bucket_too() {
    let site = site(&json!({ "name": "a" }));
    fs::create_dir(site.out()).unwrap();
    let own = r#"{ // mine
        "env": { "mine": { "vars": { "A": "1" } } } }"#;
    fs::write(site.out().join("wrangler.jsonc"), own).unwrap();
    let (config, _) = packed(&site);
    assert_eq!(config["env"]["mine"]["r2_buckets"], json!([bodies("a-bodies")]));
    assert!(wrangler(&site).contains("// mine"));
}

#[test]
fn buckets_of_the_user_stay_when_those_of_the_site_change() {
    let photos = |bucket: &str| json!({ "binding": "PHOTOS", "bucket_name": bucket });
    let config = |bucket: &str| {
        json!({ "name": "a", "r2_buckets": [photos(bucket)],
            "env": { "staging": { "r2_buckets": [photos(bucket)] } } })
    };
    let site = site(&config("one"));
    packed(&site);
    // The first of them is that of the top level.
    let text = wrangler(&site);
    let text = text.replacen("\"a-bodies\"", "\"mine\" /* shared */", 1);
    fs::write(site.out().join("wrangler.jsonc"), text).unwrap();
    let (found, buckets) = packed(&site);
    assert_eq!(found["r2_buckets"], json!([photos("one"), bodies("mine")]));
    assert_eq!(buckets, ["mine", "a-bodies"]);
    assert!(wrangler(&site).contains("/* shared */"));

    configure(&site, &config("two"));
    let (found, buckets) = packed(&site);
    assert_eq!(found["r2_buckets"], json!([photos("two"), bodies("mine")]));
    let staging = &found["env"]["staging"]["r2_buckets"];
    assert_eq!(*staging, json!([photos("two"), bodies("a-bodies")]));
    assert_eq!(buckets, ["mine", "a-bodies"]);

    // Without bodies in R2, that of the build goes, and that of the user stays.
    bundle(&site);
    let found = config_of(&site.out());
    assert_eq!(found["r2_buckets"], json!([photos("two"), bodies("mine")]));
    assert_eq!(found["env"]["staging"]["r2_buckets"], json!([photos("two")]));
    configure(&site, &json!({ "name": "a" }));
    bundle(&site);
    assert_eq!(config_of(&site.out())["r2_buckets"], json!([bodies("mine")]));
}

#[test]
fn a_build_without_bodies_in_r2_removes_what_an_earlier_one_wrote() {
    let site = site(&json!({ "name": "a", "env": { "staging": { "vars": { "A": "1" } } } }));
    bundle(&site);
    let before = config_of(&site.out());
    packed(&site);
    bundle(&site);
    assert_eq!(config_of(&site.out()), before);
}

#[test]
fn the_bucket_keeps_its_name_and_its_jurisdiction() {
    let site = site(&json!({ "name": "a" }));
    packed(&site);
    edit(&site, "\"a-bodies\"", "\"a-bodies\", \"jurisdiction\": \"eu\"");
    configure(&site, &json!({ "name": "b" }));
    let packed = bundle_with(&site, &in_r2()).unwrap();
    let worker = packed.report().worker.as_ref().unwrap();
    let bucket = Bucket { name: "a-bodies".to_owned(), jurisdiction: Some("eu".to_owned()) };
    assert_eq!(worker.r2.as_ref().unwrap().buckets, [bucket]);
    assert_eq!(config_of(&site.out())["name"], "b");
}

#[test]
fn another_binding_of_the_same_name_is_an_error() {
    for settings in [
        json!({ "vars": { "WORKER_PACK_BODIES": "mine" } }),
        json!({ "env": { "a": { "r2_buckets": [bodies("mine")] } } }),
    ] {
        let site = site(&settings);
        let error = errors(bundle_with(&site, &in_r2()));
        assert!(error.contains("has a binding with the name `WORKER_PACK_BODIES`"), "{error}");
        bundle(&site);
    }
}
