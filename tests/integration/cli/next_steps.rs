//! The next steps that the command prints after a build.

use std::fs;

use super::{parts, run};
use crate::support::site::{Site, program};

/// Builds a site. Returns the lines after the heading, or nothing if there is none.
fn next(site: &Site, arguments: &[&str]) -> Vec<String> {
    fs::write(site.project().join("engine.wasm"), b"\0asm\x01\0\0\0").unwrap();
    let build = [&["build", "--engine", "engine.wasm"], arguments].concat();
    let (code, stdout, stderr) = parts(&run(site.project(), &build));
    assert_eq!(code, 0, "{stderr}");
    let Some((_, lines)) = stdout.split_once("\nnext\n") else { return Vec::new() };
    lines.lines().map(|line| line.trim().to_owned()).collect()
}

#[test]
fn the_first_build_of_a_worker_ends_with_commands_and_the_places_of_its_files() {
    let site = Site::new(&[("index.html", "<p>one")]);
    let worker = ["--target", "worker"];
    let commands = [
        "try it  worker-pack serve",
        "deploy it  npx wrangler deploy --config dist-worker/wrangler.jsonc",
    ];
    let places = [
        ".gitignore  dist-worker/bundle/",
        "git add  dist-worker/wrangler.jsonc, which is yours: edit it, and commit it",
    ];
    assert_eq!(next(&site, &worker), [commands, places].concat());
    assert!(next(&site, &worker).is_empty(), "nothing has changed");
    site.write("index.html", "<p>two");
    assert_eq!(next(&site, &worker), commands, "the places are told once");
}

#[test]
fn a_worker_with_a_server_is_tried_in_wrangler() {
    let site = Site::new(&[
        ("client/index.html", "<p>"),
        ("server/entry.mjs", "export default { fetch: () => new Response('') };"),
    ]);
    let lines = next(&site, &["--target", "worker", "--out", "the worker"]);
    assert_eq!(lines[0], "try it  npx wrangler dev --config 'the worker/wrangler.jsonc'");
}

#[test]
fn a_worker_with_code_of_the_sites_own_is_tried_in_wrangler() {
    let site = Site::new(&[("index.html", "<p>"), ("404.html", "<p>")]);
    let config = r#"{"name":"a","main":"own.js","compatibility_date":"2026-05-01",
        "assets":{"directory":"dist"}}"#;
    fs::write(site.project().join("wrangler.jsonc"), config).unwrap();
    fs::write(site.project().join("own.js"), "export default { fetch() {} };").unwrap();
    let lines = next(&site, &["--target", "worker"]);
    assert_eq!(lines[0], "try it  npx wrangler dev --config dist-worker/wrangler.jsonc");
}

#[test]
fn bodies_for_r2_are_uploaded_before_the_worker_runs() {
    let site = Site::new(&[
        ("client/index.html", "<p>"),
        ("client/a.jpg", "a picture"),
        ("server/entry.mjs", "export default { fetch: () => new Response('') };"),
    ]);
    let own = r#"{ "name": "a b", "env": { "eu": { "r2_buckets": [{ "binding":
        "WORKER_PACK_BODIES", "bucket_name": "mine", "jurisdiction": "eu" }] } } }"#;
    fs::create_dir(site.project().join("the worker")).unwrap();
    fs::write(site.project().join("the worker/wrangler.jsonc"), own).unwrap();
    let r2 = ["--target", "worker", "--out", "the worker", "--spill-to=r2", "--spill-above=1B"];
    let place = "--cwd 'the worker' --config wrangler.jsonc --filename bundle/r2.json";
    let lines = next(&site, &r2);
    let expected = [
        format!("upload  npx wrangler r2 bulk put a-b-bodies --local {place}"),
        format!("upload  npx wrangler r2 bulk put mine --local --jurisdiction eu {place}"),
        "try it  npx wrangler dev --config 'the worker/wrangler.jsonc'".to_owned(),
        "once  npx wrangler r2 bucket create a-b-bodies".to_owned(),
        format!("upload  npx wrangler r2 bulk put a-b-bodies --remote {place}"),
        "once  npx wrangler r2 bucket create mine --jurisdiction eu".to_owned(),
        format!("upload  npx wrangler r2 bulk put mine --remote --jurisdiction eu {place}"),
        "deploy it  npx wrangler deploy --config 'the worker/wrangler.jsonc'".to_owned(),
    ];
    assert_eq!(lines[..expected.len()], expected);
}

#[test]
fn a_rust_module_is_included_and_ignored_as_a_whole() {
    let site = Site::new(&[("index.html", "<p>")]);
    let expected = [
        "try it  worker-pack serve dist",
        "include it  src/site/assets.rs, by `include!` in your crate",
        ".gitignore  src/site/",
    ];
    assert_eq!(next(&site, &["dist", "--out", "src/site"]), expected);
}

#[test]
fn a_program_of_npm_is_called_by_npx() {
    let site = Site::new(&[("index.html", "<p>")]);
    let mut command = program();
    command.args(["build", "--out", "out"]).current_dir(site.project());
    let output = command.env("npm_config_user_agent", "npm/11").output().unwrap();
    let (_, stdout, _) = parts(&output);
    assert!(stdout.contains("try it  npx worker-pack serve\n"), "{stdout}");
}

#[test]
fn a_worker_in_rust_is_tried_from_the_folder_of_its_crate() {
    let site = Site::new(&[("index.html", "<p>")]);
    let commands =
        ["try it  npx wrangler dev --cwd app", "deploy it  npx wrangler deploy --cwd app"];
    let places = [
        "include it  by `worker_pack_runtime::include_site!()` in your crate",
        ".gitignore  app/build/",
        "git add  app/wrangler.jsonc, which is yours: edit it, and commit it",
    ];
    let target = ["--target", "rust-worker", "--out", "app"];
    assert_eq!(next(&site, &target), [&commands[..], &places[..]].concat());
    site.write("index.html", "<p>two");
    assert_eq!(next(&site, &target), commands, "the places are told once");
}
