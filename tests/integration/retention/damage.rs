//! Stores that are damaged, of another site, of a newer version, or not stores at all.

use std::fs;
use std::os::unix::fs::symlink;

use worker_pack::options::{Keep, KeepBounds, Strictness};
use worker_pack::report::Severity;
use worker_pack::{Options, PackError, Target};

use super::{
    bodies, build, codes, deploy, keeping, kept, routes, served, site, store, table, try_table,
};
use crate::support::site::{Site, contents, text, warnings};

const APP: &str = "_astro/app.D4f5G6h7.js";
const NEW: &str = "_astro/app.E5g6H7i8.js";

/// A site with a store of one build, of which the next one has another script.
fn second_build() -> Site {
    let site = site();
    deploy(&site, &[(APP, "one")], &keeping());
    build(&site, &[(NEW, "two")]);
    site
}

/// Checks that the pack succeeds without the kept file and with one warning of this code, which names a
/// file.
#[track_caller]
fn assert_warned(site: &Site, code: &str, file: &str) {
    let packed = table(site, &keeping());
    assert_eq!(routes(&packed), ["/_astro/app.E5g6H7i8.js"]);
    let found = &packed.report().diagnostics;
    assert_eq!(codes(found), [code], "{found:?}");
    assert_eq!(found[0].severity, Severity::Warning);
    assert!(found[0].file.contains(file), "{}", found[0].file);
    assert!(found[0].help.is_some());
    site.emit(keeping()).unwrap();
}

#[test]
fn a_truncated_index_is_told_and_replaced() {
    let index = |site: &Site| store(site).join("index.json");
    for len in [0, 1, 10, 60, 200] {
        let site = second_build();
        let bytes = fs::read(index(&site)).unwrap();
        fs::write(index(&site), &bytes[..len]).unwrap();
        assert_warned(&site, "keep/damaged", "index.json");
        // The build that follows finds a whole one.
        build(&site, &[]);
        let packed = table(&site, &keeping());
        assert_eq!(
            (kept(&packed), warnings(&packed)),
            (vec!["app.E5g6H7i8.js".to_owned()], vec![])
        );
    }
}

#[test]
fn an_index_with_another_route_or_type_is_not_believed() {
    for (from, to) in
        [("app.D4f5G6h7.js", "app.E5g6H7i9.js"), ("text/javascript", "text/html; a=bc")]
    {
        let site = second_build();
        let index = store(&site).join("index.json");
        let written = fs::read_to_string(&index).unwrap();
        assert!(written.contains(from));
        fs::write(&index, written.replace(from, to)).unwrap();
        assert_warned(&site, "keep/damaged", "index.json");
    }
}

#[test]
fn damaged_and_missing_bodies_are_told_and_forgotten() {
    let flipped = |bytes: Vec<u8>| {
        let mut bytes = bytes;
        bytes[3] ^= 1;
        bytes
    };
    let changes: [&dyn Fn(&std::path::Path); 5] = [
        &|body| fs::write(body, flipped(fs::read(body).unwrap())).unwrap(),
        &|body| fs::write(body, b"").unwrap(),
        &|body| fs::write(body, [fs::read(body).unwrap(), b"more".to_vec()].concat()).unwrap(),
        &|body| fs::remove_file(body).unwrap(),
        &|body| {
            fs::remove_file(body).unwrap();
            fs::create_dir(body).unwrap();
        },
    ];
    for change in changes {
        let site = second_build();
        let [body] = &bodies(&site)[..] else { panic!("one body") };
        change(body);
        assert_warned(&site, "keep/damaged", &body.file_name().unwrap().to_string_lossy());
        // The build after that does not look for it.
        let packed = table(&site, &keeping());
        assert!(warnings(&packed).is_empty(), "{:?}", warnings(&packed));
    }
}

#[test]
fn a_link_in_the_place_of_a_body_is_not_followed() {
    let site = second_build();
    let [body] = &bodies(&site)[..] else { panic!("one body") };
    let elsewhere = site.project().join("elsewhere");
    fs::rename(body, &elsewhere).unwrap();
    symlink(&elsewhere, body).unwrap();
    assert_warned(&site, "keep/damaged", "bodies");
    assert_eq!(fs::read_to_string(&elsewhere).unwrap(), served("one"));
}

