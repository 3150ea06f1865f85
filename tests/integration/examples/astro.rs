//! The example blog is what the real Astro builds from its sources.

use std::process::Command;

#[test]
fn the_committed_build_is_what_astro_builds_today() {
    let output = Command::new(env!("CARGO"))
        .args(["xtask", "blog", "--check"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}{stderr}", String::from_utf8_lossy(&output.stdout));
    assert!(stderr.contains("files of the blog are what Astro builds"), "{stderr}");
}
