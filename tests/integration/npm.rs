//! The npm package, from its tarballs, in real Astro projects.

use std::process::Command;

use crate::worker::real_engine;

#[test]
fn the_package_packs_what_astro_builds() {
    let output = Command::new(env!("CARGO"))
        .args(["xtask", "npm", "--test", "--binary", env!("CARGO_BIN_EXE_worker-pack")])
        .env("WORKER_PACK_ENGINE", real_engine())
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let (stdout, stderr) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{stdout}{stderr}");
    assert!(stderr.contains("# fail 0") || stderr.contains("ℹ fail 0"), "{stdout}{stderr}");
}
