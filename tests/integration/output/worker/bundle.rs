//! The bundle folder: determinism, replacement, invalid input.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;

use worker_pack::options::WorkerOptions;
use worker_pack::target::Engine;

use super::{bundle, bundle_with, errors, server_site, wrangler, written};
use crate::support::site::{Site, files_below, program};

#[test]
fn an_unchanged_bundle_is_not_rewritten_and_a_changed_one_is_replaced() {
    let site = server_site();
    bundle(&site);
    let count = files_below(&site.out()).len() - 1;
    let again = bundle(&site);
    assert_eq!((again.emitted().unwrap().written, again.emitted().unwrap().unchanged), (0, count));
    site.write("client/index.html", "<h1>changed</h1>");
    let changed = bundle(&site);
    assert!(
        changed.emitted().unwrap().written >= 2 && changed.emitted().unwrap().removed == 1,
        "{changed:?}"
    );
    assert!(!site.out().join(".worker-pack.staging").exists());
}

#[test]
fn bundles_are_independent_of_location() {
    let contents = |site: &Site| -> BTreeMap<PathBuf, Vec<u8>> {
        let folder = site.out().join("bundle");
        let read = |name: PathBuf| (name.clone(), fs::read(folder.join(name)).unwrap());
        files_below(&folder).into_iter().map(read).collect()
    };
    let (one, other) = (server_site(), server_site());
    bundle(&one);
    bundle(&other);
    assert_eq!(contents(&one), contents(&other));
    assert_eq!(wrangler(&one), wrangler(&other));
}

#[test]
fn invalid_input_is_an_error_and_writes_nothing() {
    let site = server_site();
    fs::remove_file(site.dist().join("server/entry.mjs")).unwrap();
    let error = errors(bundle_with(&site, &WorkerOptions::default()));
    assert!(error.contains("server/entry.mjs` is missing"), "{error}");
    assert!(error.contains("@astrojs/cloudflare 12 to 14"), "{error}");

    let site = server_site();
    site.write("server/chunks/page.mjs", "export const page = ;");
    fs::remove_file(site.dist().join("server/chunks/late.mjs")).unwrap();
    let error = errors(bundle_with(&site, &WorkerOptions::default()));
    assert!(error.contains("server/chunks/page.mjs:1:21: worker/syntax-error: "), "{error}");
    assert!(error.contains("server/chunks/late.mjs: worker/missing-module: "), "{error}");
    assert!(!site.out().exists());

    let site = server_site();
    fs::create_dir(site.out()).unwrap();
    fs::write(site.out().join("wrangler.jsonc"), "{ \"name\": ").unwrap();
    let error = errors(bundle_with(&site, &WorkerOptions::default()));
    assert!(error.contains("wrangler.jsonc` is not valid: "), "{error}");
    assert_eq!(wrangler(&site), "{ \"name\": ");
    assert_eq!(written(&site), ["wrangler.jsonc"]);

    let site = server_site();
    fs::create_dir_all(site.out().join("bundle")).unwrap();
    fs::write(site.out().join("bundle/mine.txt"), "mine").unwrap();
    let error = errors(bundle_with(&site, &WorkerOptions::default()));
    assert!(error.contains("worker-pack did not write it"), "{error}");
    assert_eq!(written(&site), ["bundle/mine.txt"]);

    let path = site.project().join("text.wasm");
    fs::write(&path, "text").unwrap();
    let error = Engine::from_file(&path).unwrap_err();
    assert!(error.to_string().contains("is not the engine"), "{error}");
}

#[test]
fn foreign_files_of_a_bundle_keep_their_permissions() {
    let site = server_site();
    bundle(&site);
    let path = site.out().join("bundle/deep/run.sh");
    fs::create_dir(path.parent().unwrap()).unwrap();
    fs::write(&path, "#!/bin/sh").unwrap();
    for mode in [0o755, 0o600, 0o444] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        site.write("client/index.html", format!("<h1>{mode}</h1>"));
        bundle(&site);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, mode);
        assert_eq!(fs::read(&path).unwrap(), b"#!/bin/sh");
    }
}

#[test]
fn a_server_module_behind_a_link_out_of_the_site_is_an_error_with_a_remedy() {
    let site = server_site();
    let late = site.dist().join("server/chunks/late.mjs");
    let outside = site.project().join("late.mjs");
    fs::rename(&late, &outside).unwrap();
    symlink(outside, late).unwrap();
    let error = errors(bundle_with(&site, &WorkerOptions::default()));
    assert!(error.contains("server/chunks/late.mjs: ingest/unreadable: "), "{error}");
    assert!(error.contains("copy the file into the site"), "{error}");
}

#[test]
fn a_missing_engine_is_a_usage_error() {
    let site = Site::new(&[("index.html", "<h1>home</h1>")]);
    let output = program()
        .args(["build", "--target", "worker"])
        .env_remove("WORKER_PACK_ENGINE")
        .current_dir(site.project())
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    if Engine::embedded().is_some() {
        assert!(output.status.success(), "{stderr}");
    } else {
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        assert!(stderr.contains("cargo xtask engine"), "{stderr}");
    }
}
