//! The folder of the cache: access, owners, links, files of others.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::Path;

use worker_pack::Options;

use super::{report, results};
use crate::support::site::{FILES, Site, contents, files_below};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o777
}

#[test]
fn the_cache_is_for_its_user_alone() {
    let site = Site::new(&FILES);
    report(&site, &[]);
    let cache = site.project().join("cache");
    assert_eq!([mode(&cache), mode(&cache.join("v1"))], [0o700; 2]);
    for path in results(&site) {
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    }
    fs::set_permissions(cache.join("v1"), fs::Permissions::from_mode(0o777)).unwrap();
    site.write("index.html", "<p>changed");
    report(&site, &[]);
    assert_eq!(mode(&cache.join("v1")), 0o700);
}

#[test]
fn a_cache_of_another_user_is_refused() {
    const OTHER: u32 = 65_534;
    for folder in ["cache", "cache/v1"] {
        let site = Site::new(&FILES);
        report(&site, &[]);
        let output = contents(&site.out());
        if chown(site.project().join(folder), Some(OTHER), None).is_err() {
            eprintln!("SKIPPED: only root can give files away");
            return;
        }
        let before = contents(&site.project().join("cache"));
        fs::remove_dir_all(site.out()).unwrap();
        let diagnostics = report(&site, &[])["diagnostics"].to_string();
        assert!(diagnostics.contains("belongs to user 65534"), "{diagnostics}");
        assert!(diagnostics.contains("set `cache-dir`"), "{diagnostics}");
        assert!(diagnostics.contains("cache/unusable"), "{diagnostics}");
        assert_eq!(contents(&site.out()), output);
        assert_eq!(contents(&site.project().join("cache")), before);
    }
}

#[test]
fn links_in_the_cache_are_not_followed() {
    let filled = Site::new(&FILES);
    report(&filled, &[]);
    let cache = filled.project().join("cache");
    let mut names = files_below(&cache);
    let above: Vec<_> =
        names.iter().flat_map(|name| name.ancestors()).map(Path::to_owned).collect();
    names.extend(above);
    names.retain(|name| !name.as_os_str().is_empty() && !name.ends_with("CACHEDIR.TAG"));
    names.sort();
    names.dedup();
    for name in names {
        let site = Site::new(&FILES);
        let elsewhere = site.project().join("elsewhere");
        fs::create_dir(&elsewhere).unwrap();
        let path = site.project().join("cache").join(&name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        // The same results, but elsewhere: nothing may be added to them or removed.
        for file in files_below(&cache) {
            if let Ok(below) = file.strip_prefix(&name) {
                let copy = elsewhere.join("target").join(below);
                let copy =
                    if below.as_os_str().is_empty() { elsewhere.join("target") } else { copy };
                fs::create_dir_all(copy.parent().unwrap()).unwrap();
                fs::copy(cache.join(&file), copy).unwrap();
            }
        }
        symlink(elsewhere.join("target"), &path).unwrap();
        let before = contents(&elsewhere);
        report(&site, &[]);
        let _ = worker_pack::cache::clean(&site.project().join("cache"));
        let out = contents(&site.out());
        assert_eq!(contents(&elsewhere), before, "{}", name.display());
        fs::remove_dir_all(site.out()).unwrap();
        site.emit(Options::default()).unwrap();
        assert_eq!(contents(&site.out()), out, "{}", name.display());
    }
}

#[test]
fn cleaning_removes_only_results() {
    let site = Site::new(&FILES);
    report(&site, &[]);
    let cache = site.project().join("cache");
    let own =
        ["v1/results/notes.txt", "v1/results/ab/notes.txt", "v1/results/mine/file", "notes.txt"];
    for name in own {
        let path = cache.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "mine").unwrap();
    }
    assert!(worker_pack::cache::clean(&cache).unwrap().results > 0);
    assert_eq!(results(&site).len(), 3);
    for name in own {
        assert_eq!(fs::read_to_string(cache.join(name)).unwrap(), "mine");
    }
}