#[test]
fn the_store_of_another_site_is_neither_mixed_nor_changed() {
    let site = second_build();
    let before = contents(&store(&site));
    fs::write(site.project().join("wrangler.jsonc"), r#"{ "name": "other" }"#).unwrap();
    assert_warned(&site, "keep/other-store", "index.json");
    assert!(contents(&store(&site)) == before);
}

#[test]
fn the_name_of_a_site_is_that_of_its_configuration_wherever_it_is() {
    let (first, second) = (site(), site());
    let shared = first.project().join("store");
    let bounds = KeepBounds { store: Some(shared), ..KeepBounds::default() };
    let options = Options { keep: Keep::EarlierBuilds(bounds), ..Options::default() };
    for site in [&first, &second] {
        fs::write(site.project().join("package.json"), r#"{ "name": "blog" }"#).unwrap();
    }
    deploy(&first, &[(APP, "one")], &options);
    build(&second, &[]);
    let packed = table(&second, &options);
    assert_eq!((kept(&packed).len(), warnings(&packed)), (1, vec![]));
}

#[test]
fn stores_of_a_newer_version_and_of_other_programs_are_left_alone() {
    for text in [
        "{\n  \"generator\": \"worker-pack\",\n  \"version\": 99,\n  \"sites\": {}\n}\n",
        "{ \"name\": \"a folder of something else\" }",
        "plain text",
    ] {
        let site = second_build();
        fs::write(store(&site).join("index.json"), text).unwrap();
        let before = contents(&store(&site));
        assert_warned(&site, "keep/other-store", "index.json");
        assert!(contents(&store(&site)) == before);
    }
}

#[test]
fn a_file_in_the_place_of_the_store_is_told_and_stays() {
    let site = second_build();
    fs::remove_dir_all(store(&site)).unwrap();
    fs::write(store(&site), "a file").unwrap();
    assert_warned(&site, "keep/unusable", ".worker-pack");
    assert_eq!(fs::read_to_string(store(&site)).unwrap(), "a file");
    let folder = second_build();
    let index = store(&folder).join("index.json");
    fs::remove_file(&index).unwrap();
    fs::create_dir(&index).unwrap();
    assert_warned(&folder, "keep/unusable", "index.json");
}

#[test]
fn a_warning_about_the_store_fails_only_a_strict_pack() {
    let site = second_build();
    fs::write(store(&site).join("index.json"), "").unwrap();
    let strict = Options { strictness: Strictness::Strict, ..keeping() };
    assert!(matches!(site.emit(strict), Err(PackError::Files { .. })));
    assert!(site.emit(keeping()).is_ok());
}

#[test]
fn a_store_in_the_packed_folder_or_in_the_output_is_refused() {
    let site = second_build();
    for place in [site.dist().join("store"), site.out().join("store"), site.dist()] {
        let bounds = KeepBounds { store: Some(place.clone()), ..KeepBounds::default() };
        let options = Options { keep: Keep::EarlierBuilds(bounds), ..Options::default() };
        let result = try_table(&site, &options);
        assert!(matches!(result, Err(PackError::Option { option: "keep", .. })), "{place:?}");
    }
    assert!(!site.dist().join("store").exists());
}

#[test]
fn files_beside_the_store_are_not_touched() {
    let site = second_build();
    let note = store(&site).join("notes.txt");
    fs::write(&note, "mine").unwrap();
    fs::write(store(&site).join("bodies/.123-0"), "unfinished").unwrap();
    site.emit(keeping()).unwrap();
    assert_eq!(fs::read_to_string(&note).unwrap(), "mine");
    assert!(!store(&site).join("bodies/.123-0").exists());
    let packed = table(&site, &keeping());
    let memory = packed.table().to_memory().unwrap();
    assert_eq!(text(&memory.table(), "/_astro/app.D4f5G6h7.js"), served("one"));
}

#[test]
fn a_folder_of_something_else_is_not_made_a_store() {
    let site = second_build();
    let folder = site.project().join("photos");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("cat.jpg"), "a cat").unwrap();
    let bounds = KeepBounds { store: Some(folder.clone()), ..KeepBounds::default() };
    let options = Options { keep: Keep::EarlierBuilds(bounds), ..Options::default() };
    let emitted = site.emit(options).unwrap();
    assert_eq!(codes(&emitted.report().diagnostics), ["keep/other-store"]);
    assert_eq!(contents(&folder).len(), 1);
}

#[test]
fn a_damaged_body_of_this_build_is_replaced() {
    let site = site();
    deploy(&site, &[(APP, "one")], &keeping());
    let [body] = &bodies(&site)[..] else { panic!("one body") };
    let whole = fs::read(body).unwrap();
    let mut flipped = whole.clone();
    flipped[3] ^= 1;
    fs::write(body, flipped).unwrap();
    deploy(&site, &[(APP, "one")], &keeping());
    assert!(fs::read(body).unwrap() == whole);
}

#[test]
fn an_output_in_the_packed_folder_is_what_is_reported() {
    let site = second_build();
    let pack = site.packing(keeping()).target(Target::RustModule(site.dist().join("out")));
    assert!(matches!(pack.emit(), Err(PackError::OutputInTheWay { .. })));
    assert!(!site.dist().join(".worker-pack").exists());
}
