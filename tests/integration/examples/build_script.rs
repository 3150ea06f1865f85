//! The library in a build script: `examples/build-script`. Its own tests check the packed table.

use std::process::Command;

use serde_json::Value;

/// Returns whether the example is up to date for Cargo.
///
/// Cargo is asked to build what it runs these tests from. Another selection of packages would compile
/// the dependencies again, with other features.
fn is_fresh() -> bool {
    let output = Command::new(env!("CARGO"))
        .args(["test", "--release", "--offline", "--workspace", "--no-run"])
        .args(["--message-format", "json"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{stderr}");
    let stdout = String::from_utf8(output.stdout).unwrap();
    let mut messages = stdout.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let artifact = messages.find(|message| {
        message["executable"].is_string() && message["target"]["name"] == "build-script-example"
    });
    artifact.expect("Cargo reports the example")["fresh"] == true
}

#[test]
fn the_build_script_example_is_not_rebuilt_without_changes() {
    is_fresh();
    assert!(is_fresh(), "Cargo rebuilt the example without a change");
}
