//! The size limit of the cache.

use std::fs::{self, File};
use std::path::PathBuf;

use super::{processed, report, results};
use crate::support::site::{FILES, PROSE, Site, contents};

#[test]
fn a_full_cache_evicts_the_least_recently_used_results() {
    let site = Site::new(&FILES);
    // Larger than a quarter of the cache, the least that a sweep removes.
    site.write(
        "prose.txt",
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/diagnostics.md")),
    );
    report(&site, &[]);
    let len = |path: &PathBuf| fs::metadata(path).unwrap().len();
    let prose = results(&site).into_iter().max_by_key(len).unwrap();
    // All results are old; the next run uses all but that of `prose.txt`.
    for path in results(&site) {
        let long_ago = std::time::SystemTime::UNIX_EPOCH;
        File::options().write(true).open(path).unwrap().set_modified(long_ago).unwrap();
    }
    fs::remove_file(site.dist().join("prose.txt")).unwrap();
    for number in 0..2 {
        site.write(&format!("{number}.txt"), format!("{number} {PROSE}"));
    }
    report(&site, &[]);
    let output = contents(&site.out());
    let size = || results(&site).iter().map(len).sum::<u64>();
    let limit = size() - 1;
    fs::write(site.project().join("worker-pack.toml"), format!("cache-size = \"{limit} B\"\n"))
        .unwrap();
    assert!(prose.exists());
    assert_eq!(
        processed(&report(&site, &["--strictness", "strict"])),
        [""; 0],
        "results in use are still there"
    );
    assert!(!prose.exists() && size() < limit);
    fs::remove_dir_all(site.out()).unwrap();
    report(&site, &[]);
    assert_eq!(contents(&site.out()), output);
}
