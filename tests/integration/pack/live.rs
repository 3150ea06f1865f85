//! Live packs.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use worker_pack::cache::CacheLocation;
use worker_pack::options::Effort;
use worker_pack::report::Stage;
use worker_pack::{Changes, Options, Report};

use crate::support::site::{FILES, Site};

fn options() -> Options {
    Options { effort: Some(Effort::Fast), ..Options::default() }
}

/// Changes a site, and returns the affected files.
type Change = fn(&Site) -> Vec<&'static str>;

/// Changes of every kind: description, change, and whether the ingest stage is skipped.
const CHANGES: [(&str, Change, bool); 11] = [
    (
        "the text of a page",
        |site| {
            site.write("two/index.html", "<!doctype html>\n<title>Zwei</title>\n<h1>Zwei</h1>\n");
            vec!["two/index.html"]
        },
        true,
    ),
    (
        "code",
        |site| {
            site.write(
                "app.js",
                "function subtract(a, b) {\n  return a - b;\n}\nsubtract(2, 1);\n",
            );
            vec!["app.js"]
        },
        true,
    ),
    (
        "a file that is not transformed",
        |site| {
            site.write("photo.jpg", "another photo");
            vec!["photo.jpg"]
        },
        true,
    ),
    (
        "code that does not parse",
        |site| {
            site.write("app.js", "function (");
            vec!["app.js"]
        },
        true,
    ),
    (
        "code that parses again, and a page",
        |site| {
            site.write("app.js", "const sum = (a, b) => {\n  return a + b;\n};\nsum(1, 2);\n");
            site.write(
                "index.html",
                "<!doctype html>\n<script src=\"/app.js\"></script>\n<h1>Eins</h1>\n",
            );
            vec!["app.js", "index.html"]
        },
        true,
    ),
    (
        "a temporary file",
        |site| {
            site.write("two/index.html", "<h1>Two, by renaming</h1>");
            vec!["two/index.html", "two/.index.html.tmp"]
        },
        true,
    ),
    (
        "how a page loads a script",
        |site| {
            site.write("index.html", "<script type=\"module\" src=\"/app.js\"></script>");
            vec!["index.html"]
        },
        false,
    ),
    (
        "a new file",
        |site| {
            site.write("three.html", "<h1>Three</h1>");
            vec!["three.html"]
        },
        false,
    ),
    (
        "a removed file",
        |site| {
            fs::remove_file(site.dist().join("three.html")).unwrap();
            vec!["three.html"]
        },
        false,
    ),
    (
        "a rule",
        |site| {
            site.write("_redirects", "/old /two/ 301\n");
            vec!["_redirects"]
        },
        false,
    ),
    (
        "a file with an integrity hash in a page",
        |site| {
            site.write("index.html", "<script src=/app.js integrity=\"sha256-x\"></script>");
            vec!["index.html"]
        },
        false,
    ),
];

#[test]
fn a_live_pack_equals_a_fresh_one_after_every_change() {
    let site = Site::new(&FILES);
    let cache = CacheLocation::Folder(site.project().join("cache"));
    let mut live = site.packing(options()).cache(cache).live().unwrap();
    live.emit(&Changes::Anything).unwrap();
    for (what, change, skips_ingest) in CHANGES {
        let dist = site.dist().canonicalize().unwrap();
        let changed: BTreeSet<PathBuf> =
            change(&site).into_iter().map(|name| dist.join(name)).collect();
        let packed = live.emit(&Changes::Files(changed)).unwrap();
        let table = packed.table().unwrap();
        let fresh = site.pack_with(options());
        let expected = fresh.table().to_memory().unwrap();
        assert!(table.bytes() == expected.bytes(), "{what}");
        let bodies = table.bodies().iter().map(|body| body.blob().read().unwrap());
        assert!(bodies.eq(expected.bodies().iter().cloned()), "{what}");
        let report = |report: &Report| serde_json::to_value(report).unwrap();
        assert_eq!(report(packed.report()), report(fresh.report()), "{what}");
        let stages: Vec<Stage> = packed.timings().stages.iter().map(|time| time.stage).collect();
        assert_eq!(!stages.contains(&Stage::Ingest), skips_ingest, "{what}: {stages:?}");
    }
}

#[test]
fn a_live_pack_recovers_after_a_failure() {
    let site = Site::new(&FILES);
    let strictness = worker_pack::options::Strictness::Strict;
    let mut live = site.packing(Options { strictness, ..options() }).live().unwrap();
    live.emit(&Changes::Anything).unwrap();
    let app = site.dist().canonicalize().unwrap().join("app.js");
    site.write("app.js", "function (");
    let changes = Changes::Files([app].into());
    assert!(live.emit(&changes).is_err());
    site.write("app.js", "add(1, 2);");
    let packed = live.emit(&changes).unwrap();
    let expected = site.pack_with(Options { strictness, ..options() });
    let expected = expected.table().to_memory().unwrap();
    assert_eq!(packed.table().unwrap().bytes(), expected.bytes());
}
