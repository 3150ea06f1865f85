//! Media types: those of wrangler by extension, and those of Chromium by content.

use std::collections::BTreeMap;

use serde_json::Value;
use worker_pack::Options;
use worker_pack::options::{Compat, Fidelity};

use super::packed_site::last_line;
use crate::support::site::Site;
use crate::support::xtask;

/// The tables in wrangler: of the npm package `mime` 4 for Workers Static Assets, and 3 for Pages.
fn tables() -> Value {
    let (stdout, _) = xtask::run(&["node", "tests/worker/media_types.mjs"]);
    serde_json::from_str(last_line(&stdout).as_str()).unwrap()
}

#[test]
fn types_by_extension_are_those_of_wrangler() {
    let tables = tables();
    let table = |name: &str| -> BTreeMap<String, String> {
        serde_json::from_value(tables[name].clone()).unwrap()
    };
    let (workers, pages) = (table("workers"), table("pages"));
    // And those that only the crate `mime_guess` or nothing knows.
    let others =
        ["py", "config", "cs", "dat", "parquet", "resx", "hta", "hxt", "vbs", "unheard-of"];
    let mut extensions: Vec<&str> =
        workers.keys().chain(pages.keys()).map(String::as_str).collect();
    extensions.extend(others);
    let site = Site::new(&[("index.html", "<p>")]);
    for extension in &extensions {
        site.write(&format!("file.{extension}"), "");
    }
    for (compat, table) in [(Compat::Workers, workers), (Compat::Pages, pages)] {
        assert!(table.len() > 1_000, "{}", table.len());
        let packed = site.pack_with(Options {
            compat: Some(compat),
            fidelity: Fidelity::Strict,
            minify: [].into(),
            source_maps: worker_pack::options::SourceMaps::Publish,
            ..Options::default()
        });
        let mut wrong = Vec::new();
        for file in &packed.report().files {
            let Some(extension) = file.file.strip_prefix("file.") else { continue };
            let expected = match (compat, table.get(extension)) {
                (_, Some(text)) if text.starts_with("text/") => format!("{text}; charset=utf-8"),
                (_, Some(other)) => other.clone(),
                (Compat::Workers, None) => String::new(),
                (Compat::Pages, None) => "application/octet-stream".to_owned(),
            };
            if file.content_type != expected {
                wrong.push(format!("{extension}: {} instead of {expected}", file.content_type));
            }
        }
        assert!(wrong.is_empty(), "{compat}: {}", wrong.join("\n"));
    }
}

/// The beginnings of files. Of each, Chromium shows the same with our type and without one. (It takes more
/// for pages than the standard and Firefox do: `<pre>`, since it begins with `<p`.)
const BEGINNINGS: [&str; 22] = [
    "<!doctype html><title>a</title><p>b",
    "\n \t<!DOCTYPE html><p>b",
    "<html><p>b",
    "<script>document.title = 'ran'</script>",
    "<h1>b</h1>",
    "<a href=b>c</a>",
    "<p>b",
    "<!-- a --><p>b",
    "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel/></rss>",
    "<?xml version=\"1.0\"?><feed xmlns=\"http://www.w3.org/2005/Atom\"/>",
    "<rss version=\"2.0\"/>",
    "<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
    "<title>b</title>",
    "text <b>c</b>",
    "{\"a\": \"<p>\"}",
    "\u{feff}<!doctype html><p>b",
    "\u{feff}text",
    "# a\n<p>b",
    "",
    "é <p>",
    "function f() { return '<html>' }",
    "a { color: red }",
];

#[test]
fn chromium_shows_the_same_with_a_sniffed_type_as_without_one() {
    let site = Site::new(&[("index.html", "<p>")]);
    for (number, text) in BEGINNINGS.iter().enumerate() {
        site.write(&format!("file{number}"), text);
    }
    let packed = site.pack();
    let mut files = BTreeMap::new();
    for (number, text) in BEGINNINGS.iter().enumerate() {
        let name = format!("file{number}");
        let file = packed.report().files.iter().find(|file| file.file == name).unwrap();
        files.insert(name, (*text, file.content_type.clone()));
    }
    let (chromium, _) = xtask::run(&["chromium"]);
    let variables = [
        ("WORKER_PACK_CHROMIUM", last_line(&chromium)),
        ("FILES", serde_json::to_string(&files).unwrap()),
    ];
    let test = ["node", "tests/worker/sniffing.mjs"];
    let (stdout, _) = xtask::run_with(&test, &variables);
    // Chromium looks for feeds in XML, and shows them like any XML.
    let shown = last_line(&stdout).replace("application/rss+xml", "text/xml");
    let shown = shown.replace("application/atom+xml", "text/xml");
    let shown: BTreeMap<String, [Value; 2]> = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown.len(), BEGINNINGS.len());
    let differ = shown.iter().filter(|(_, [with, without])| with != without);
    let differ: Vec<String> =
        differ.map(|(name, both)| format!("{:?}: {both:?}", files[name])).collect();
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}
