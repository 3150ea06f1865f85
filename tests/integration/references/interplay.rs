//! Fingerprints beside the other options and the rules of a site.

use std::collections::BTreeSet;
use worker_pack::options::{Keep, KeepBounds, PathRule};
use worker_pack::report::NameReason;
use worker_pack::{Changes, Options, Target};

use super::{PICTURE, fingerprinted, options, pack, reason, served};
use crate::support::site::{Site, get};

#[test]
fn a_file_that_a_rule_treats_by_its_name_keeps_it() {
    let packed = |rules: (&str, &str)| {
        pack(&[("index.html", "<img src=/i/a.svg>"), ("i/a.svg", PICTURE), rules])
    };
    for rules in [
        ("_headers", "/i/a.svg\n  X-One: 1\n"),
        ("_redirects", "/i/a.svg /index.html 301\n"),
        ("_redirects", "/i/a.0* /index.html 302\n"),
    ] {
        assert_eq!(
            reason(&packed(rules), "/i/a.svg"),
            Some(NameReason::AnsweredOtherwise),
            "{rules:?}"
        );
    }
    for rules in [("_headers", "/i/*\n  X-One: 1\n"), ("_redirects", "/j/* /index.html 301\n")] {
        fingerprinted(&packed(rules), "/i/a.svg");
    }
}

#[test]
fn a_rule_by_path_that_sets_the_cache_policy_keeps_the_name() {
    let site = Site::new(&[("index.html", "<img src=/a.svg>"), ("a.svg", PICTURE)]);
    let rule: PathRule = "/a.svg cache=no-store".parse().unwrap();
    let packed = site.pack_with(Options { rule: vec![rule], ..options() });
    assert_eq!(reason(&packed, "/a.svg"), Some(NameReason::ByRule));
    let rule: PathRule = "/index.html minify=off".parse().unwrap();
    let packed = site.pack_with(Options { rule: vec![rule], ..options() });
    assert!(packed.report().fingerprints.is_empty(), "every byte of the page stays");
}

#[test]
fn a_file_that_the_server_would_answer_under_its_new_name_keeps_it() {
    let site = Site::new(&[
        ("client/index.html", "<img src=/i/a.svg><img src=/b.svg>"),
        ("client/i/a.svg", PICTURE),
        ("client/b.svg", PICTURE),
        ("server/entry.mjs", "export default {}"),
    ]);
    let config = r#"{ "assets": { "run_worker_first": ["/i/*", "!/i/a.svg"] } }"#;
    std::fs::write(site.project().join("wrangler.json"), config).unwrap();
    let packed = site.pack_with(options());
    assert_eq!(reason(&packed, "/i/a.svg"), Some(NameReason::AnsweredOtherwise));
    fingerprinted(&packed, "/b.svg");
}

#[test]
fn two_files_that_swap_their_bytes_swap_their_fingerprints() {
    let other = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 2 2\"/>";
    let names = |a: &str, b: &str| {
        let packed =
            pack(&[("index.html", "<img src=/a.svg><img src=/b.svg>"), ("a.svg", a), ("b.svg", b)]);
        (fingerprinted(&packed, "/a.svg"), fingerprinted(&packed, "/b.svg"))
    };
    let (before, after) = (names(PICTURE, other), names(other, PICTURE));
    assert_eq!(before.0.replace("/a.", "/b."), after.1);
    assert_eq!(before.1.replace("/b.", "/a."), after.0);
}

#[test]
fn earlier_builds_keep_the_fingerprints_that_their_pages_name() {
    let keep = Options { keep: Keep::EarlierBuilds(KeepBounds::default()), ..options() };
    let site = Site::new(&[("index.html", "<img src=/a.svg>"), ("a.svg", PICTURE)]);
    site.emit(keep.clone()).unwrap();
    let old = fingerprinted(&site.pack_with(options()), "/a.svg");
    site.write("a.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 2 2\"/>");
    let packed = site.packing(keep).target(Target::RustModule(site.out())).run().unwrap();
    let new = fingerprinted(&packed, "/a.svg");
    assert_ne!(old, new);
    let memory = packed.table().to_memory().unwrap();
    assert_eq!(get(&memory.table(), &old).status(), 200);
    assert_eq!(served(&packed, &old), PICTURE);
}

#[test]
fn a_live_pack_equals_a_fresh_one_when_a_picture_changes() {
    let site = Site::new(&[("index.html", "<img src=/a.svg>"), ("a.svg", PICTURE)]);
    let mut live = site.packing(options()).live().unwrap();
    live.emit(&Changes::Anything).unwrap();
    site.write("a.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 2 2\"/>");
    let changed = BTreeSet::from([site.dist().canonicalize().unwrap().join("a.svg")]);
    let packed = live.emit(&Changes::Files(changed)).unwrap();
    let fresh = site.pack_with(options());
    let report = |report: &worker_pack::Report| serde_json::to_value(report).unwrap();
    assert_eq!(report(packed.report()), report(fresh.report()));
    assert!(packed.table().unwrap().bytes() == fresh.table().to_memory().unwrap().bytes());
}

#[test]
fn a_second_pack_takes_rewritten_texts_from_the_cache() {
    let site = Site::new(&[
        ("index.html", "<link rel=stylesheet href=a.css><img src=/a.svg>"),
        ("a.css", "p { background: url(a.svg) }"),
        ("a.svg", PICTURE),
    ]);
    let cache = worker_pack::cache::CacheLocation::Folder(site.project().join("cache"));
    let packing = || site.packing(options()).cache(cache.clone());
    let (first, second) = (packing().run().unwrap(), packing().run().unwrap());
    assert_eq!(second.timings().files.len(), 0, "{:?}", second.timings().files);
    let bytes = |packed: &worker_pack::Packed| packed.table().to_memory().unwrap().bytes().to_vec();
    assert!(bytes(&first) == bytes(&second));
    site.write("a.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 2 2\"/>");
    let third = packing().run().unwrap();
    assert!(bytes(&third) == bytes(&site.pack_with(options())));
}

#[test]
fn sums_count_a_file_with_two_routes_once() {
    let site = Site::new(&[("index.html", "<img src=/a.svg>"), ("a.svg", PICTURE)]);
    let totals = site.pack_with(options()).report().totals;
    assert_eq!((totals.files, totals.source), (2, 16 + PICTURE.len()));
}
