//! `worker-pack diff`: two packed sites compared.

mod source;

use std::fs;

use serde_json::{Value, json};

use super::{parts, run};
use crate::support::site::{PROSE, Site};

/// A site with what a diff can show: pages, a fingerprinted style, rules.
fn site() -> Site {
    Site::new(&[
        ("index.html", "<!doctype html><title>Home</title><p>Welcome.".as_bytes()),
        ("about/index.html", b"<!doctype html><title>About</title><p>Us."),
        ("_astro/Base.9YYzIhhn.css", b"body { color: red }"),
        ("prose.txt", PROSE.as_bytes()),
        ("_redirects", b"/old /about/ 301\n/gone / 302\n"),
        ("_headers", b"/*\n  X-Frame-Options: DENY\n"),
    ])
}

/// Packs the site into a folder of the project.
fn pack(site: &Site, out: &str) {
    let (code, _, stderr) = parts(&run(site.project(), &["build", "--out", out, "--quiet"]));
    assert_eq!(code, 0, "{stderr}");
}

/// Compares, and returns the report.
fn diff(site: &Site, old: &str, new: &str) -> Value {
    let (code, stdout, stderr) =
        parts(&run(site.project(), &["diff", old, new, "--format", "json"]));
    assert_eq!(code, 0, "{stdout}{stderr}");
    serde_json::from_str(&stdout).unwrap()
}

/// Returns the changes of the routes, with their URLs.
fn routes(report: &Value) -> Vec<(&str, &str)> {
    let all = report["routes"].as_array().unwrap().iter();
    all.map(|route| (route["change"].as_str().unwrap(), route["url"].as_str().unwrap())).collect()
}

/// Returns the changes of the rules, as lines.
fn rules(report: &Value) -> Vec<String> {
    let text = |rule: &Value, name: &str| rule[name].as_str().unwrap_or("-").to_owned();
    let parts = ["change", "file", "subject", "old", "new"];
    let all = report["rules"].as_array().unwrap().iter();
    all.map(|rule| parts.map(|name| text(rule, name)).join(" | ")).collect()
}

/// Packs the site, changes all kinds of things, and packs it again.
fn changed() -> Site {
    let site = site();
    pack(&site, "old");
    let dist = site.dist();
    fs::remove_file(dist.join("about/index.html")).unwrap();
    fs::rename(dist.join("_astro/Base.9YYzIhhn.css"), dist.join("_astro/Base.B1x_Kq-7.css"))
        .unwrap();
    site.replace("_astro/Base.B1x_Kq-7.css", "body { color: blue }");
    site.replace("index.html", "<!doctype html><title>Home</title><p>Welcome back.");
    site.write("new.txt", "new");
    site.replace("_redirects", "/old /contact/ 301\n/fresh / 302\n");
    site.replace("_headers", "/*\n  X-Frame-Options: SAMEORIGIN\n/x\n  A: b\n");
    pack(&site, "new");
    site
}

#[test]
fn routes_are_added_removed_renamed_and_changed() {
    let site = changed();
    let report = diff(&site, "old", "new");
    let expected = [
        ("changed", "/"),
        ("renamed", "/_astro/Base.B1x_Kq-7.css"),
        ("removed", "/about/"),
        ("added", "/new.txt"),
    ];
    assert_eq!(routes(&report), expected);
    let totals = json!({
        "added": 1, "removed": 1, "renamed": 1, "changed": 1, "unchanged": 1,
        "downloaded": report["totals"]["downloaded"],
    });
    assert_eq!(report["totals"], totals);
    assert_eq!(report["routes"][1]["oldUrl"], "/_astro/Base.9YYzIhhn.css");
    assert_eq!(report["old"]["files"], 4);
}

