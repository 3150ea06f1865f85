//! Paths in the configuration, as seen from its folder.

use std::fs;
use std::path::{Component, Path, PathBuf};

use proptest::prelude::*;
use serde_json::{Value, json};
use worker_pack::options::WorkerOptions;
use worker_pack::target::WorkerTarget;
use worker_pack::{Options, Target};

use super::super::engine;
use super::config_of;
use crate::support::site::Site;

/// A static site with a configuration.
fn site(config: &Value) -> Site {
    let site = Site::new(&[("index.html", "home")]);
    fs::write(site.project().join("wrangler.json"), config.to_string()).unwrap();
    site
}

/// Packs a site into a folder of its project, and returns the configuration there.
fn packed_into(site: &Site, out: &Path) -> Value {
    let target = WorkerTarget {
        out: out.to_owned(),
        engine: engine(site),
        options: WorkerOptions::default(),
    };
    site.packing(Options::default()).target(Target::Worker(target)).emit().unwrap();
    config_of(out)
}

/// Resolves a path as wrangler does, by the names of its folders.
fn resolved(folder: &Path, path: &str) -> PathBuf {
    let mut resolved = PathBuf::new();
    for part in folder.join(path.replace('\\', "/")).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(resolved.pop()),
            part => resolved.push(part),
        }
    }
    resolved
}

#[test]
fn paths_lead_to_the_same_files_from_an_output_folder_at_any_depth() {
    let databases = json!([
        { "binding": "A", "migrations_dir": "migrations" },
        { "binding": "B", "migrations_dir": "./db/b/", "migrations_pattern": "./db/b/*/migration.sql" },
        { "binding": "C", "migrations_dir": ".\\db\\c" },
        { "binding": "D" },
        { "binding": "E", "migrations_dir": "/srv/migrations" },
        { "binding": "F", "migrations_dir": "C:\\srv\\migrations" },
        { "binding": "G", "migrations_dir": "../shared/migrations" },
    ]);
    let containers = json!([
        { "class_name": "A", "image": "./Dockerfile", "image_build_context": "." },
        { "class_name": "B", "image": "docker.io/library/httpd:2.4" },
        { "class_name": "C", "image": "registry.example:5000/httpd@sha256:00ff" },
        { "class_name": "D", "images": {
            "own": { "dockerfile": "containers/d.Dockerfile", "build_context": "containers" },
            "taken": { "image": "docker.io/library/httpd:2.4" },
        } },
    ]);
    let settings =
        json!({ "d1_databases": databases, "containers": containers, "tsconfig": "tsconfig.json" });
    let mut config = settings.clone();
    config["alias"] = json!({ "a": "./src/a.js", "b": "preact/compat" });
    config["previews"] = json!({ "d1_databases": databases });
    config["env"] = json!({ "staging": settings });
    for out in ["out", "build/out/worker"] {
        let site = site(&config);
        let (project, out) = (site.project(), site.project().join(out));
        let packed = packed_into(&site, &out);
        let same = |packed: &Value, before: &str| {
            let packed = packed.as_str().unwrap();
            assert_eq!(resolved(&out, packed), resolved(project, before), "{packed}");
        };
        for scope in [&packed, &packed["env"]["staging"], &packed["previews"]] {
            let all = scope["d1_databases"].as_array().unwrap();
            let expected = [
                "migrations",
                "db/b",
                "db/c",
                "migrations",
                "/srv/migrations",
                "",
                "../shared/migrations",
            ];
            for (database, expected) in all.iter().zip(expected) {
                if expected.is_empty() {
                    assert_eq!(database["migrations_dir"], "C:\\srv\\migrations");
                } else {
                    same(&database["migrations_dir"], expected);
                }
            }
            let pattern = all[1]["migrations_pattern"].as_str().unwrap();
            let folder = all[1]["migrations_dir"].as_str().unwrap();
            assert_eq!(pattern, format!("{folder}/*/migration.sql"));
        }
        for scope in [&packed, &packed["env"]["staging"]] {
            same(&scope["tsconfig"], "tsconfig.json");
            same(&scope["containers"][0]["image"], "Dockerfile");
            same(&scope["containers"][0]["image_build_context"], "");
            assert_eq!(scope["containers"][1], containers[1]);
            assert_eq!(scope["containers"][2], containers[2]);
            let images = &scope["containers"][3]["images"];
            same(&images["own"]["dockerfile"], "containers/d.Dockerfile");
            same(&images["own"]["build_context"], "containers");
            assert_eq!(images["taken"], containers[3]["images"]["taken"]);
        }
        same(&packed["alias"]["a"], "src/a.js");
        assert_eq!(packed["alias"]["b"], "preact/compat");
    }
}

