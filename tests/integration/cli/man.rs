//! `worker-pack man`.

use std::fs;

use super::{parts, run, small_site};

#[test]
fn the_manual_page_describes_the_command() {
    let site = small_site();
    let (code, page, stderr) = parts(&run(site.project(), &["man"]));
    assert_eq!((code, &*stderr), (0, ""));
    assert!(page.contains(".TH worker-pack 1"), "{page}");
    assert!(page.contains("Pack an Astro build"), "{page}");
    assert!(page.contains("Exit codes: 0"), "{page}");
}

#[test]
fn the_manual_has_a_page_for_each_command() {
    let site = small_site();
    let folder = site.project().join("share/man/man1");
    let folder = folder.to_str().unwrap();
    let (code, stdout, stderr) = parts(&run(site.project(), &["man", "--out", folder]));
    assert_eq!((code, &*stdout, &*stderr), (0, "", ""));
    let mut pages: Vec<_> =
        fs::read_dir(folder).unwrap().map(|page| page.unwrap().file_name()).collect();
    pages.sort();
    assert!(pages.contains(&"worker-pack.1".into()), "{pages:?}");
    assert!(pages.contains(&"worker-pack-build.1".into()), "{pages:?}");
    let page = fs::read_to_string(format!("{folder}/worker-pack-build.1")).unwrap();
    assert!(page.contains("\\-\\-effort"), "{page}");
}

#[test]
fn a_folder_of_pages_that_cannot_be_written_is_named() {
    let site = small_site();
    let (code, _, stderr) = parts(&run(site.project(), &["man", "--out", "dist/data.json"]));
    assert_eq!(code, 1);
    assert!(stderr.contains("cannot write into `dist/data.json`"), "{stderr}");
}
