//! The cache: reuse, damage, sharing, size.

mod failure;
mod folder;
mod forged;
mod reuse;
mod sharing;
mod size;

use std::path::PathBuf;
use std::process::Output;

use serde_json::Value;

use crate::support::site::{Site, files_below, program};

/// Runs `build` on a site with JSON output.
pub(crate) fn build(site: &Site, arguments: &[&str]) -> Output {
    program()
        .env("WORKER_PACK_CACHE_DIR", site.project().join("cache"))
        .args(["build", "dist", "--out", "out", "--format", "json", "--timings"])
        .args(arguments)
        .current_dir(site.project())
        .output()
        .unwrap()
}

/// Runs `build` and returns its report. Panics if the build fails.
pub(crate) fn report(site: &Site, arguments: &[&str]) -> Value {
    let output = build(site, arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Returns the files that a run processed, sorted.
pub(crate) fn processed(report: &Value) -> Vec<&str> {
    let files = report["timings"]["files"].as_array().unwrap().iter();
    let mut files: Vec<&str> = files.map(|file| file["file"].as_str().unwrap()).collect();
    files.sort_unstable();
    files
}

/// Returns the paths of the cached results.
pub(crate) fn results(site: &Site) -> Vec<PathBuf> {
    let folder = site.project().join("cache/v1/results");
    files_below(&folder).into_iter().map(|path| folder.join(path)).collect()
}
