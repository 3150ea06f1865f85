//! Reuse of results: which files a second run works on.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;
use worker_pack::cache::CacheLocation;
use worker_pack::report::{Progress, Stage};
use worker_pack::{Options, Pack, Target};

use super::{processed, report};
use crate::support::site::{FILES, PROSE, Site, contents};

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
        processed(&report(&site, &["--strictness", "strict", "--rule", "/app.js cache=immutable"])),
        [""; 0]
    );
    let others = ["--rule", "/prose.txt minify=html", "--rule", "/photo.jpg encodings=gzip"];
    assert_eq!(processed(&report(&site, &others)), [""; 0]);
    let one = ["--rule", "/app.js minify=off", "--rule", "/prose.txt encodings=off"];
    assert_eq!(processed(&report(&site, &one)), ["app.js", "prose.txt"]);
    let unminified = report(&site, &["--minify", "off"]);
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

/// Changes a file of the site once, after it has been packed and before its bytes are written.
#[derive(Debug)]
struct ChangedOnce {
    path: PathBuf,
    is_done: AtomicBool,
}

impl Progress for ChangedOnce {
    fn started(&self, stage: Stage, _: u64) {
        if stage == Stage::Output && !self.is_done.swap(true, Ordering::Relaxed) {
            fs::write(&self.path, "changed").unwrap();
        }
    }

    fn advanced(&self, _: u64) {}
}

#[test]
fn a_file_that_changes_during_a_pack_does_not_cost_the_results_of_the_others() {
    let site = Site::new(&FILES);
    site.write("photo.jpg", "as it was");
    let cache = CacheLocation::Folder(site.project().join("cache"));
    let pack = |out: &str| {
        let target = Target::RustModule(site.project().join(out));
        Pack::from_dir(site.dist()).cache(cache.clone()).target(target)
    };
    assert!(!pack("one").emit().unwrap().timings().files.is_empty());
    let path = site.dist().join("photo.jpg");
    let changing = Arc::new(ChangedOnce { path, is_done: AtomicBool::new(false) });
    let emitted = pack("two").progress(changing).emit().unwrap();
    let worked_on = &emitted.timings().files;
    assert!(worked_on.is_empty(), "{worked_on:?}");
    pack("three").emit().unwrap();
    let written = |out: &str| contents(&site.project().join(out));
    assert!(written("two") == written("three") && written("one") != written("two"));
}

#[test]
fn equal_files_with_a_diagnostic_share_a_result_under_their_own_names() {
    let page = format!("<!doctype html><script>let = ;</script><p>{PROSE}");
    let names = ["a.html", "b/a-longer-name-than-that.html", "index.html"];
    let site = Site::new(&names.map(|name| (name, &page)));
    let cache = CacheLocation::Folder(site.project().join("cache"));
    for _ in 0..2 {
        let pack = site.packing(Options::default()).cache(cache.clone());
        let emitted = pack.target(Target::RustModule(site.out())).emit().unwrap();
        let found = emitted.report().diagnostics.iter();
        let found: Vec<&str> = found.map(|one| one.file.as_str()).collect();
        assert_eq!(found, names);
        fs::remove_dir_all(site.out()).unwrap();
    }
}
