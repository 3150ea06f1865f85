//! `worker-pack cache`.

use std::fs;
use std::path::Path;

use crate::cache::{processed, report, results};
use crate::support::site::{FILES, Site, program};

#[test]
fn path_stats_and_clean_use_the_chosen_cache() {
    let site = Site::new(&FILES);
    let cache = |arguments: &[&str]| {
        let output = program()
            .env("WORKER_PACK_CACHE_DIR", "")
            .env_remove("OUT_DIR")
            .arg("cache")
            .args(arguments)
            .current_dir(site.project())
            .output()
            .unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
    };
    let (_, elsewhere, _) = cache(&["path"]);
    assert!(Path::new(&elsewhere).ends_with("worker-pack"), "{elsewhere}");
    fs::create_dir_all(site.project().join("node_modules/some-package")).unwrap();
    let (_, elsewhere, _) = cache(&["path"]);
    assert!(!elsewhere.contains("node_modules"), "{elsewhere}");
    fs::write(site.project().join("package.json"), "{}").unwrap();
    let (_, in_project, _) = cache(&["path"]);
    assert!(Path::new(&in_project).ends_with("node_modules/.cache/worker-pack"), "{in_project}");
    assert_eq!(cache(&["path", "--cache-dir", "x"]).1, "x");
    let (code, _, none) = cache(&["path", "--cache-dir", "none"]);
    assert_eq!((code, none.as_str()), (2, "error: there is no cache: `cache-dir` is `none`"));

    report(&site, &[]);
    let folder = ["--cache-dir", "cache"];
    let (_, stats, _) = cache(&["stats", folder[0], folder[1]]);
    assert_eq!(
        stats.split(", ").next(),
        Some(&*format!("cache: {} results", results(&site).len()))
    );
    fs::write(site.project().join("cache/mine"), "mine").unwrap();
    let (code, cleaned, _) = cache(&["clean", folder[0], folder[1]]);
    assert_eq!((code, cleaned), (0, stats.replace("cache: ", "cache: removed ")));
    assert!(cache(&["stats", folder[0], folder[1]]).1.starts_with("cache: 0 results"));
    assert_eq!(fs::read_to_string(site.project().join("cache/mine")).unwrap(), "mine");
    assert_eq!(processed(&report(&site, &[])).len(), 4);
}
