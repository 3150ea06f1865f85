//! The packages of the crates that are to be published.

use std::path::Path;
use std::process::Command;

use crate::support::site::files_below;

/// Runs `cargo package` with arguments, and returns what it prints.
fn package(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(["package", "--offline", "--allow-dirty", "--target-dir"])
        .arg(Path::new(env!("CARGO_TARGET_TMPDIR")).join("package"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn both_crates_can_be_packaged_and_the_runtime_compiles_from_its_package() {
    package(&["--package", "worker-pack-runtime"]);
    // Compiling the packer again would take minutes. Its files are compared below.
    package(&["--package", "worker-pack-runtime", "--package", "worker-pack", "--no-verify"]);
}

#[test]
fn the_package_contains_every_file_that_the_library_compiles() {
    let listed = package(&["--package", "worker-pack", "--list"]);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sources = files_below(&root.join("src")).into_iter();
    let sources = sources.map(|file| format!("src/{}", file.display()));
    let others = ["build.rs", "docs/diagnostics.md", "README.md", "LICENSE-MIT"];
    for file in sources.chain(others.map(str::to_owned)) {
        assert!(listed.lines().any(|line| line == file), "{file} is missing");
    }
    for folder in ["tests/", "xtask/", "npm/", "examples/"] {
        assert!(!listed.lines().any(|line| line.starts_with(folder)), "{folder} is packaged");
    }
}
