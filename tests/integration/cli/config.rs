//! Arguments and `worker-pack.toml`.

use std::fs;

use super::{parts, run, small_site};

#[test]
fn invalid_arguments_and_configuration_exit_with_code_2() {
    let site = small_site();
    for arguments in [
        &["build", "--out", "out", "--encodings", "deflate"][..],
        &["build", "--out", "out", "--cache-policy", "/fonts/*=max-age:300"],
        &["build", "--out", "out", "--css-targets", "netscape 4"],
        &["build", "--out", "out", "--css-targets", "last 2 years"],
        &["build", "--out", "out", "--config", "absent.toml"],
        &["build", "--bogus"],
        &["build"],
        &[],
    ] {
        let (code, stdout, stderr) = parts(&run(site.project(), arguments));
        assert_eq!((code, stdout.as_str()), (2, ""), "{arguments:?}: {stderr}");
        assert!(!stderr.is_empty(), "{arguments:?}");
    }
    fs::write(site.project().join("worker-pack.toml"), "[pack]\nencoding = [\"br\"]\n").unwrap();
    let (code, _, stderr) = parts(&run(site.project(), &["build", "--out", "out"]));
    assert_eq!(code, 2);
    insta::assert_snapshot!("unknown_key", stderr);
}

#[test]
fn arguments_override_the_configuration_file() {
    let site = small_site();
    let config = "dist = \"../dist\"\nout = \"packed\"\n\n[pack]\nminify = [\"html\"]\n\
                  encodings = [\"gzip\"]\nsource-maps = \"publish\"\n\n\
                  [[pack.cache-policy]]\npaths = \"/*.json\"\npolicy = \"no-store\"\n";
    let folder = site.project().join("project");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("worker-pack.toml"), config).unwrap();
    let arguments = [
        "build",
        "--config",
        "project/worker-pack.toml",
        "--format",
        "json",
        "--encodings",
        "br,gzip",
    ];
    let (code, stdout, stderr) = parts(&run(site.project(), &arguments));
    assert_eq!(code, 0, "{stderr}");
    assert!(folder.join("packed/assets.rs").exists(), "paths are relative to the file");
    let report: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    let file = |name: &str| {
        let files = report["files"].as_array().unwrap();
        files.iter().find(|file| file["file"] == name).unwrap_or_else(|| panic!("{name}")).clone()
    };
    assert_eq!(file("data.json")["cacheControl"], "no-store");
    assert_eq!(file("data.json")["transform"]["reason"], "by-option");
    assert_eq!(file("_astro/app.D4f5G6h7.js.map")["contentType"], "application/json");
    let codings: Vec<_> =
        file("prose.txt")["encoded"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(codings, ["br", "gzip"], "the argument takes precedence");
}