#[test]
fn a_returning_visitor_downloads_what_has_a_new_url_or_a_new_body() {
    let site = changed();
    let report = diff(&site, "old", "new");
    let routes = report["routes"].as_array().unwrap().iter();
    let sent = |route: &Value| route["new"]["bytes"].as_u64().unwrap_or(0);
    let expected: u64 = routes.map(sent).sum();
    assert!(expected > 0);
    assert_eq!(report["totals"]["downloaded"], expected);

    // A policy that changes costs nothing.
    site.write(
        "../worker-pack.toml",
        "[[pack.rule]]\npaths = [\"/prose.txt\"]\ncache = \"no-cache\"\n",
    );
    pack(&site, "policy");
    let report = diff(&site, "new", "policy");
    assert_eq!(report["totals"]["downloaded"], 0);
    let fields = &report["routes"][0]["fields"];
    assert_eq!(fields[0]["name"], "cache-control");
    assert_eq!(fields[0]["new"], "no-cache");
    assert_eq!(fields.as_array().unwrap().len(), 1);
}

#[test]
fn rules_are_compared_by_what_they_are_about() {
    let site = changed();
    let report = diff(&site, "old", "new");
    let expected = [
        "changed | _headers | /* x-frame-options | DENY | SAMEORIGIN",
        "added | _headers | /x a | - | b",
        "added | _redirects | /fresh | - | / 302",
        "removed | _redirects | /gone | / 302 | -",
        "changed | _redirects | /old | /about/ 301 | /contact/ 301",
    ];
    assert_eq!(rules(&report), expected);
}

#[test]
fn the_order_of_redirects_and_the_behaviour_count() {
    let site = site();
    site.replace("_redirects", "/a/* / 302\n/a/b /c 302\n");
    pack(&site, "old");
    site.replace("_redirects", "/a/b /c 302\n/a/* / 302\n");
    site.write("../worker-pack.toml", "[pack]\nhtml-handling = \"none\"\nfidelity = \"strict\"\n");
    pack(&site, "new");
    let report = diff(&site, "old", "new");
    let expected = [
        "changed | _redirects | order | /a/*, /a/b | /a/b, /a/*",
        "changed | configuration | fidelity | improved | strict",
        "changed | configuration | html_handling | auto-trailing-slash | none",
        "changed | configuration | not_found_handling | 404-page | none",
    ];
    assert_eq!(rules(&report), expected);
}

#[test]
fn equal_sites_have_no_difference() {
    let site = site();
    pack(&site, "old");
    pack(&site, "new");
    for format in ["text", "markdown"] {
        let (code, stdout, stderr) =
            parts(&run(site.project(), &["diff", "old", "new", "--format", format]));
        assert_eq!((code, &*stderr), (0, ""));
        assert!(stdout.contains("no difference") || stdout.contains("has not changed"), "{stdout}");
    }
    let report = diff(&site, "old", "new");
    assert_eq!((routes(&report), rules(&report)), (vec![], vec![]));
    assert_eq!(report["totals"]["unchanged"], 4);
}

#[test]
fn the_difference_is_printed_as_text_and_as_markdown() {
    let site = changed();
    for format in ["text", "markdown"] {
        let (code, stdout, stderr) =
            parts(&run(site.project(), &["diff", "old", "new", "--format", format]));
        assert_eq!((code, &*stderr), (0, ""));
        insta::assert_snapshot!(format!("diff_{format}"), stdout);
    }
    let (_, stdout, _) = parts(&run(site.project(), &["diff", "--help"]));
    insta::assert_snapshot!("help_diff", stdout);
}

#[test]
fn markdown_contains_nothing_that_a_site_could_inject() {
    let site = site();
    pack(&site, "old");
    site.replace("_headers", "/*\n  X-A: `|<img src=x onerror=alert(1)>| @everyone\n");
    pack(&site, "new");
    let (_, stdout, _) =
        parts(&run(site.project(), &["diff", "old", "new", "--format", "markdown"]));
    let line = stdout.lines().find(|line| line.contains("onerror")).unwrap();
    assert_eq!(line.matches('`').count() % 2, 0, "{line}");
    assert!(line.contains("`'\\|<img src=x onerror=alert(1)>\\| @everyone`"), "{line}");
}
