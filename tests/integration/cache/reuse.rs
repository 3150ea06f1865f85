//! Reuse of results: which files a second run works on.

use std::fs;

use serde_json::Value;

use super::{processed, report};
use crate::support::site::{FILES, Site, contents};

#[test]
fn cached_results_are_reused() {
    let site = Site::new(&FILES);
    let cold = report(&site, &[]);
    assert_eq!(processed(&cold), ["app.js", "index.html", "prose.txt", "two/index.html"]);
    let output = contents(&site.out());
    fs::remove_dir_all(site.out()).unwrap();
    let warm = report(&site, &[]);
    assert_eq!(processed(&warm), [""; 0]);
    assert_eq!(contents(&site.out()), output);
    assert_eq!(warm["files"], cold["files"]);
    assert_eq!(warm["diagnostics"], cold["diagnostics"]);
}

#[test]
fn only_changed_files_are_processed() {
    let site = Site::new(&FILES);
    report(&site, &[]);
    site.write("two/index.html", "<h1>Second</h1>");
    assert_eq!(processed(&report(&site, &[])), ["two/index.html"]);
    site.write("three.html", "<h1>Three</h1>");
    assert_eq!(processed(&report(&site, &[])), ["three.html"]);
}

#[test]
fn a_script_is_processed_again_when_a_page_loads_it_differently() {
    let site = Site::new(&FILES);
    report(&site, &[]);
    site.write("index.html", "<script type=module src=/app.js></script>");
    assert_eq!(processed(&report(&site, &[])), ["app.js", "index.html"]);
}

#[test]
fn results_depend_only_on_options_that_affect_the_file() {
    let site = Site::new(&FILES);
    report(&site, &[]);
    assert_eq!(
        processed(&report(
            &site,
            &["--strictness", "strict", "--cache-policy", "/app.js=immutable"]
        )),
        [""; 0]
    );
    let unminified = report(&site, &["--minify", "none"]);
    assert_eq!(processed(&unminified), ["app.js", "index.html", "two/index.html"]);
    assert_eq!(processed(&report(&site, &["--encodings", "br,gzip"])).len(), 4);
    assert_eq!(processed(&report(&site, &[])), [""; 0]);
}

#[test]
fn results_of_a_higher_effort_are_reused_at_a_lower_one() {
    let site = Site::new(&FILES);
    let sent = |report: &Value| report["totals"]["sent"].as_u64().unwrap();
    let fast = report(&site, &["--effort", "fast"]);
    let max = report(&site, &[]);
    assert_eq!(processed(&max).len(), 4);
    assert!(sent(&max) < sent(&fast), "{} and {}", sent(&max), sent(&fast));
    let output = contents(&site.out());
    for effort in ["balanced", "fast"] {
        assert_eq!(processed(&report(&site, &["--effort", effort])), [""; 0]);
        assert_eq!(contents(&site.out()), output);
    }
}