#[test]
fn paths_of_an_adapters_configuration_are_those_of_its_folder() {
    let site = super::super::server_site();
    let of_adapter = json!({
        "name": "desk", "main": "entry.mjs", "compatibility_date": "2026-05-01",
        "d1_databases": [{ "binding": "DB", "migrations_dir": "../../migrations" }],
    });
    site.write("server/wrangler.json", of_adapter.to_string());
    for out in ["out", "build/out/worker"] {
        let out = site.project().join(out);
        let packed = packed_into(&site, &out);
        let folder = packed["d1_databases"][0]["migrations_dir"].as_str().unwrap();
        assert_eq!(resolved(&out, folder), site.project().join("migrations"), "{folder}");
    }
}

/// Earlier versions of Cloudflare's plugin for Vite copied the path of the user's configuration.
#[test]
fn a_path_that_an_adapter_copied_unchanged_is_that_of_the_users_configuration() {
    let site = super::super::server_site();
    let databases = r#"{"name":"desk","d1_databases":[{"binding":"DB","migrations_dir":"db"}]}"#;
    site.write("server/wrangler.json", databases);
    fs::write(site.project().join("wrangler.jsonc"), databases).unwrap();
    fs::create_dir(site.project().join("db")).unwrap();
    let packed = packed_into(&site, &site.out());
    assert_eq!(packed["d1_databases"][0]["migrations_dir"], "../db");
}

#[cfg(unix)]
#[test]
fn paths_lead_to_the_same_files_through_links() {
    let elsewhere = tempfile::tempdir().unwrap();
    let site = site(&json!({ "d1_databases": [{ "binding": "DB" }] }));
    let migrations = site.project().join("migrations");
    fs::create_dir(&migrations).unwrap();
    fs::create_dir(elsewhere.path().join("worker")).unwrap();
    std::os::unix::fs::symlink(elsewhere.path(), site.project().join("build")).unwrap();
    let out = site.project().join("build/worker");
    let packed = packed_into(&site, &out);
    let folder = packed["d1_databases"][0]["migrations_dir"].as_str().unwrap();
    let migrations = migrations.canonicalize().unwrap();
    for seen_from in [out.clone(), out.canonicalize().unwrap()] {
        assert_eq!(resolved(&seen_from, folder).canonicalize().unwrap(), migrations, "{folder}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn every_path_resolves_to_the_same_file_as_before(
        out in "(o|p|dist-worker)(/[ab]){0,3}",
        path in r"(\./|\.\./|\.\./\.\./)?([a-c]{1,2}/){0,3}[a-c]{1,2}/?",
        setting in 0_usize..6,
        in_environment in any::<bool>(),
    ) {
        let settings = match setting {
            0 => json!({ "d1_databases": [{ "binding": "DB", "migrations_dir": path }] }),
            1 => json!({ "containers": [{ "image": path }] }),
            2 => json!({ "containers": [{ "image": "x:1", "image_build_context": path }] }),
            3 => json!({ "containers": [{ "images": { "i": { "dockerfile": path } } }] }),
            4 => json!({ "containers": [{ "images": { "i": { "build_context": path } } }] }),
            _ => json!({ "tsconfig": path }),
        };
        let config = if in_environment { json!({ "env": { "e": settings } }) } else { settings };
        let site = site(&config);
        let out = site.project().join(out);
        let packed = packed_into(&site, &out);
        let scope = if in_environment { &packed["env"]["e"] } else { &packed };
        let found = match setting {
            0 => &scope["d1_databases"][0]["migrations_dir"],
            1 => &scope["containers"][0]["image"],
            2 => &scope["containers"][0]["image_build_context"],
            3 => &scope["containers"][0]["images"]["i"]["dockerfile"],
            4 => &scope["containers"][0]["images"]["i"]["build_context"],
            _ => &scope["tsconfig"],
        };
        let found = resolved(&out, found.as_str().unwrap());
        prop_assert_eq!(found, resolved(site.project(), &path));
    }
}
