//! Small programs, before and after packing, as Node.js runs them.
//!
//! `expressions.txt` has an expression for each way in which an optimiser is known to change one.
//! Each is put into some of the forms of `forms.txt`, or into all of them with
//! `WORKER_PACK_PROGRAMS=all`. `programs.txt` has whole programs.

use std::env;
use std::fs;

use serde_json::json;
use worker_pack_runtime::Table;

use crate::support::site::{Site, text};
use crate::support::xtask;

/// The number of forms that each expression is put into.
const FORMS_OF_EACH: usize = 4;

/// The script that runs the programs.
const RUN: &str = "tests/integration/transform/javascript_differential/run.mjs";

/// Returns the programs of the corpus.
fn programs() -> Vec<String> {
    let forms: Vec<&str> = include_str!("forms.txt").lines().collect();
    let all = env::var("WORKER_PACK_PROGRAMS").is_ok_and(|value| value == "all");
    let count = if all { forms.len() } else { FORMS_OF_EACH };
    let expressions = include_str!("expressions.txt").lines().enumerate();
    let combined = expressions.flat_map(|(number, expression)| {
        let chosen = (0..count).map(move |step| number * 5 + step * 6);
        let forms = &forms;
        let count = forms.len();
        chosen.enumerate().map(move |(step, index)| {
            let index = if all { step } else { index % count };
            forms[index].replace("$E", expression)
        })
    });
    let whole = include_str!("programs.txt").split("---\n").map(str::to_owned);
    combined.chain(whole).collect()
}

/// Packs programs, and returns those that Node.js runs differently, as lines of JSON.
fn different(programs: &[String], extension: &str, kind: &str) -> String {
    let names: Vec<String> = (0..programs.len()).map(|it| format!("{it}.{extension}")).collect();
    let files: Vec<(&str, &String)> = names.iter().map(String::as_str).zip(programs).collect();
    let site = Site::new(&files);
    let packed = site.pack();
    let image = packed.table().to_memory().unwrap();
    let table: Table<'_> = image.table();
    let pairs = files.iter().map(|(name, before)| {
        let after = text(&table, &format!("/{name}"));
        json!({ "name": name, "kind": kind, "before": before, "after": after })
    });
    let path = site.project().join("programs.json");
    fs::write(&path, json!(pairs.collect::<Vec<_>>()).to_string()).unwrap();
    let path = path.display().to_string();
    let (stdout, stderr) = xtask::run(&["node", "--experimental-vm-modules", RUN, &path]);
    let last = stdout.lines().last().unwrap_or_default();
    assert!(last.starts_with(&format!("compared {}", programs.len())), "{stdout}{stderr}");
    let lines: Vec<&str> = stdout.lines().filter(|line| line.starts_with('{')).collect();
    lines.join("\n")
}

#[test]
fn packed_scripts_do_what_the_scripts_did() {
    let programs = programs();
    assert!(programs.len() > 500, "the corpus has only {} programs", programs.len());
    let different = different(&programs, "js", "classic");
    assert!(different.is_empty(), "{different}");
}

#[test]
fn packed_modules_do_what_the_modules_did() {
    let different = different(&programs(), "mjs", "module");
    assert!(different.is_empty(), "{different}");
}
