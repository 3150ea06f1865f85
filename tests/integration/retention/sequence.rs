//! Builds that follow each other.

use std::fs;

use worker_pack::report::{Outcome, UntouchedReason};
use worker_pack::{Changes, Options, Target};
use worker_pack_runtime::Coding;

use super::{
    bodies, build, deploy, keeping, kept, routes, script, scripts, served, site, store, table,
};
use crate::support::site::{contents, get};

#[test]
fn the_scripts_of_three_builds_are_served_with_the_bytes_that_they_had() {
    let site = site();
    let options = keeping();
    let vendor = ("_astro/vendor.Bx81kPqZ.js", "vendor");
    deploy(&site, &[("_astro/app.D4f5G6h7.js", "one"), vendor], &options);
    deploy(&site, &[("_astro/app.E5g6H7i8.js", "two"), vendor], &options);
    let third = deploy(&site, &[("_astro/app.F6h7I8j9.js", "three"), vendor], &options);
    let packed = table(&site, &options);
    let expected = [
        ("/_astro/app.D4f5G6h7.js", "one"),
        ("/_astro/app.E5g6H7i8.js", "two"),
        ("/_astro/app.F6h7I8j9.js", "three"),
        ("/_astro/vendor.Bx81kPqZ.js", "vendor"),
    ];
    let expected = expected.map(|(route, text)| (route.to_owned(), served(text)));
    assert_eq!(scripts(&packed), expected.into());
    let report = third.report().kept.clone().unwrap();
    assert_eq!((report.builds, report.files), (2, 2));
    assert_eq!(report.bytes, served("one").len() + served("two").len());
    assert_eq!(report.sent, report.bytes);

    let memory = packed.table().to_memory().unwrap();
    let table = memory.table();
    for (route, _) in scripts(&packed) {
        let reply = get(&table, &route);
        assert_eq!(reply.status(), 200, "{route}");
        let fields = ["content-type", "cache-control"].map(|name| reply.headers().get(name));
        let immutable = "public, max-age=31536000, immutable";
        assert_eq!(fields, [Some("text/javascript; charset=utf-8"), Some(immutable)], "{route}");
    }
}

