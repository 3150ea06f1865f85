//! Dictionaries from the cache, and after a change of a page.

use std::fs;
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

/// Returns the results in a cache that belong to dictionaries: those with a body that begins like one, and the rest
/// that a pack without dictionaries lacks.
fn results(cache: &Path) -> Vec<PathBuf> {
    let mut files = files_below(cache);
    files.retain(|file| file.components().count() > 1);
    files.sort();
    files
}

#[test]
fn a_second_run_takes_dictionaries_from_the_cache() {
    let (site, cache) = (alike(&[]), tempfile::TempDir::new().unwrap());
    let cold = emit(&site, cache.path());
    let stored: Vec<_> = results(cache.path());
    let states: Vec<_> =
        stored.iter().map(|file| fs::metadata(cache.path().join(file)).unwrap().len()).collect();
    let warm = emit(&site, cache.path());
    assert!(warm == cold);
    assert_eq!(results(cache.path()), stored);
    assert_eq!(states.len(), stored.len());
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
    for file in results(cache.path()) {
        let path = cache.path().join(file);
        let mut bytes = fs::read(&path).unwrap();
        if let Some(last) = bytes.last_mut() {
            *last ^= 1;
            fs::write(&path, bytes).unwrap();
        }
    }
    assert!(emit(&site, cache.path()) == cold);
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
