//! The part of the summary about variants.

use std::fs;

use super::run;
use crate::dictionary::pages::{alike, page};
use crate::picture::screenshot;

#[test]
fn the_summary_lists_variants_by_kind_and_those_of_page_dictionaries_apart() {
    let site = alike(&[("30.html", &page(1, "", 30))]);
    fs::write(site.dist().join("a.png"), screenshot()).unwrap();
    let arguments = [
        &["build", "dist", "--out", "out", "--dictionaries", "pages", "--compat", "workers"][..],
        &["--cache-dir", "none"],
    ]
    .concat();
    let json = run(site.project(), &[&arguments[..], &["--format", "json"]].concat());
    let report: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    let files = report["files"].as_array().unwrap();
    let of_page = files.iter().find(|file| file["file"] == "30.html").unwrap();
    let dictionary = &report["dictionaries"][0]["sha256"];
    assert!(dictionary.is_string(), "{report}");
    assert_eq!(of_page["variants"][0]["dictionary"], *dictionary);

    fs::remove_dir_all(site.out()).unwrap();
    let summary = String::from_utf8(run(site.project(), &arguments).stdout).unwrap();
    let (_, variants) = summary.split_once("\nvariants\n").unwrap_or_else(|| panic!("{summary}"));
    let (variants, _) = variants.split_once("\n\n").unwrap();
    assert!(variants.contains("image/webp"), "{summary}");
    assert!(!variants.contains("differences"), "{summary}");
    assert!(summary.contains("once per visitor"), "{summary}");
}
