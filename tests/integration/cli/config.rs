//! Arguments and `worker-pack.toml`.

use std::fs;

use super::{parts, run, small_site};

#[test]
fn invalid_arguments_and_configuration_exit_with_code_2() {
    let site = small_site();
    for arguments in [
        &["build", "--out", "out", "--encodings", "deflate"][..],
        &["build", "--out", "out", "--rule", "/fonts/* cache=max-age:300"],
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
                  [[pack.rule]]\npaths = \"/*.json\"\ncache = \"no-store\"\n";
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

#[test]
fn lists_of_languages_and_codings_are_off_in_the_file_and_in_arguments() {
    let report = |config: &str, arguments: &[&str]| -> serde_json::Value {
        let site = small_site();
        fs::write(site.project().join("worker-pack.toml"), config).unwrap();
        let all = [&["build", "--out", "out", "--format", "json"], arguments].concat();
        let (code, stdout, stderr) = parts(&run(site.project(), &all));
        assert_eq!(code, 0, "{stderr}");
        serde_json::from_str(&stdout).unwrap()
    };
    let off = "[pack]\nminify = \"off\"\nencodings = \"off\"\n";
    for (config, arguments) in [
        (off, &[][..]),
        ("[pack]\nminify = []\nencodings = []\n", &[]),
        ("", &["--minify", "off", "--encodings", "off"]),
        ("", &["--minify", "none", "--encodings", "none"]),
    ] {
        let report = report(config, arguments);
        for file in report["files"].as_array().unwrap() {
            assert!(file["encoded"].as_object().is_none_or(serde_json::Map::is_empty), "{file}");
            assert_ne!(file["transform"]["outcome"], "minified", "{file}");
        }
    }
}

#[test]
fn rules_of_both_places_apply_and_the_arguments_come_last() {
    let site = small_site();
    let config = "[[pack.rule]]\npaths = [\"/*.json\", \"/prose.txt\"]\nminify = \"off\"\n\
                  encodings = [\"gzip\"]\ncache = \"no-store\"\n\n\
                  [[pack.rule]]\npaths = \"/data.json\"\npublish = true\ncontent-type = \"text/x-a\"\n";
    fs::write(site.project().join("worker-pack.toml"), config).unwrap();
    let rule = ["--rule", "/prose.txt encodings=off cache=public, max-age=60"];
    let arguments = [&["build", "--out", "out", "--format", "json"][..], &rule].concat();
    let (code, stdout, stderr) = parts(&run(site.project(), &arguments));
    assert_eq!(code, 0, "{stderr}");
    let report: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    let file = |name: &str| {
        let files = report["files"].as_array().unwrap();
        files.iter().find(|file| file["file"] == name).unwrap_or_else(|| panic!("{name}")).clone()
    };
    assert_eq!(file("data.json")["contentType"], "text/x-a");
    assert_eq!(file("data.json")["cacheControl"], "no-store");
    assert_eq!(file("prose.txt")["cacheControl"], "public, max-age=60");
    assert_eq!(file("prose.txt")["encoded"], serde_json::json!({}));
    assert_eq!(file("prose.txt")["rules"], serde_json::json!([0, 2]));
    let by_path = &report["rules"]["byPath"];
    assert_eq!(by_path[2]["rule"], "/prose.txt encodings=off cache=public, max-age=60");
    assert_eq!([&by_path[0]["files"], &by_path[1]["files"], &by_path[2]["files"]], [2, 1, 1]);
    let (_, text, _) = parts(&run(site.project(), &["build", "--out", "out", rule[0], rule[1]]));
    assert!(text.contains("1  file by rule /prose.txt encodings=off"), "{text}");
}

#[test]
fn invalid_rules_of_the_configuration_file_are_explained() {
    let site = small_site();
    for (rule, message) in [
        ("paths = \"/a\"", "a rule needs a setting: one or more of `minify`"),
        ("paths = []\nminify = \"off\"", "a rule needs `paths`"),
        ("minify = \"off\"", "missing field `paths`"),
        ("paths = \"a\"\nminify = \"off\"", "`a` does not begin with `/` or `*`"),
        ("paths = \"/a\"\nminify = \"no\"", "`no` is not one of"),
        ("paths = \"/a\"\nminify = true", "a string or a list of strings"),
        ("paths = \"/a\"\npolicy = \"no-store\"", "unknown field `policy`"),
        ("paths = \"/a\"\ncontent-type = \"html\"", "`html` is not a media type"),
    ] {
        fs::write(site.project().join("worker-pack.toml"), format!("[[pack.rule]]\n{rule}\n"))
            .unwrap();
        let (code, _, stderr) = parts(&run(site.project(), &["build", "--out", "out"]));
        assert_eq!(code, 2, "{rule}: {stderr}");
        assert!(stderr.contains(message), "{rule}: {stderr}");
    }
    let policy = "[[pack.cache-policy]]\npaths = \"/a\"\npolicy = \"no-store\"\n";
    fs::write(site.project().join("worker-pack.toml"), policy).unwrap();
    let (_, _, stderr) = parts(&run(site.project(), &["build", "--out", "out"]));
    assert!(stderr.contains("write `[[pack.rule]]` with `paths` and `cache`"), "{stderr}");
}
