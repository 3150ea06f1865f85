//! The option `keep` of the command, with the time of a build set from outside.

use std::fs;
use std::path::Path;
use std::process::{Child, Output, Stdio};

use super::{build, script, served, site, store};
use crate::dictionary::pages::{alike, editions, write};
use crate::support::site::{Site, contents, program};

const DAY: u64 = 24 * 60 * 60;

fn command(site: &Site, time: u64, arguments: &[&str]) -> std::process::Command {
    let mut command = program();
    command
        .env("WORKER_PACK_CACHE_DIR", site.project().join("cache"))
        .env("SOURCE_DATE_EPOCH", time.to_string())
        .args(arguments)
        .current_dir(site.project());
    command
}

fn run(site: &Site, time: u64, arguments: &[&str]) -> Output {
    command(site, time, arguments).output().unwrap()
}

/// Packs into `out`, and returns standard output.
#[track_caller]
fn pack(site: &Site, time: u64, arguments: &[&str]) -> String {
    let all = [&["build", "--target", "rust", "--out", "out"], arguments].concat();
    let output = run(site, time, &all);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Returns the names of the hashed files in the manifest of an output, with a star if they are kept.
fn hashed(out: &Path) -> Vec<String> {
    let manifest = fs::read_to_string(out.join("manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    let assets = manifest["assets"].as_object().unwrap().iter();
    let hashed = assets.filter_map(|(route, asset)| Some((route.strip_prefix("/_astro/")?, asset)));
    let star = |asset: &serde_json::Value| if asset["kept"] == true { "*" } else { "" };
    hashed.map(|(name, asset)| format!("{name}{}", star(asset))).collect()
}

#[test]
fn a_file_is_kept_for_its_age_since_the_first_build_without_it() {
    let site = site();
    let keep = ["--keep", "max-age=7d"];
    build(&site, &[("_astro/a.A1b2C3d4.js", "a")]);
    pack(&site, 0, &keep);
    // It stays in the site for a year, which does not make it old.
    build(&site, &[("_astro/b.B2c3D4e5.js", "b")]);
    pack(&site, 365 * DAY, &keep);
    assert_eq!(hashed(&site.out()), ["a.A1b2C3d4.js*", "b.B2c3D4e5.js"]);
    // The same build again, at and after the end of the week.
    pack(&site, 372 * DAY, &keep);
    assert_eq!(hashed(&site.out()), ["a.A1b2C3d4.js*", "b.B2c3D4e5.js"]);
    pack(&site, 372 * DAY + 1, &keep);
    assert_eq!(hashed(&site.out()), ["b.B2c3D4e5.js"]);
    // It is no longer in the store either.
    pack(&site, 365 * DAY, &keep);
    assert_eq!(hashed(&site.out()), ["b.B2c3D4e5.js"]);
}

#[test]
fn the_same_store_and_time_give_the_same_output() {
    let site = site();
    build(&site, &[("_astro/a.A1b2C3d4.js", "a")]);
    pack(&site, 0, &["--keep", "on"]);
    build(&site, &[("_astro/b.B2c3D4e5.js", "b")]);
    pack(&site, DAY, &["--keep", "on"]);
    let (output, stored) = (contents(&site.out()), contents(&store(&site)));
    fs::remove_dir_all(site.out()).unwrap();
    fs::remove_dir_all(site.project().join("cache")).unwrap();
    pack(&site, DAY, &["--keep", "on"]);
    assert!(contents(&site.out()) == output);
    assert!(contents(&store(&site)) == stored);
}

#[test]
fn the_summary_and_the_report_tell_what_is_kept() {
    let site = site();
    build(&site, &[("_astro/a.A1b2C3d4.js", "a")]);
    pack(&site, 0, &["--keep", "on"]);
    build(&site, &[("_astro/b.B2c3D4e5.js", "b")]);
    let summary = pack(&site, DAY, &["--keep", "on"]);
    let size = served("a").len();
    let expected =
        format!("kept of earlier builds\n        1  file of 1 build, {size} B as sent\n");
    assert!(summary.contains(&expected), "{summary}");
    assert!(summary.contains("already minimal: index.html\n"), "{summary}");
    let json = pack(&site, DAY, &["--keep", "on", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&json).unwrap();
    let kept = serde_json::json!({ "builds": 1, "files": 1, "bytes": size, "sent": size });
    assert_eq!(report["kept"], kept);
}

#[test]
fn the_configuration_keeps_with_a_store_relative_to_it_and_a_flag_wins() {
    let site = site();
    let text =
        "target = \"rust\"\nout = \"out\"\n[pack]\nkeep = { builds = 3, store = \"kept\" }\n";
    fs::write(site.project().join("worker-pack.toml"), text).unwrap();
    build(&site, &[("_astro/a.A1b2C3d4.js", "a")]);
    let built = run(&site, 0, &["build"]);
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    assert!(site.project().join("kept/index.json").exists());
    build(&site, &[("_astro/b.B2c3D4e5.js", "b")]);
    assert!(run(&site, 0, &["build", "--keep", "off"]).status.success());
    assert_eq!(hashed(&site.out()), ["b.B2c3D4e5.js"]);
    assert!(run(&site, 0, &["build"]).status.success());
    assert_eq!(hashed(&site.out()), ["a.A1b2C3d4.js*", "b.B2c3D4e5.js"]);
    let wrong = run(&site, 0, &["build", "--keep", "max-age=7"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("`7d`"));
}

#[test]
fn report_weighs_what_is_kept_and_neither_it_nor_diff_takes_it_for_a_change() {
    let site = site();
    fs::write(
        site.project().join("worker-pack.toml"),
        "target = \"rust\"\nout = \"out\"\n[pack]\nkeep = true\n",
    )
    .unwrap();
    build(&site, &[("_astro/app.A1b2C3d4.js", "a")]);
    assert!(run(&site, 0, &["build"]).status.success());
    fs::copy(site.out().join("manifest.json"), site.project().join("first.json")).unwrap();
    build(&site, &[("_astro/app.B2c3D4e5.js", "b")]);
    assert!(run(&site, DAY, &["build"]).status.success());
    let diff = run(&site, DAY, &["diff", "first.json", "out", "--format", "json"]);
    let diff: serde_json::Value = serde_json::from_slice(&diff.stdout).unwrap();
    let totals =
        ["added", "removed", "renamed", "changed"].map(|name| diff["totals"][name].clone());
    assert_eq!(totals, [0, 0, 1, 0].map(serde_json::Value::from), "{diff}");
    let stored = contents(&store(&site));
    let report = run(&site, DAY, &["report", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_slice(&report.stdout).unwrap();
    assert_eq!(report["report"]["kept"]["files"], 1, "{report}");
    assert!(contents(&store(&site)) == stored);
    // The packed site and its build are the same to `diff`.
    let same = run(&site, DAY, &["diff", "out", "dist", "--format", "json"]);
    let same: serde_json::Value = serde_json::from_slice(&same.stdout).unwrap();
    assert_eq!(same["routes"], serde_json::json!([]), "{same}");
}

#[test]
fn check_finds_no_fault_in_kept_files_and_records_nothing() {
    let site = site();
    fs::write(
        site.project().join("worker-pack.toml"),
        "target = \"rust\"\nout = \"out\"\n[pack]\nkeep = true\n",
    )
    .unwrap();
    build(&site, &[("_astro/app.A1b2C3d4.js", "a")]);
    assert!(run(&site, 0, &["build"]).status.success());
    build(&site, &[]);
    let stored = contents(&store(&site));
    let check = run(&site, DAY, &["check", "--format", "json"]);
    let text = String::from_utf8_lossy(&check.stdout);
    assert!(!text.contains("app.A1b2C3d4.js") && !text.contains("keep/"), "{text}");
    assert!(contents(&store(&site)) == stored);
}

#[test]
fn two_builds_at_once_leave_a_whole_store() {
    let site = site();
    build(&site, &[("_astro/a.A1b2C3d4.js", "a")]);
    let store = site.project().join("store");
    fs::write(site.project().join("package.json"), r#"{ "name": "blog" }"#).unwrap();
    for name in ["one", "two", "three"] {
        let dist = site.project().join(name);
        fs::create_dir_all(dist.join("_astro")).unwrap();
        fs::write(dist.join("index.html"), "<p>").unwrap();
        fs::write(dist.join(format!("_astro/{name}.A1b2C3d4.js")), script(name)).unwrap();
    }
    let keep = format!("store={}", store.display());
    let start = |name: &str| -> Child {
        let out = format!("out-{name}");
        let arguments = ["build", name, "--target", "rust", "--out", &out, "--keep", &keep];
        command(&site, 0, &arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    let children = ["one", "two", "three"].map(start);
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let all = ["build", "--target", "rust", "--out", "out", "--keep", &keep];
    let output = run(&site, 0, &all);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && !stderr.contains("keep/"), "{stderr}");
    assert_eq!(
        hashed(&site.out()),
        ["a.A1b2C3d4.js", "one.A1b2C3d4.js*", "three.A1b2C3d4.js*", "two.A1b2C3d4.js*"]
    );
}

#[test]
fn a_replaced_dictionary_is_kept_for_its_age_since_the_first_build_that_announces_another() {
    let site = alike(&[]);
    let arguments = ["--keep", "max-age=7d", "--dictionaries", "pages", "--compat", "workers"];
    let dictionaries = |time: u64| -> Vec<String> {
        let text = pack(&site, time, &[&arguments[..], &["--format", "json"]].concat());
        let report: serde_json::Value = serde_json::from_str(&text).unwrap();
        let all = report["dictionaries"].as_array().unwrap().iter();
        let mut origins: Vec<_> =
            all.map(|one| one["origin"].as_str().unwrap().to_owned()).collect();
        origins.sort();
        origins
    };
    let [first, second] = editions();
    write(&site, 1, &first);
    assert_eq!(dictionaries(0), ["this-build"]);
    // It is announced for a year, which does not make it old.
    write(&site, 1, &second);
    assert_eq!(dictionaries(365 * DAY), ["replaced", "this-build"]);
    assert_eq!(dictionaries(372 * DAY), ["replaced", "this-build"]);
    assert_eq!(dictionaries(372 * DAY + 1), ["this-build"]);
}
