//! The site's own Worker, which is not part of a build.

use std::fs;

use serde_json::{Value, json};
use worker_pack::options::WorkerOptions;
use worker_pack::target::WorkerTarget;
use worker_pack::{Options, Target};

use super::super::{bundle, bundle_with, engine, errors, module};
use super::config_of;
use crate::support::site::Site;

/// A static site with a Worker in `src/index.ts`.
fn site(config: &Value) -> Site {
    let site = Site::new(&[("index.html", "home"), ("../src/index.ts", "export default {};")]);
    fs::write(site.project().join("wrangler.jsonc"), config.to_string()).unwrap();
    site
}

#[test]
fn a_worker_beside_a_static_site_is_imported_by_the_packed_one_and_bundled_by_wrangler() {
    let classes = json!({
        "durable_objects": { "bindings": [{ "name": "COUNTER", "class_name": "Counter" }] },
        "migrations": [{ "tag": "v1", "new_sqlite_classes": ["Counter"] }],
    });
    let mut config = json!({
        "main": "./src/index.ts",
        "assets": { "directory": "dist", "binding": "FILES", "run_worker_first": ["/api/*"] },
        "build": { "command": "make", "cwd": "src" },
        "alias": { "a": "./src/a.ts" },
        "rules": [{ "type": "Text", "globs": ["**/*.md"] }],
        "jsx_factory": "h",
        "env": { "staging": { "main": "src/../src/index.ts", "build": { "watch_dir": ["a", "b"] } } },
    });
    config.as_object_mut().unwrap().extend(classes.as_object().unwrap().clone());
    let site = site(&config);
    for (out, up) in [("out", "../../.."), ("build/out/worker", "../../../../..")] {
        let out = site.project().join(out);
        let target = WorkerTarget {
            out: out.clone(),
            engine: engine(&site),
            options: WorkerOptions::default(),
        };
        site.packing(Options::default()).target(Target::Worker(target)).emit().unwrap();
        let index = fs::read_to_string(out.join("bundle/worker/index.js")).unwrap();
        assert!(index.contains(&format!("import server from '{up}/src/index.ts';")), "{index}");
        assert!(index.contains(&format!("export * from '{up}/src/index.ts';")), "{index}");
    }
    let packed = config_of(&site.project().join("out"));
    for name in ["durable_objects", "migrations", "jsx_factory"] {
        assert_eq!(packed[name], config[name], "{name}");
    }
    assert_eq!(packed["main"], "bundle/worker/index.js");
    assert_eq!(packed["no_bundle"], false);
    assert_eq!(packed["alias"]["a"], "../src/a.ts");
    assert_eq!(packed["build"], json!({ "command": "make", "cwd": "src", "watch_dir": "../src" }));
    assert_eq!(packed["env"]["staging"], json!({ "build": { "watch_dir": ["../a", "../b"] } }));
    let rules = packed["rules"].as_array().unwrap();
    assert!(rules.contains(&config["rules"][0]), "{rules:?}");
    bundle(&site);
    let text = module(&site, "site.js");
    assert!(text.contains(r#"bindAssets(assets, ["ASSETS","FILES"]);"#), "{text}");
}

#[test]
fn a_worker_that_cannot_be_packed_is_an_error_before_anything_is_written() {
    let main = |extra: Value| {
        let mut config = json!({ "main": "src/index.ts" });
        config.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        config
    };
    for (config, place, reason) in [
        (json!({ "main": "src/missing.ts" }), "main", "it cannot be read"),
        (json!({ "main": "src/index.py" }), "main", "it is not JavaScript or TypeScript"),
        (json!({ "main": "src/classic.js" }), "main", "it has no default export"),
        (main(json!({ "no_bundle": true })), "main", "wrangler does not bundle it"),
        (main(json!({ "site": { "bucket": "dist" } })), "main", "it is one of Workers Sites"),
        (
            json!({ "site": { "bucket": "dist", "entry-point": "workers" } }),
            "site.entry-point",
            "only the Worker in `main` can be",
        ),
        (
            main(json!({ "env": { "api": { "main": "src/api.ts" } } })),
            "env.api.main",
            "only the Worker in `main` can be",
        ),
    ] {
        let site = site(&config);
        site.write("../src/classic.js", "addEventListener('fetch', () => {});");
        let error = errors(bundle_with(&site, &WorkerOptions::default()));
        assert!(error.contains(&format!("`{place}`, `")) && error.contains(reason), "{error}");
        assert!(!site.out().exists(), "{config}");
    }
    let site = site(&json!({ "main": "src/index.ts" }));
    site.write("_worker.js/index.js", "export default {}");
    let error = errors(bundle_with(&site, &WorkerOptions::default()));
    assert!(error.contains("the build has a server already"), "{error}");
}

#[test]
fn the_server_of_the_build_is_not_a_worker_of_the_sites_own() {
    for (dist, config) in [
        ("_worker.js/index.js", r#"{ "main": "./dist/_worker.js/index.js" }"#),
        ("_worker.js/index.js", r#"{ "pages_build_output_dir": "dist" }"#),
        ("about.html", r#"{ "main": "dist-worker/bundle/worker/index.js" }"#),
    ] {
        let site = Site::new(&[("index.html", "home"), (dist, "export default {}")]);
        fs::write(site.project().join("wrangler.jsonc"), config).unwrap();
        bundle(&site);
    }
}
