//! Sites that deploy as they are: no warning, and no error.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use worker_pack::cache::CacheLocation;
use worker_pack::report::{Code, Diagnostic, Severity};
use worker_pack::target::{Engine, WorkerTarget};
use worker_pack::{Inspection, Target};

use super::project::Project;
use crate::support::site::{blog, shared_cache};
use crate::support::xtask;

/// Returns the errors and warnings of a site.
fn problems(dist: &Path) -> Vec<Diagnostic> {
    let out = dist.with_file_name("dist-worker-of-check");
    let target = WorkerTarget { out, engine: Engine::stand_in(), options: <_>::default() };
    let inspection = Inspection::of(dist)
        .target(Target::Worker(target))
        .cache(CacheLocation::Folder(shared_cache()));
    let report = inspection.run().unwrap();
    assert!(report.files > 0);
    report.findings.into_iter().filter(|one| one.severity != Severity::Note).collect()
}

/// Returns the builds that a task prints, one in a line.
fn builds(task: &str) -> Vec<PathBuf> {
    let (stdout, _) = xtask::run(&[task]);
    stdout.lines().map(PathBuf::from).filter(|path| path.is_dir()).collect()
}

#[test]
fn the_example_blog_is_silent() {
    assert_eq!(problems(&blog()), []);
}

#[test]
fn the_built_examples_with_servers_are_silent() {
    let all = builds("astro-ssr");
    assert_eq!(all.len(), 2, "{all:?}");
    for dist in all {
        assert_eq!(problems(&dist), [], "{}", dist.display());
    }
}

#[test]
fn a_site_of_documents_is_silent() {
    let (stdout, _) = xtask::run(&["docs-site", "--pages", "20"]);
    assert_eq!(problems(Path::new(stdout.trim())), []);
}

/// The schema of the wrangler that the examples install.
#[test]
fn the_schema_of_the_real_wrangler_finds_what_it_refuses() {
    let dist = builds("astro-ssr").remove(0);
    let wrangler = dist.with_file_name("node_modules").join("wrangler");
    let schema = fs::read_to_string(wrangler.join("config-schema.json")).unwrap();
    let package = fs::read_to_string(wrangler.join("package.json")).unwrap();
    let package: Value = serde_json::from_str(&package).unwrap();
    let version = serde_json::json!({ "version": package["version"] }).to_string();
    let project = Project::new(
        &[("package.json", r#"{ "devDependencies": { "wrangler": "4" } }"#)],
        &[
            ("dist/index.html", super::project::PAGE),
            ("dist/404.html", super::project::PAGE),
            (
                "wrangler.jsonc",
                r#"{
  "name": "tide",
  "usage_model": "bundled",
  "ratelimits": [{ "name": "R", "namespace_id": "1", "simple": { "limit": 1, "period": 30 } }],
  "env": { "staging": { "ratelimits": [], "kv_namespaces": [{ "bindng": "A" }] } }
}"#,
            ),
            ("node_modules/wrangler/package.json", &version),
            ("node_modules/wrangler/config-schema.json", &schema),
        ],
    );
    let found = project.findings();
    let is_of_schema = |one: &&Diagnostic| one.code == Code::ProjectConfigSchema;
    let lines: Vec<usize> =
        found.iter().filter(is_of_schema).map(|one| one.excerpt.as_ref().unwrap().line).collect();
    assert_eq!(lines, [3, 4, 5, 5], "{found:#?}");
}
