//! The site's own Worker, which is not part of a build.

use std::fs;

use worker_pack::options::WorkerOptions;

use super::super::{bundle, bundle_with, errors};
use crate::support::site::Site;

#[test]
fn a_worker_that_is_not_part_of_the_build_is_an_error_before_anything_is_written() {
    for (dist, config, place) in [
        ("about.html", r#"{ "main": "src/index.ts" }"#, "main"),
        (
            "about.html",
            r#"{ "main": "src/index.js", "assets": { "directory": "dist" },
            "durable_objects": { "bindings": [{ "name": "C", "class_name": "C" }] } }"#,
            "main",
        ),
        ("about.html", r#"{ "env": { "api": { "main": "src/api.ts" } } }"#, "env.api.main"),
        (
            "about.html",
            r#"{ "site": { "bucket": "dist", "entry-point": "workers" } }"#,
            "site.entry-point",
        ),
        ("_worker.js/index.js", r#"{ "main": "src/worker.ts" }"#, "main"),
    ] {
        let site = Site::new(&[("index.html", "home"), (dist, "export default {}")]);
        fs::write(site.project().join("wrangler.jsonc"), config).unwrap();
        let error = errors(bundle_with(&site, &WorkerOptions::default()));
        let expected = format!("`{place}` is a Worker of the site's own");
        assert!(error.contains(&expected), "{config}: {error}");
        assert!(!site.out().exists(), "{config}");
    }
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
