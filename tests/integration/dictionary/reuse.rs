//! Dictionaries from the cache, and after a change of a page.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use worker_pack::cache::CacheLocation;
use worker_pack::{Changes, Target};

use super::pages::{alike, dictionaries, options, page};
use crate::support::site::{Site, contents, files_below};

fn emit(site: &Site, cache: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let _ = fs::remove_dir_all(site.out());
    let packing = site.packing(options()).cache(CacheLocation::Folder(cache.to_owned()));
    packing.target(Target::RustModule(site.out())).emit().unwrap();
    contents(&site.out()).into_iter().collect()
}

/// Returns the results in a cache that belong to dictionaries, each with its inode: bodies that are encoded with one,
/// and the choice of a page. A result that is made again is another inode.
fn results(cache: &Path) -> BTreeMap<PathBuf, u64> {
    let files = files_below(cache).into_iter().map(|file| cache.join(file));
    let is_result = |file: &PathBuf| {
        let bytes = fs::read(file).unwrap();
        let has = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
        has(b"\xff\x44\x43\x42") || has(b"{\"chosen\":")
    };
    let results = files.filter(is_result);
    results.map(|file| (file.clone(), fs::metadata(&file).unwrap().ino())).collect()
}

#[test]
fn a_second_run_takes_dictionaries_from_the_cache() {
    let (site, cache) = (alike(&[]), tempfile::TempDir::new().unwrap());
    let cold = emit(&site, cache.path());
    let stored = results(cache.path());
    assert_eq!(stored.len(), 7, "six bodies and a choice");
    let warm = emit(&site, cache.path());
    assert!(warm == cold);
    assert_eq!(results(cache.path()), stored);
}

#[test]
fn a_run_without_a_cache_makes_the_same_dictionaries() {
    let (site, cache) = (alike(&[]), tempfile::TempDir::new().unwrap());
    let with_cache = emit(&site, cache.path());
    let _ = fs::remove_dir_all(site.out());
    site.emit(options()).unwrap();
    let without: Vec<_> = contents(&site.out()).into_iter().collect();
    assert!(with_cache == without);
}

#[test]
fn damaged_results_are_made_again() {
    let (site, cache) = (alike(&[]), tempfile::TempDir::new().unwrap());
    let cold = emit(&site, cache.path());
    let stored = results(cache.path());
    for path in stored.keys() {
        let mut bytes = fs::read(path).unwrap();
        if let Some(last) = bytes.last_mut() {
            *last ^= 1;
            fs::write(path, bytes).unwrap();
        }
    }
    assert!(emit(&site, cache.path()) == cold);
    let again = results(cache.path());
    assert!(again.iter().all(|(path, inode)| stored.get(path) != Some(inode)), "all are new");
    assert_eq!(again.len(), stored.len());
}

#[test]
fn a_live_pack_announces_the_new_dictionary_alone_after_a_change() {
    let site = alike(&[]);
    let mut live = site.packing(options()).target(Target::RustModule(site.out())).live().unwrap();
    let first = live.emit(&Changes::Anything).unwrap().report().dictionaries.clone();
    let name = &first[0].file;
    site.write(name, page(1, "", 99));
    let changes = Changes::Files([site.dist().join(name)].into());
    let emitted = live.emit(&changes).unwrap();
    let second = &emitted.report().dictionaries;
    assert_eq!(second.len(), 1);
    assert_ne!(first[0].url, second[0].url);
    assert_eq!(second[0].announced, 6);
    let whole = site.pack_with(options());
    assert_eq!(*second, whole.report().dictionaries);
    let module = fs::read_to_string(site.out().join("manifest.json")).unwrap();
    assert!(!module.contains(&first[0].url), "the old one is gone");
    assert_eq!(dictionaries(whole.table()).len(), 1);
}
