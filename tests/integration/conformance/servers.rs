//! Cloudflare's servers as they answer today.

/// Cloudflare's servers from npm, asked here and now. A longer run is a matter of `--rounds`.
#[test]
fn serve_matches_cloudflares_servers() {
    let binary = env!("CARGO_BIN_EXE_worker-pack");
    let options = ["--binary", binary, "--rounds", "3", "--requests", "250", "--seed", "7"];
    let (printed, _) = crate::support::xtask::run(&[&["oracle"], &options[..]].concat());
    assert!(printed.ends_with("1500 answers are the same\n"), "{printed}");
}
