//! The library in a build script: `examples/build-script`.

use std::process::Command;

/// Builds the example. Returns whether it was up to date already, and the path of the program.
fn build() -> (bool, String) {
    let output = Command::new(env!("CARGO"))
        .args(["build", "--release", "--offline", "--package", "build-script-example"])
        .args(["--message-format", "json"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{stderr}");
    let stdout = String::from_utf8(output.stdout).unwrap();
    let artifact = stdout
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .find(|message| message["executable"].is_string() && message["target"]["kind"][0] == "bin")
        .expect("Cargo reports the program");
    let executable = artifact["executable"].as_str().unwrap().to_owned();
    (artifact["fresh"] == true, executable)
}

#[test]
fn the_build_script_example_runs_and_is_not_rebuilt_without_changes() {
    let (_, executable) = build();
    let answer = Command::new(&executable).arg("/about").output().unwrap();
    let answer = String::from_utf8(answer.stdout).unwrap();
    assert!(answer.starts_with("308\nLocation: /about/\n"), "{answer}");
    let (fresh, _) = build();
    assert!(fresh, "Cargo rebuilt the example without a change");
}
