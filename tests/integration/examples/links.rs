//! Links between the documents of the repository, and the files that they name.

use super::markdown::{Document, root};

#[test]
fn links_lead_to_files_and_headings() {
    let mut broken = Vec::new();
    let mut followed = 0;
    for document in Document::all() {
        let folder = root().join(&document.path).parent().unwrap().to_owned();
        for link in document.links().into_iter().filter(|link| !link.contains("://")) {
            followed += 1;
            let (file, fragment) = link.split_once('#').unwrap_or((link, ""));
            let target =
                if file.is_empty() { root().join(&document.path) } else { folder.join(file) };
            let leads = match fragment {
                "" => target.exists(),
                fragment => {
                    let target = target.canonicalize().unwrap_or_default();
                    let name = target.strip_prefix(root().canonicalize().unwrap());
                    name.is_ok_and(|name| {
                        let target = Document::read(name.to_str().unwrap());
                        target.anchors().iter().any(|anchor| anchor == fragment)
                    })
                }
            };
            if !leads {
                broken.push(format!("{}: {link}", document.path));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    assert!(followed > 30, "only {followed} links were found");
}

/// Files that a change in an example of `ARCHITECTURE.md` would add.
const TO_BE_ADDED: [&str; 4] = [
    "src/cli/print/sarif.rs",
    "src/coding/zstd.rs",
    "src/output/deno/",
    "src/transform/LANGUAGE.rs",
];

#[test]
fn files_named_by_the_architecture_exist() {
    let folders =
        ["benches", "docs", "engine", "examples", "npm", "runtime", "src", "tests", "xtask"];
    let document = Document::read("ARCHITECTURE.md");
    // Every second part is in backticks.
    let quoted = document.text.split('`').skip(1).step_by(2);
    let is_path =
        |text: &&str| text.split_once('/').is_some_and(|(folder, _)| folders.contains(&folder));
    let missing: Vec<&str> = quoted
        .filter(is_path)
        .filter(|path| !TO_BE_ADDED.contains(path) && !root().join(path).exists())
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// A promise without its test would be forgotten.
#[test]
fn tests_named_by_the_page_on_security_exist() {
    let document = Document::read("SECURITY.md");
    let (_, promises) = document.text.split_once("## Not trusted").unwrap();
    let (promises, _) = promises.split_once("\n## ").unwrap();
    let quoted = promises.split('`').skip(1).step_by(2);
    let is_rust = |text: &str| text.rsplit_once('.').is_some_and(|(_, it)| it == "rs");
    let paths: Vec<&str> = quoted.filter(|text| is_rust(text) || text.ends_with('/')).collect();
    let exists = |path: &str| {
        ["", "tests/integration"].iter().any(|folder| root().join(folder).join(path).exists())
    };
    let missing: Vec<&&str> = paths.iter().filter(|path| !exists(path)).collect();
    assert!(missing.is_empty() && paths.len() > 10, "{missing:?} of {paths:?}");
}
