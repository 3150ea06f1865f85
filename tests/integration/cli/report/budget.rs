//! Budgets: of each kind, over and under, in `worker-pack.toml` and of size-limit.

use std::fs;

use serde_json::Value;
use worker_pack::PackError;
use worker_pack::options::Options;

use super::super::{parts, run};
use super::report;
use crate::support::site::{PROSE, Site};

fn site() -> Site {
    Site::new(&[
        (
            "index.html",
            "<!doctype html><title>Home</title><script src=/_astro/client.BX3f9a1z.js></script>",
        ),
        ("blog/one.html", "<!doctype html><title>One</title><p>One."),
        (
            "blog/two.html",
            "<!doctype html><title>Two</title><script src=/_astro/client.BX3f9a1z.js></script>",
        ),
        ("_astro/client.BX3f9a1z.js", &format!("console.log({PROSE:?});")),
        ("_astro/Base.9YYzIhhn.css", "body { color: red }"),
    ])
}

/// Builds the site with a configuration, and returns the exit code and standard error.
fn build(site: &Site, configuration: &str) -> (i32, String) {
    fs::write(site.project().join("worker-pack.toml"), configuration).unwrap();
    let (code, _, stderr) = parts(&run(site.project(), &["build", "--out", "out"]));
    (code, stderr)
}

#[test]
fn each_kind_of_budget_is_kept_or_exceeded() {
    let site = site();
    for what in [
        "",
        "total = true",
        "type = \"text/javascript\"",
        "type = \"text/*\"",
        "page = \"/blog/*\"",
        "page = \"/\"\ntype = \"text/javascript\"",
        "file = \"client.js\"",
        "file = [\"/_astro/client.*.js\", \"!*.css\"]",
        "coding = \"gzip\"",
        "coding = \"identity\"",
    ] {
        let (code, stderr) = build(&site, &format!("[[budget]]\nlimit = \"1 MB\"\n{what}\n"));
        assert_eq!((code, &*stderr), (0, ""), "{what}");
        let (code, stderr) = build(&site, &format!("[[budget]]\nlimit = \"10 B\"\n{what}\n"));
        assert_eq!(code, 1, "{what}");
        assert!(
            stderr.contains("over budget: 1 of 1 exceeded; the output is unchanged"),
            "{stderr}"
        );
    }
}

#[test]
fn a_build_over_budget_names_the_culprits_and_what_has_grown() {
    let site = site();
    assert_eq!(
        build(&site, "[[budget]]\nname = \"Scripts\"\nlimit = \"1 MB\"\nfile = \"*.js\"\n").0,
        0
    );
    let manifest = site.project().join("out/manifest.json");
    let before = fs::read(&manifest).unwrap();
    fs::remove_file(site.dist().join("_astro/client.BX3f9a1z.js")).unwrap();
    site.write(
        "_astro/client.CY4g0b2A.js",
        format!("console.log({PROSE:?}, 1, {:?});", "x1y2z3".repeat(9)),
    );
    let (code, stderr) =
        build(&site, "[[budget]]\nname = \"Scripts\"\nlimit = \"50 B\"\nfile = \"*.js\"\n");
    assert_eq!(code, 1);
    insta::assert_snapshot!(stderr);
    assert_eq!(fs::read(&manifest).unwrap(), before, "the output is unchanged");
    let (code, stdout, _) =
        parts(&run(site.project(), &["build", "--out", "out", "--format", "json"]));
    let failure: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(code, 1);
    assert_eq!(failure["budgets"][0]["name"], "Scripts");
    assert_eq!(failure["budgets"][0]["culprits"][0]["url"], "/_astro/client.CY4g0b2A.js");
    let (code, stdout, _) = parts(&run(site.project(), &["report"]));
    assert_eq!(code, 1);
    assert!(stdout.contains("over"), "{stdout}");
}

#[test]
fn a_budget_that_is_not_valid_is_an_error_with_its_line() {
    let site = site();
    for (budget, text) in [
        ("limit = \"10 %\"", "is a share"),
        ("limit = \"1 s\"", "is a time, which is not measured"),
        ("limit = \"many\"", "is not a size; write one such as `170 kB`"),
        ("page = \"/\"", "a budget needs `limit`"),
        ("limit = \"1 kB\"\npgae = \"/\"", "unknown field `pgae`"),
        ("limit = \"1 kB\"\ntype = \"javascript\"", "is not a media type"),
        ("limit = \"1 kB\"\npage = \"blog\"", "does not begin with `/` or `*`"),
        ("limit = \"1 kB\"\ncoding = \"zstd\"", "zstd"),
        ("limit = \"1 kB\"\ntotal = true\npage = \"/\"", "`total` bounds all files"),
    ] {
        let (code, stderr) = build(&site, &format!("[[budget]]\n{budget}\n"));
        assert_eq!(code, 2, "{stderr}");
        assert!(stderr.contains(text) && stderr.contains("line "), "{budget}: {stderr}");
    }
    let (code, stderr) = build(&site, "[[budget]]\nlimit = \"1 kB\"\npgae = \"/\"\n");
    assert!(code == 2 && stderr.contains("did you mean `page`?"), "{stderr}");
}

