//! The folder of a crate: its first module, its configuration, and the folders that are refused.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use serde_json::json;
use worker_pack::options::WorkerOptions;
use worker_pack::target::RustWorkerTarget;
use worker_pack::{EmittedPack, PackError, Target};

use super::{config, emit_into};
use crate::support::site::Site;

const SERVER: (&str, &str) =
    ("server/entry.mjs", "export default { fetch: () => new Response() };");

fn pack_into(site: &Site, root: &Path) -> Result<EmittedPack, PackError> {
    emit_into(site, root, WorkerOptions::default())
}

fn error(site: &Site, root: &Path) -> String {
    pack_into(site, root).expect_err("the crate is refused").to_string()
}

/// wrangler gives the first module its bare name, so that the others are found by theirs only if it lies at
/// the root of all modules.
#[test]
fn the_first_module_lies_at_the_root_of_all_modules() {
    let site = Site::new(&[("client/index.html", "<p>"), SERVER]);
    let root = site.out();
    pack_into(&site, &root).unwrap();
    let config = config(&root);
    assert_eq!(config["base_dir"], "build");
    assert_eq!(config["main"], "build/worker-pack.js");
    let first = fs::read_to_string(root.join("build/worker-pack.js")).unwrap();
    let specifiers = first.lines().filter_map(|line| line.split_once(" from '"));
    for (_, specifier) in specifiers {
        let module = specifier.trim_end_matches("';");
        let exists = root.join("build").join(module).exists();
        assert!(exists || module == "./index.js", "{module}");
    }
    let again = pack_into(&site, &root).unwrap();
    let emitted = again.emitted().unwrap();
    assert_eq!((emitted.written, emitted.removed), (0, 0));

    fs::write(root.join("build/worker-pack.js"), "changed by hand").unwrap();
    assert!(error(&site, &root).contains("worker-pack.js"), "a file of another origin");
    fs::remove_file(root.join("build/worker-pack.js")).unwrap();
    pack_into(&site, &root).unwrap();
    assert_eq!(fs::read_to_string(root.join("build/worker-pack.js")).unwrap(), first);
    fs::remove_file(root.join("build/worker-pack.js")).unwrap();
    symlink("../wrangler.jsonc", root.join("build/worker-pack.js")).unwrap();
    assert!(error(&site, &root).contains("worker-pack.js"), "a link");
}

#[test]
fn a_crate_in_the_folder_of_a_static_site_keeps_the_configuration_of_its_user() {
    let site = Site::new(&[("index.html", "<p>")]);
    let root = site.project().to_owned();
    let own = r#"{
  // Mine.
  "name": "mine",
  "kv_namespaces": [{ "binding": "NOTES", "id": "1" }],
  "env": { "staging": { "vars": { "A": "b" }, "main": "old.js" } }
}
"#;
    fs::write(root.join("wrangler.jsonc"), own).unwrap();
    for _ in 0..2 {
        pack_into(&site, &root).unwrap();
        let config = config(&root);
        assert_eq!(config["name"], "mine");
        assert_eq!(config["main"], "build/worker-pack.js");
        assert_eq!(config["kv_namespaces"], json!([{ "binding": "NOTES", "id": "1" }]));
        assert_eq!(config["env"], json!({ "staging": { "vars": { "A": "b" } } }));
        assert_eq!(
            config["build"]["command"].as_str().map(|it| it.contains("worker-build")),
            Some(true)
        );
    }
    assert!(fs::read_to_string(root.join("wrangler.jsonc")).unwrap().contains("// Mine."));
}

#[test]
fn a_crate_in_the_folder_of_another_worker_is_refused() {
    let remedy = "put the crate into a folder of its own, such as `worker`";
    for own in [
        r#"{ "main": "src/worker.ts" }"#,
        r#"{ "assets": { "directory": "dist" } }"#,
        r#"{ "pages_build_output_dir": "dist" }"#,
        r#"{ "main": "@astrojs/cloudflare/entrypoints/server", "assets": { "directory": "dist" } }"#,
    ] {
        let site = Site::new(&[("index.html", "<p>")]);
        let path = site.project().join("wrangler.jsonc");
        fs::write(&path, own).unwrap();
        assert!(error(&site, site.project()).contains(remedy), "{own}");
        assert_eq!(fs::read_to_string(&path).unwrap(), own, "unchanged");
        pack_into(&site, &site.project().join("worker")).unwrap();
    }
    // Astro's adapter reads the file, even if only a build of worker-pack has written it.
    for files in [
        &[("client/index.html", "<p>"), SERVER][..],
        &[("index.html", "<p>"), ("_worker.js/index.js", SERVER.1)],
    ] {
        let site = Site::new(files);
        let path = site.project().join("wrangler.jsonc");
        for own in [None, Some(r#"{ "name": "a" }"#), Some(r#"{ "main": "build/worker-pack.js" }"#)]
        {
            if let Some(own) = own {
                fs::write(&path, own).unwrap();
            }
            let error = error(&site, site.project());
            assert!(error.contains(remedy), "{own:?}: {error}");
            assert!(!site.project().join("build").exists());
        }
        pack_into(&site, &site.project().join("worker")).unwrap();
    }
}

/// wrangler reads one of them, and the Worker would lack the bindings of the other.
#[test]
fn a_crate_whose_configuration_has_another_form_is_refused() {
    let site = Site::new(&[("index.html", "<p>")]);
    let root = site.project().join("worker");
    let (toml, json) = (root.join("wrangler.toml"), root.join("wrangler.json"));
    fs::create_dir(&root).unwrap();
    fs::write(&toml, "name = \"mine\"\n[vars]\nA = \"b\"\n").unwrap();
    assert!(error(&site, &root).contains("move its settings into `wrangler.jsonc`"));
    assert!(!root.join("wrangler.jsonc").exists() && !root.join("build").exists());
    // wrangler does not read the one beside it, whoever left it.
    fs::write(root.join("wrangler.jsonc"), r#"{ "name": "mine" }"#).unwrap();
    pack_into(&site, &root).unwrap();
    fs::write(&json, r#"{ "name": "mine" }"#).unwrap();
    assert!(error(&site, &root).contains("rename that to `wrangler.jsonc`"));
    fs::remove_file(json).unwrap();
    pack_into(&site, &root).unwrap();
}

#[test]
fn a_server_build_without_a_known_entry_is_refused() {
    for file in ["server/index.mjs", "server/entry.js", "server/chunks/a.mjs"] {
        let site = Site::new(&[("client/index.html", "<p>"), (file, "export default {};")]);
        let error = error(&site, &site.out());
        assert!(error.contains("supported are builds of @astrojs/cloudflare 12 to 14"), "{error}");
        assert!(error.contains("server/entry.mjs"), "{error}");
        assert!(!site.out().join("wrangler.jsonc").exists());
    }
}

/// A build script prints the error in the form for debugging.
#[test]
fn a_site_that_is_not_built_is_named_with_its_remedy() {
    let site = Site::new(&[("index.html", "<p>")]);
    let target = Target::RustWorker(RustWorkerTarget::new(site.out()));
    let missing = site.project().join("missing/dist");
    let error = worker_pack::Pack::from_dir(&missing).target(target).emit().unwrap_err();
    let text = format!("{error:?}");
    assert!(text.contains("missing/dist` is not a folder; build the site first"), "{text}");
    assert!(!site.out().exists());
}
