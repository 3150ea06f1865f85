//! Where the two sites come from.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::{changed, diff, pack, parts, routes, run, site};

/// Runs git in a folder, without the configuration of this machine.
fn git(folder: &Path, arguments: &[&str]) {
    let mut git = Command::new("git");
    git.current_dir(folder).args(["-c", "user.name=A", "-c", "user.email=a@example.org"]);
    git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
    let output = git.args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn manifests_folders_and_builds_are_accepted() {
    let site = changed();
    let expected = diff(&site, "old", "new");
    for (old, new) in [
        ("old/manifest.json", "new/manifest.json"),
        ("old/manifest.json", "new"),
        ("old", "dist"),
        ("./old/", "dist/"),
    ] {
        let report = diff(&site, old, new);
        assert_eq!(routes(&report), routes(&expected), "{old} {new}");
        assert_eq!(report["totals"], expected["totals"], "{old} {new}");
        assert_eq!(report["rules"], expected["rules"], "{old} {new}");
    }
}

#[test]
fn a_manifest_in_a_revision_of_git_is_read() {
    let site = site();
    let project = site.project();
    pack(&site, "packed");
    git(project, &["init", "--quiet"]);
    git(project, &["add", "packed/manifest.json"]);
    git(project, &["commit", "--quiet", "--message", "keep the manifest"]);
    git(project, &["tag", "v1"]);
    site.write("new.txt", "new");
    pack(&site, "packed");
    for old in ["v1:packed/manifest.json", "v1:packed", "v1:packed/", "HEAD:packed"] {
        let report = diff(&site, old, "packed");
        assert_eq!(routes(&report), [("added", "/new.txt")], "{old}");
    }
    // Paths are relative to the current folder.
    let (code, stdout, _) = parts(&run(
        &project.join("packed"),
        &["diff", "v1:manifest.json", ".", "--format", "json"],
    ));
    assert_eq!(code, 0);
    assert!(stdout.contains("/new.txt"));
}

#[test]
fn what_is_not_a_packed_site_is_named_with_a_remedy() {
    let site = changed();
    let project = site.project();
    fs::write(project.join("other.json"), "{}").unwrap();
    let newer = fs::read_to_string(project.join("new/manifest.json")).unwrap();
    let newer = newer.replacen("\"version\": 1", "\"version\": 9", 1);
    fs::write(project.join("newer.json"), newer).unwrap();
    let manifest = fs::read_to_string(project.join("new/manifest.json")).unwrap();
    fs::write(project.join("cut.json"), &manifest[..manifest.len() / 2]).unwrap();
    fs::create_dir(project.join("empty")).unwrap();
    for (name, expected) in [
        ("nowhere", "does not exist; name a manifest, a folder, or `REVISION:PATH`"),
        ("other.json", "it is not a manifest that worker-pack wrote"),
        ("newer.json", "a newer worker-pack wrote it (version 9 of the format"),
        ("cut.json", "`cut.json` is not valid: "),
        ("empty", "contains no public file"),
        ("main:nowhere.json", "is not a manifest in a revision of git"),
        ("--upload-pack=x:y", "unexpected argument"),
        ("-x:y", "unexpected argument"),
    ] {
        let (code, stdout, stderr) = parts(&run(project, &["diff", "old", name]));
        assert_ne!(code, 0, "{name}");
        assert_eq!(stdout, "", "{name}");
        assert!(stderr.contains(expected), "{name}: {stderr}");
    }
}

#[test]
fn a_manifest_without_rules_is_compared_without_them() {
    let site = changed();
    let path = site.project().join("old/manifest.json");
    let mut manifest: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    manifest.as_object_mut().unwrap().remove("rules");
    fs::write(&path, serde_json::to_string_pretty(&manifest).unwrap()).unwrap();
    let report = diff(&site, "old", "new");
    assert_eq!(report["withoutRules"], "old");
    assert_eq!(report["rules"], serde_json::json!([]));
    let (_, stdout, _) = parts(&run(site.project(), &["diff", "old", "new"]));
    assert!(stdout.contains("rules are not compared: an earlier worker-pack wrote `old`"));
}