#[test]
fn a_budget_that_matches_nothing_is_a_warning_with_a_near_match() {
    let (code, stderr) = build(&site(), "[[budget]]\nlimit = \"1 kB\"\nfile = \"clinet.js\"\n");
    assert_eq!(code, 0);
    assert!(
        stderr.contains("budget/matches-nothing") && stderr.contains("did you mean `client.js`?"),
        "{stderr}"
    );
}

#[test]
fn budgets_of_size_limit_are_read_and_others_are_told() {
    let site = site();
    let entries = r#"[
        { "name": "client", "path": "dist/_astro/*.js", "limit": "10 B" },
        { "path": ["./dist/**/*.html", "!dist/blog/*"], "limit": "1 MB", "gzip": true },
        { "path": "dist", "limit": "1 MB", "brotli": false },
        { "path": "dist/_astro/*.js", "limit": "1 s" },
        { "path": "dist/_astro/*.js", "limit": "1 kB", "import": "{ a }" },
        { "path": "packages/x/index.js", "limit": "1 kB" },
        { "path": "dist/a.js" },
        { "limit": "1 kB" },
        { "path": [], "limit": "1 kB" },
        { "path": "dist/_astro/@(client|base).*.js", "limit": "1 kB" }
    ]"#;
    fs::write(site.project().join(".size-limit.json"), entries).unwrap();
    let found = report(&site, &[]);
    let budgets = found["budgets"].as_array().unwrap();
    let row =
        |budget: &Value| format!("{} {} {}", budget["name"], budget["coding"], budget["matched"]);
    let rows: Vec<String> = budgets.iter().map(row).collect();
    insta::assert_snapshot!(rows.join("\n"));
    let notes = found["report"]["diagnostics"].as_array().unwrap();
    assert_eq!(notes.iter().filter(|note| note["code"] == "budget/not-supported").count(), 7);
    assert_eq!(budgets[0]["source"], ".size-limit.json");
    assert_eq!(build(&site, "").0, 1);
    let package = r#"{ "size-limit": [{ "path": "dist/**", "limit": "1 B" }] }"#;
    fs::remove_file(site.project().join(".size-limit.json")).unwrap();
    fs::write(site.project().join("package.json"), package).unwrap();
    assert_eq!(build(&site, "").0, 1);
    let package = r#"{ "size-limit": [{ "path": "dist/none.js", "limit": "1 B" }] }"#;
    fs::write(site.project().join("package.json"), package).unwrap();
    let (code, stderr) = build(&site, "");
    assert_eq!(code, 0, "{stderr}");
    assert!(stderr.contains("budget/matches-nothing]: package.json: the budget"), "{stderr}");
}

#[test]
fn a_file_of_size_limit_that_is_not_valid_is_an_error() {
    let site = site();
    for (text, message) in [
        ("[", "EOF while parsing"),
        ("{}", "an array of objects"),
        ("[1]", "budget 1: is not an object"),
        (r#"[{ "path": 1, "limit": "1 kB" }]"#, "`path` is not a text"),
        (r#"[{ "path": "dist", "limit": "x" }]"#, "is not a size"),
        (
            r#"[{ "path": "dist", "limit": "1 kB", "gzip": "yes" }]"#,
            "`gzip` is not `true` or `false`",
        ),
    ] {
        fs::write(site.project().join(".size-limit.json"), text).unwrap();
        let (code, stderr) = build(&site, "");
        assert_eq!(code, 1, "{stderr}");
        assert!(stderr.contains(message), "{text}: {stderr}");
    }
}

#[test]
fn budgets_are_checked_by_the_library_and_by_flags() {
    let site = site();
    let budgets = vec!["10 B page=/ name=Home".parse().unwrap()];
    let Err(PackError::OverBudget { exceeded, budgets }) =
        site.emit(Options { budgets, ..Options::default() })
    else {
        panic!("the budget is exceeded");
    };
    assert_eq!((exceeded, &*budgets[0].name), (1, "Home"));
    assert!(!site.out().exists());
    let flag = ["build", "--out", "out", "--budgets", "10 B page=/"];
    assert_eq!(parts(&run(site.project(), &flag)).0, 1);
    let flag = ["build", "--out", "out", "--budgets", "10 apples"];
    let (code, _, stderr) = parts(&run(site.project(), &flag));
    assert!(code == 2 && stderr.contains("is not a size"), "{stderr}");
}
