//! Limits, and files moved to Workers Static Assets.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use bytesize::ByteSize;
use worker_pack::options::{IdentityBodies, Limits, SpillTo, WorkerOptions};
use worker_pack::report::{Code, Identity, Severity, Stage};
use worker_pack::{Options, PackError};

use super::{bundle_with, emit, errors, module, wrangler, written};
use crate::support::site::Site;

/// Returns incompressible bytes, like those of a picture. They are others for each length.
fn noise(len: usize) -> Vec<u8> {
    let mut state = u32::try_from(len).unwrap();
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..len).map(|_| next()).collect()
}

fn site_of_pictures() -> Site {
    Site::new(&[
        ("index.html", b"<h1>home</h1>".to_vec()),
        ("_astro/hashed.abcd1234.jpg", noise(4000)),
        ("_astro/larger.abcd1234.jpg", noise(5000)),
        ("plain.jpg", noise(9000)),
    ])
}

#[test]
fn exceeded_limits_name_the_largest_files() {
    let site = site_of_pictures();
    let limits =
        Limits { memory: ByteSize::kb(10), gzip_marks: vec![ByteSize::kb(1)], ..Limits::default() };
    let options = WorkerOptions { limits, ..WorkerOptions::default() };
    let error = errors(bundle_with(&site, &options));
    assert!(error.contains("worker/too-much-memory"), "{error}");
    assert!(error.contains("largest: ") && error.contains("plain.jpg 8.8 KiB"), "{error}");
    assert!(!site.out().exists(), "nothing was written");

    let limits = Limits { gzip_marks: vec![ByteSize::kb(1)], ..Limits::default() };
    let options = WorkerOptions { limits, ..WorkerOptions::default() };
    let packed = bundle_with(&site, &options).unwrap();
    let warned = packed.report().diagnostics.iter().any(|found| {
        found.severity == Severity::Warning && found.code == Code::WorkerLargeUnderGzip
    });
    assert!(warned, "{:?}", packed.report().diagnostics);
}

/// Returns the value that the help of a diagnostic gives to an option.
fn suggested(help: &str, option: &str) -> ByteSize {
    let (_, rest) = help.split_once(option).unwrap_or_else(|| panic!("{option}: {help}"));
    rest[1..rest.find('`').unwrap()].parse().unwrap()
}

#[test]
fn diagnostics_about_the_weight_name_options_that_are_enough() {
    let pages = (0..20).map(|n| (format!("a/{n}.jpg"), noise(4000 + 300 * n)));
    let texts = (0..20).map(|n| (format!("b/{n}.txt"), format!("{n} ").repeat(9000).into_bytes()));
    let files: Vec<(String, Vec<u8>)> =
        pages.chain(texts).chain([("index.html".to_owned(), b"<p>".to_vec())]).collect();
    let site = Site::new(&files.iter().map(|(name, bytes)| (&**name, bytes)).collect::<Vec<_>>());
    let packing = |limits: &Limits, budget, spill_above, identity| {
        let worker =
            WorkerOptions { limits: limits.clone(), budget, spill_above, ..Default::default() };
        let result = emit(&site, Options { identity, ..Options::default() }, &worker);
        let found = match &result {
            Ok(packed) => packed.report().diagnostics.clone(),
            Err(PackError::Files { diagnostics }) => diagnostics.clone(),
            Err(error) => panic!("{error}"),
        };
        found
            .into_iter()
            .find(|found| found.stage == Stage::Output && found.severity != Severity::Note)
    };
    let weighed = bundle_with(&site, &WorkerOptions::default()).unwrap();
    let weight = weighed.report().worker.as_ref().unwrap().weight.clone();
    let less = |weight: usize| ByteSize::b(weight as u64 - 60_000);
    let usual = Limits::default();
    for (limits, identity) in [
        (Limits { size: less(weight.size), ..usual.clone() }, IdentityBodies::Decoded),
        (Limits { memory: less(weight.memory), ..usual.clone() }, IdentityBodies::Decoded),
        (Limits { gzip_marks: vec![less(weight.gzip)], ..usual.clone() }, IdentityBodies::Decoded),
        (Limits { gzip_marks: vec![less(weight.gzip)], ..usual }, IdentityBodies::Stored),
    ] {
        // A budget above the limit, since the default keeps the size below it.
        let before = packing(&limits, Some(ByteSize::mb(9)), None, identity);
        let help = before.expect("the Worker is too heavy").help.unwrap();
        let (budget, above) = (suggested(&help, "--budget"), suggested(&help, "--spill-above"));
        assert!(budget.as_u64() > 0, "{help}");
        assert_eq!(packing(&limits, Some(budget), None, identity), None, "{help}");
        let budget = Some(ByteSize::mb(9));
        assert_eq!(packing(&limits, budget, Some(above), identity), None, "{help}");
    }
}

