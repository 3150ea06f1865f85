//! Style sheets before and after packing, as Chromium reads them.
//!
//! `declarations.txt` has declarations that a minifier is known to change, and `forms.txt` the rules
//! that they are put into; `selectors.txt` has lists of selectors, and `sheets.txt` whole sheets.

use std::fs;

use serde_json::{Value, json};
use worker_pack::Options;

use crate::support::site::{Site, text};
use crate::support::xtask;

/// Browsers that sheets are compiled for. Chromium applies all of what is compiled for them.
const BROWSERS: [&str; 4] = ["chrome 80", "chrome 120", "safari 14", "defaults"];

/// Parts of selectors that Chromium does not know.
const UNKNOWN: [&str; 5] = ["::-moz-", ":-ms-", ":unheard", "::-webkit-search-x", ":playing"];

/// The script that reads the sheets.
const RUN: &str = "tests/integration/transform/css_differential/run.mjs";

/// Returns the sheets of the corpus.
fn sheets() -> Vec<String> {
    let forms: Vec<&str> = include_str!("forms.txt").lines().collect();
    let declarations = include_str!("declarations.txt").lines().enumerate();
    // Each declaration comes in four of the forms.
    let declared = declarations.flat_map(|(number, declaration)| {
        let form = |step: usize| forms[(number + step * 3) % forms.len()];
        (0..4).map(|step| form(step).replace("$D", declaration)).collect::<Vec<_>>()
    });
    let selectors = include_str!("selectors.txt").lines();
    let selected = selectors.flat_map(|list| {
        let alone = format!("{list} {{ width : 3px ; color : red }}");
        let after = format!(
            ".a {{ color : blue }} .a , {list} {{ color : red }} .b , {list} {{ color : green }}"
        );
        let nested = format!(".box {{ {list} {{ color : red }} }}");
        [alone, after, nested]
    });
    let whole = include_str!("sheets.txt").split("---\n").map(str::to_owned);
    declared.chain(selected).chain(whole).collect()
}

/// Packs sheets, and returns them before and after.
fn packed(sheets: &[String], kind: &str, browsers: &[&str]) -> Vec<Value> {
    let names: Vec<String> = (0..sheets.len()).map(|number| format!("{number}.css")).collect();
    let files: Vec<(&str, &String)> = names.iter().map(String::as_str).zip(sheets).collect();
    let site = Site::new(&files);
    let css_targets = browsers.iter().map(ToString::to_string).collect();
    let packed = site.pack_with(Options { css_targets, ..Options::default() });
    let image = packed.table().to_memory().unwrap();
    let table = image.table();
    let pairs = files.iter().map(|(name, before)| {
        let after = text(&table, &format!("/{name}"));
        json!({ "name": name, "kind": kind, "browsers": browsers, "before": before, "after": after })
    });
    pairs.collect()
}

#[test]
fn packed_sheets_mean_the_same_to_chromium() {
    let sheets = sheets();
    assert!(sheets.len() > 300, "the corpus has only {} sheets", sheets.len());
    let mut pairs = packed(&sheets, "written", &[]);
    // Where Chromium skips a whole list, it applies more of what is compiled.
    let has_unknown = |sheet: &&String| UNKNOWN.iter().any(|selector| sheet.contains(selector));
    let known: Vec<String> = sheets.iter().filter(|it| !has_unknown(it)).cloned().collect();
    pairs.extend(BROWSERS.iter().flat_map(|one| packed(&known, "compiled", &[one])));
    // What stays as it is needs no comparison.
    pairs.retain(|pair| pair["before"] != pair["after"]);
    let site = Site::new(&[("index.html", "")]);
    let path = site.project().join("sheets.json");
    fs::write(&path, json!(pairs).to_string()).unwrap();
    let (chromium, _) = xtask::run(&["chromium"]);
    let variables = [("WORKER_PACK_CHROMIUM", chromium.trim().to_owned())];
    let path = path.display().to_string();
    let (stdout, stderr) = xtask::run_with(&["node", RUN, &path], &variables);
    let last = stdout.lines().last().unwrap_or_default();
    assert!(last.starts_with(&format!("compared {}", pairs.len())), "{stdout}{stderr}");
    let different: String = stdout.lines().filter(|line| line.starts_with('{')).collect();
    assert!(different.is_empty(), "{stdout}");
}
