//! The npm package, with the sites that Astro builds.

use super::packed_site::ENGINE;
use crate::support::xtask;

#[test]
fn the_npm_package_packs_astro_builds() {
    let program = ["npm", "--test", "--binary", env!("CARGO_BIN_EXE_worker-pack")];
    let engine = ENGINE.display().to_string();
    let (stdout, stderr) = xtask::run_with(&program, &[("WORKER_PACK_ENGINE", engine)]);
    assert!(stderr.contains("# fail 0\n"), "{stdout}{stderr}");
}
