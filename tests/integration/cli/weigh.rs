//! `worker-pack weigh`: a built Worker and the limits of the platform.

mod modules;
mod program;

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{parts, run, small_site};
use crate::support::site::PROSE;
use program::program;

/// A folder with the files of a Worker.
fn worker<B: AsRef<[u8]>>(files: &[(&str, B)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, bytes) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    folder
}

/// Weighs, and returns the exit code, the report and standard error.
fn weigh(folder: &Path, arguments: &[&str]) -> (i32, Value, String) {
    let arguments = [&["weigh", "--format", "json"], arguments].concat();
    let (code, stdout, stderr) = parts(&run(folder, &arguments));
    (code, serde_json::from_str(&stdout).unwrap_or_default(), stderr)
}

/// Returns the names and sizes of all modules.
fn modules(report: &Value) -> Vec<(&str, u64)> {
    let all = report["modules"].as_array().unwrap_or_else(|| panic!("{report:#}"));
    all.iter().map(|one| (one["name"].as_str().unwrap(), one["size"].as_u64().unwrap())).collect()
}

/// Returns the names of all parts that contain a text.
fn parts_with<'r>(report: &'r Value, text: &str) -> Vec<&'r str> {
    let all = report["weight"]["parts"].as_array().unwrap();
    all.iter().map(|one| one["name"].as_str().unwrap()).filter(|it| it.contains(text)).collect()
}

/// Checks that the parts add up to the size.
fn assert_complete(report: &Value) {
    let weight = &report["weight"];
    for parts in [&weight["parts"], &report["kinds"]] {
        let sizes = parts.as_array().unwrap().iter().map(|one| one["size"].as_u64().unwrap());
        assert_eq!(sizes.sum::<u64>(), weight["size"].as_u64().unwrap(), "{report:#}");
    }
}

#[test]
fn a_packed_worker_weighs_what_its_build_reported() {
    let site = small_site();
    site.write("prose.txt", PROSE);
    fs::write(site.project().join("engine.wasm"), program(17, &[(8, b"data")])).unwrap();
    for arguments in [&[][..], &["--spill-above", "3kB"], &["--identity", "stored"]] {
        let build = ["build", "--target=worker", "--engine=engine.wasm", "--format=json"];
        let (code, stdout, stderr) = parts(&run(site.project(), &[&build[..], arguments].concat()));
        assert_eq!(code, 0, "{stderr}");
        let mut built: Value = serde_json::from_str(&stdout).unwrap();
        let (code, mut report, stderr) = weigh(site.project(), &[]);
        assert_eq!(code, 0, "{stderr}");
        assert_eq!(report["subject"], "dist-worker/wrangler.jsonc");
        assert_complete(&report);
        // The files of the site have names in both.
        let prose = parts_with(&report, "/prose.txt (br)").len();
        assert_eq!(prose, usize::from(!arguments.contains(&"3kB")), "{report:#}");
        let [ours, theirs] = [&mut report["weight"], &mut built["worker"]["weight"]];
        ours["parts"] = Value::Null;
        theirs["parts"] = Value::Null;
        if arguments.contains(&"3kB") {
            // The file by which the folder is not public without the Worker.
            assert_eq!(ours["staticAssets"], 1);
        }
        assert_eq!(ours, theirs, "{arguments:?}");
    }
}

#[test]
fn a_worker_over_a_limit_exits_with_code_1_and_the_sentence() {
    let folder = worker(&[("big.js", "/* */".repeat(1000)), ("small.js", String::new())]);
    let (code, report, stderr) = weigh(folder.path(), &[".", "--limit-size", "4kB"]);
    assert_eq!(code, 1, "{report:#}");
    let sentence =
        "error[worker/too-large]: worker: its modules total 4.9 KiB; the limit is 3.9 KiB";
    assert!(stderr.contains(sentence), "{stderr}");
    assert!(
        stderr.contains("ship less server code") && stderr.contains("largest: big.js"),
        "{stderr}"
    );
    assert!(stderr.ends_with("error: weighing the Worker found 1 error\n"), "{stderr}");
    assert_eq!(
        report["limits"][0],
        json!({
            "quantity": "size", "value": 5000, "limit": 4000, "bound": "limit"
        })
    );

    let (code, _, stderr) = weigh(folder.path(), &[".", "--limit-memory", "1MB"]);
    assert!(code == 1 && stderr.contains("worker/too-much-memory"), "{stderr}");
    let mark = [".", "--limit-gzip-marks", "10B"];
    let (code, _, stderr) = weigh(folder.path(), &mark);
    assert!(code == 0 && stderr.contains("warning[worker/large-under-gzip]"), "{stderr}");
    let (code, _, stderr) =
        weigh(folder.path(), &[&mark[..], &["--strictness", "strict"]].concat());
    assert!(code == 1 && stderr.contains("error[worker/large-under-gzip]"), "{stderr}");

    // Limits in the configuration file.
    fs::write(folder.path().join("worker-pack.toml"), "[worker.limits]\nsize = '4kB'\n").unwrap();
    let (code, _, stderr) = weigh(folder.path(), &["."]);
    assert!(code == 1 && stderr.contains(sentence), "{stderr}");
}

#[test]
fn static_assets_are_counted_without_what_is_ignored() {
    let folder = worker(&[
        (
            "wrangler.jsonc",
            r#"{ "main": "a.js", "no_bundle": true, "assets": { "directory": "public" } }"#,
        ),
        ("a.js", "export default {};"),
        ("public/.assetsignore", "*.psd\n"),
        ("public/_headers", ""),
        ("public/large.png", "0123456789"),
        ("public/a/_headers", "is a file"),
        ("public/draft.psd", "left out"),
    ]);
    let (code, report, stderr) = weigh(folder.path(), &[]);
    assert_eq!(code, 0, "{stderr}");
    let weight = &report["weight"];
    assert_eq!((&weight["staticAssets"], &weight["staticAssetsSize"]), (&json!(2), &json!(19)));
    let limits = ["--limit-static-asset", "9B", "--limit-static-assets", "1"];
    let (code, _, stderr) = weigh(folder.path(), &limits);
    assert_eq!(code, 1);
    assert!(
        stderr.contains("large.png: is 10 B; Workers Static Assets accept files up to 9 B"),
        "{stderr}"
    );
    assert!(
        stderr.contains("2 files would go to Workers Static Assets; the limit is 1"),
        "{stderr}"
    );

    fs::remove_dir_all(folder.path().join("public")).unwrap();
    let (code, _, stderr) = weigh(folder.path(), &[]);
    assert!(
        code == 1 && stderr.contains("public` is missing, though it is `assets.directory`"),
        "{stderr}"
    );
}

#[test]
fn the_text_lists_the_limits_and_the_largest_parts() {
    let folder = worker(&[
        ("wrangler.toml", "main = 'a.js'\nname = 'a'\n".to_owned()),
        ("a.js", "import './b.js'; import './c.bin'; import 'preact';".to_owned()),
        ("b.js", "// padding\n".repeat(2000)),
        ("c.bin", "x".repeat(123_456)),
    ]);
    let marks = ["weigh", "--limit-size", "150kB", "--limit-gzip-marks", "100B,1MB"];
    let (code, stdout, stderr) = parts(&run(folder.path(), &marks));
    assert_eq!(code, 0, "{stderr}");
    insta::assert_snapshot!("weight", stdout);
    assert!(stderr.starts_with("warning[worker/large-under-gzip]"), "{stderr}");
    let quiet = parts(&run(folder.path(), &[&marks[..], &["--quiet"]].concat()));
    assert_eq!(quiet, (0, String::new(), String::new()));
}