#[test]
fn kept_files_are_in_the_report_and_in_the_output() {
    let site = site();
    let options = keeping();
    deploy(&site, &[("_astro/app.D4f5G6h7.js", "the first build")], &options);
    let second = deploy(&site, &[("_astro/app.E5g6H7i8.js", "the second build")], &options);
    assert!(site.has_body(served("the first build").as_bytes()));
    let files = &second.report().files;
    let file = files.iter().find(|file| file.file == "_astro/app.D4f5G6h7.js").unwrap();
    assert_eq!(file.transform, Outcome::Untouched(UntouchedReason::EarlierBuild));
    assert_eq!(second.report().totals.files, 3);
    let manifest = fs::read_to_string(site.out().join("manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    assert_eq!(manifest["assets"]["/_astro/app.D4f5G6h7.js"]["kept"], true);
    assert!(manifest["assets"]["/_astro/app.E5g6H7i8.js"].get("kept").is_none());
}

#[test]
fn a_file_of_this_build_wins_over_an_earlier_one_of_the_same_name() {
    let site = site();
    let options = keeping();
    deploy(&site, &[("_astro/app.D4f5G6h7.js", "old")], &options);
    deploy(&site, &[("_astro/app.D4f5G6h7.js", "new")], &options);
    let packed = table(&site, &options);
    assert_eq!(scripts(&packed)["/_astro/app.D4f5G6h7.js"], served("new"));
    assert!(kept(&packed).is_empty());
    // Gone now, it is served as it was last.
    build(&site, &[]);
    assert_eq!(scripts(&table(&site, &options))["/_astro/app.D4f5G6h7.js"], served("new"));
}

#[test]
fn kept_files_keep_their_bytes_when_the_options_change() {
    let site = site();
    deploy(&site, &[("_astro/app.D4f5G6h7.js", "one")], &keeping());
    let unminified = Options { minify: [].into(), encodings: [Coding::Gzip].into(), ..keeping() };
    deploy(&site, &[("_astro/app.E5g6H7i8.js", "two")], &unminified);
    let scripts = scripts(&table(&site, &unminified));
    assert_eq!(scripts["/_astro/app.D4f5G6h7.js"], served("one"));
    assert_eq!(scripts["/_astro/app.E5g6H7i8.js"], script("two"));
}

#[test]
fn kept_files_are_encoded_with_the_codings_of_today() {
    let site = site();
    let long = "All work and no play makes a dull site. ".repeat(40);
    deploy(&site, &[("_astro/app.D4f5G6h7.js", &long)], &keeping());
    let options = Options { encodings: [Coding::Brotli, Coding::Gzip].into(), ..keeping() };
    deploy(&site, &[("_astro/app.E5g6H7i8.js", "two")], &options);
    for cached in 0..2 {
        let packed = table(&site, &options);
        let entries = packed.table().entries();
        let entry = entries.iter().find(|entry| entry.is_of_earlier_build()).unwrap();
        let codings: Vec<Coding> = entry.encoded.iter().map(|(coding, _)| *coding).collect();
        assert_eq!(codings, [Coding::Brotli, Coding::Gzip], "{cached}");
        assert!(entry.encoded.iter().all(|(_, body)| body.len() < 200));
    }
}

#[test]
fn a_repeated_build_adds_nothing_to_the_store() {
    let site = site();
    let options = keeping();
    deploy(&site, &[("_astro/app.D4f5G6h7.js", "one")], &options);
    deploy(&site, &[("_astro/app.E5g6H7i8.js", "two")], &options);
    let before = (contents(&store(&site)), contents(&site.out()));
    let again = deploy(&site, &[("_astro/app.E5g6H7i8.js", "two")], &options);
    assert!((contents(&store(&site)), contents(&site.out())) == before);
    assert_eq!(again.emitted().unwrap().written, 0);
    assert_eq!(again.report().kept.as_ref().unwrap().builds, 1);
}

#[test]
fn a_build_without_keep_serves_and_records_nothing_of_other_builds() {
    let site = site();
    deploy(&site, &[("_astro/app.D4f5G6h7.js", "one")], &keeping());
    let before = contents(&store(&site));
    deploy(&site, &[("_astro/app.E5g6H7i8.js", "two")], &Options::default());
    assert!(contents(&store(&site)) == before);
    let packed = table(&site, &Options::default());
    assert_eq!(routes(&packed), ["/_astro/app.E5g6H7i8.js"]);
    assert!(packed.report().kept.is_none());
}

#[test]
fn pages_and_files_without_a_hash_in_their_names_are_not_kept() {
    let site = site();
    let options = keeping();
    build(
        &site,
        &[("_astro/app.D4f5G6h7.js", "one"), ("_astro/plain.js", "a"), ("app-D4f5G6h7.js", "b")],
    );
    site.write("about/index.html", "<p>About");
    site.write("_astro/page.D4f5G6h7.html", "<p>A page with a hash");
    site.emit(options.clone()).unwrap();
    build(&site, &[]);
    assert_eq!(kept(&table(&site, &options)), ["app.D4f5G6h7.js"]);
}

#[test]
fn files_with_an_immutable_policy_by_a_rule_are_kept() {
    let site = site();
    let options = Options { rule: vec!["/assets/* cache=immutable".parse().unwrap()], ..keeping() };
    build(
        &site,
        &[
            ("assets/app-BvQ2mX0p.js", "one"),
            ("js/app-BvQ2mX0q.js", "two"),
            ("x/app-BvQ2mX0r.js", "no"),
        ],
    );
    site.write("_headers", "/js/*\n  Cache-Control: public, max-age=31536000, immutable\n");
    site.emit(options.clone()).unwrap();
    build(&site, &[]);
    assert_eq!(kept(&table(&site, &options)), ["app-BvQ2mX0p.js", "app-BvQ2mX0q.js"]);
}

#[test]
fn a_failed_build_leaves_the_store_untouched() {
    let site = site();
    let options = keeping();
    deploy(&site, &[("_astro/app.D4f5G6h7.js", "one")], &options);
    let before = contents(&store(&site));
    build(&site, &[("_astro/app.E5g6H7i8.js", "two")]);
    let failing = Options { budgets: vec!["1 B".parse().unwrap()], ..options.clone() };
    assert!(site.emit(failing).is_err());
    assert!(contents(&store(&site)) == before);
    assert_eq!(bodies(&site).len(), 1);
    assert!(fs::read_to_string(store(&site).join(".gitignore")).unwrap().contains('*'));
}

#[test]
fn kept_files_count_in_budgets() {
    let site = site();
    deploy(&site, &[("_astro/app.D4f5G6h7.js", "one")], &keeping());
    build(&site, &[("_astro/app.E5g6H7i8.js", "two")]);
    let size = served("two").len();
    let limited = |keep: Options| Options {
        budgets: vec![format!("{size} B file=/_astro/*").parse().unwrap()],
        ..keep
    };
    assert!(site.emit(limited(keeping())).is_err());
    assert!(site.emit(limited(Options::default())).is_ok());
}

#[test]
fn a_live_pack_serves_kept_files_and_adds_nothing_to_the_store() {
    let site = site();
    deploy(&site, &[("_astro/app.D4f5G6h7.js", "one")], &keeping());
    let before = contents(&store(&site));
    build(&site, &[("_astro/app.E5g6H7i8.js", "two")]);
    let pack = site.packing(keeping()).target(Target::RustModule(site.out()));
    let mut live = pack.live().unwrap();
    for text in ["two", "three"] {
        site.write("_astro/app.E5g6H7i8.js", script(text));
        let emitted = live.emit(&Changes::Anything).unwrap();
        assert_eq!(emitted.report().kept.as_ref().unwrap().files, 1);
    }
    assert!(contents(&store(&site)) == before);
}
