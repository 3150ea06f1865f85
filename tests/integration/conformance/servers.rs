//! Cloudflare's current servers from npm.

use crate::support::xtask;

/// `cargo xtask oracle --rounds N` runs longer.
#[test]
fn serve_and_packed_workers_match_cloudflares_servers() {
    let binary = env!("CARGO_BIN_EXE_worker-pack");
    let options = ["--binary", binary, "--rounds", "3", "--requests", "250", "--seed", "7"];
    let (stdout, _) = xtask::run(&[&["oracle"], &options[..]].concat());
    assert!(stdout.ends_with("2250 answers are the same\n"), "{stdout}");
}