#[test]
fn a_worker_that_is_too_heavy_without_files_gets_no_useless_advice() {
    let site = Site::new(&[("index.html", "<p>")]);
    let limits = Limits { size: ByteSize::b(10), ..Limits::default() };
    let worker = WorkerOptions { limits, ..WorkerOptions::default() };
    let error = errors(bundle_with(&site, &worker));
    assert!(error.contains("moving all files out of it would not be enough"), "{error}");
}

#[test]
fn excess_files_move_to_static_assets_hashed_and_large_ones_first() {
    let site = site_of_pictures();
    let spilled = |options: WorkerOptions| {
        let packed = bundle_with(&site, &options).unwrap();
        packed.report().worker.as_ref().unwrap().spilled.clone()
    };
    let budget = |bytes| WorkerOptions { budget: Some(ByteSize::b(bytes)), ..Default::default() };
    assert_eq!(spilled(budget(17_000)), ["_astro/larger.abcd1234.jpg"]);
    let hashed = ["_astro/hashed.abcd1234.jpg", "_astro/larger.abcd1234.jpg"];
    assert_eq!(spilled(budget(9_500)), hashed);
    assert_eq!(spilled(budget(100)), [hashed[0], hashed[1], "plain.jpg"]);
    let above = WorkerOptions { spill_above: Some(ByteSize::b(5000)), ..Default::default() };
    assert_eq!(spilled(above), ["_astro/larger.abcd1234.jpg", "plain.jpg"]);

    assert!(wrangler(&site).contains("\"binding\": \"WORKER_PACK_ASSETS\""));
    assert!(module(&site, "site.js").contains("env.WORKER_PACK_ASSETS"));
    let names: Vec<String> =
        written(&site).into_iter().filter(|name| name.starts_with("bundle/assets/")).collect();
    assert_eq!(names.len(), 3, "two files and .assetsignore: {names:?}");
    assert!(spilled(WorkerOptions::default()).is_empty());
    assert!(!wrangler(&site).contains("WORKER_PACK_ASSETS"), "a binding without files behind it");
    assert!(!site.out().join("bundle/assets").exists());
}

#[test]
fn files_move_to_r2_by_the_same_rules() {
    let site = site_of_pictures();
    let options = WorkerOptions {
        spill_above: Some(ByteSize::b(5000)),
        spill_to: SpillTo::R2,
        // Those of static assets do not count.
        limits: Limits { static_asset: ByteSize::b(10), static_assets: 0, ..Limits::default() },
        ..Default::default()
    };
    let packed = bundle_with(&site, &options).unwrap();
    let report = packed.report().worker.clone().unwrap();
    assert!(report.spilled.is_empty());
    let r2 = report.r2.unwrap();
    assert_eq!(r2.files, ["_astro/larger.abcd1234.jpg", "plain.jpg"]);
    assert_eq!((r2.objects, r2.size), (2, 14_000));
    let site_script = module(&site, "site.js");
    assert!(site_script.contains("stores: [r2(() => env.WORKER_PACK_BODIES)]"), "{site_script}");
    assert!(!wrangler(&site).contains("WORKER_PACK_ASSETS"));
    // Each upload is a file of the bundle, by its place below the output folder.
    let list: Vec<BTreeMap<String, String>> =
        serde_json::from_slice(&fs::read(site.out().join(&r2.uploads)).unwrap()).unwrap();
    let uploaded: BTreeSet<String> = list.iter().map(|entry| entry["file"].clone()).collect();
    let written: BTreeSet<String> =
        written(&site).into_iter().filter(|name| name.starts_with("bundle/r2/")).collect();
    assert_eq!(uploaded, written);
    for entry in &list {
        assert_eq!(entry["file"], format!("bundle/r2/{}", entry["key"]));
    }
    assert_eq!(bundle_with(&site, &options).unwrap().emitted().unwrap().written, 0);

    let packed = bundle_with(&site, &WorkerOptions::default()).unwrap();
    assert!(packed.report().worker.as_ref().unwrap().r2.is_none());
    assert!(!site.out().join("bundle/r2").exists() && !site.out().join("bundle/r2.json").exists());
    assert!(!module(&site, "site.js").contains("stores"));
}

