//! The library in build scripts: `examples/build-script`, whose own tests check the packed table, and
//! `tests/programs/build-script`, which makes dictionaries.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::site::{blog, contents, program};

/// Returns the messages of Cargo about everything that it builds for the tests.
///
/// Cargo is asked to build what it runs these tests from. Another selection of packages would compile
/// the dependencies again, with other features.
fn messages() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args(["test", "--release", "--offline", "--workspace", "--no-run"])
        .args(["--message-format", "json"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{stderr}");
    let stdout = String::from_utf8(output.stdout).unwrap();
    stdout.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

/// Returns whether the example is up to date for Cargo.
fn is_fresh() -> bool {
    let artifact = messages().into_iter().find(|message| {
        message["executable"].is_string() && message["target"]["name"] == "build-script-example"
    });
    artifact.expect("Cargo reports the example")["fresh"] == true
}

#[test]
fn the_build_script_example_is_not_rebuilt_without_changes() {
    is_fresh();
    assert!(is_fresh(), "Cargo rebuilt the example without a change");
}

/// Its library has the feature `dictionaries` only.
#[test]
fn a_build_script_with_dictionaries_writes_the_bytes_of_the_command() {
    let messages = messages();
    let is_of_script = |message: &&Value| {
        let package = message["package_id"].as_str().unwrap_or_default();
        message["reason"] == "build-script-executed"
            && package.contains("tests/programs/build-script")
    };
    let script = messages.iter().find(is_of_script).expect("Cargo reports the build script");
    let of_script = contents(&PathBuf::from(script["out_dir"].as_str().unwrap()));

    let folder = tempfile::TempDir::new().unwrap();
    let out = folder.path().join("out");
    let mut command = program();
    command.args(["build", "--quiet", "--target=rust", "--dictionaries=pages"]);
    let output = command.arg(blog()).arg("--out").arg(&out).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    let manifest = String::from_utf8_lossy(&of_script[Path::new("manifest.json")]).into_owned();
    assert!(manifest.contains("/_worker-pack/dictionary."), "{manifest}");
    assert_eq!(of_script.keys().collect::<Vec<_>>(), contents(&out).keys().collect::<Vec<_>>());
    assert!(of_script == contents(&out), "the bytes of some file differ");
}
