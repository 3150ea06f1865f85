//! `--help`.

use super::{parts, run, small_site};

#[test]
fn help_lists_every_option_and_the_exit_codes() {
    let site = small_site();
    let (code, stdout, _) = parts(&run(site.project(), &["build", "--help"]));
    assert_eq!(code, 0);
    insta::assert_snapshot!("help", stdout);
    let (code, stdout, _) = parts(&run(site.project(), &["--help"]));
    assert_eq!(code, 0);
    assert!(stdout.contains("Exit codes: 0"), "{stdout}");
}

#[test]
fn help_of_weigh_lists_its_options() {
    let site = small_site();
    let (code, stdout, _) = parts(&run(site.project(), &["weigh", "--help"]));
    assert_eq!(code, 0);
    insta::assert_snapshot!("help_weigh", stdout);
}

#[test]
fn help_of_probe_lists_its_options() {
    let site = small_site();
    let (code, stdout, _) = parts(&run(site.project(), &["probe", "--help"]));
    assert_eq!(code, 0);
    insta::assert_snapshot!("help_probe", stdout);
}