#[test]
fn files_above_the_limit_of_static_assets_alone_move_to_r2_if_both_are_used() {
    let site = site_of_pictures();
    let options = WorkerOptions {
        spill_above: Some(ByteSize::b(5000)),
        spill_to: SpillTo::Both,
        limits: Limits { static_asset: ByteSize::b(5000), ..Limits::default() },
        ..Default::default()
    };
    let packed = bundle_with(&site, &options).unwrap();
    let report = packed.report().worker.clone().unwrap();
    assert_eq!(report.spilled, ["_astro/larger.abcd1234.jpg"]);
    assert_eq!(report.r2.unwrap().files, ["plain.jpg"]);
    let site_script = module(&site, "site.js");
    for store in ["staticAssets(() => env.WORKER_PACK_ASSETS)", "r2(() => env.WORKER_PACK_BODIES)"]
    {
        assert!(site_script.contains(store), "{site_script}");
    }
    // One that wrangler does not upload is missing in its list, since it would upload nothing at all.
    let limits = Limits { r2_upload: ByteSize::b(8999), ..options.limits };
    let packed = bundle_with(&site, &WorkerOptions { limits, ..options }).unwrap();
    let found = packed.report().diagnostics.iter().find(|it| it.code == Code::WorkerLargeUpload);
    assert_eq!(found.unwrap().file, "plain.jpg");
    assert_eq!(fs::read_to_string(site.out().join("bundle/r2.json")).unwrap().trim(), "[]");
}

#[test]
fn a_large_file_is_no_cause_of_a_warning_if_it_can_move_to_r2() {
    let site = Site::new(&[("index.html", "home")]);
    let film = fs::File::create(site.dist().join("film.mp4")).unwrap();
    film.set_len(26 << 20).unwrap();
    for (spill_to, warnings) in [(SpillTo::StaticAssets, 1), (SpillTo::Both, 0), (SpillTo::R2, 0)] {
        let options = WorkerOptions { spill_to, ..WorkerOptions::default() };
        let packed = bundle_with(&site, &options).unwrap();
        let found = packed.report().diagnostics.iter();
        let found = found.filter(|it| it.code == Code::IngestLargeFile).count();
        assert_eq!(found, warnings, "{spill_to}");
    }
}

#[test]
fn identity_bodies_are_decoded_only_with_nodejs_compat() {
    let text = "All work and no play makes a dull site. ".repeat(100);
    let identity = |site: &Site, identity| {
        let options = Options { identity, ..Options::default() };
        let emitted = emit(site, options, &WorkerOptions::default());
        let report = emitted.unwrap().report().worker.clone().unwrap();
        (report.identity, report.weight.size)
    };
    let site = Site::new(&[("a.txt", &text)]);
    let (how, decoded) = identity(&site, IdentityBodies::Auto);
    assert_eq!(how, Identity::Decoded);
    assert!(wrangler(&site).contains("nodejs_compat"));
    let (_, stored) = identity(&site, IdentityBodies::Stored);
    assert!(stored >= decoded + text.len() - 200, "{stored} {decoded}");

    let site = Site::new(&[("a.txt", &text)]);
    fs::create_dir(site.out()).unwrap();
    fs::write(site.out().join("wrangler.jsonc"), "{}").unwrap();
    assert_eq!(identity(&site, IdentityBodies::Auto).0, Identity::Stored);
    assert!(!wrangler(&site).contains("nodejs_compat"));
    assert!(!module(&site, "site.js").contains("node:zlib"));
}
