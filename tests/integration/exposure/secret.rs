//! Secrets in the text of public files.

use std::fs;
use std::process::Command;

use worker_pack::cache::CacheLocation;
use worker_pack::options::Strictness;
use worker_pack::report::{Code, Diagnostic};
use worker_pack::{Options, PackError, Target};

use crate::support::site::{Site, paths, text, warnings, workers};

/// Characters as random as those of a real token. The prefixes of tokens stand apart from them, so
/// that this file contains none.
const RANDOM: &str = "q7Zp2mXv9LrTn4KsWd8HyBc3Jf6GtRa1VeUo5NiM7xQzPk2wDhYb8CsLjF4gTmRv";

fn token() -> String {
    format!("{}{}", "ghp_", &RANDOM[..36])
}

fn private_key() -> String {
    format!("{}PRIVATE KEY-----\n{RANDOM}\n{RANDOM}\n", "-----BEGIN ")
}

fn found(site: &Site) -> Vec<Diagnostic> {
    site.pack_with(workers()).report().diagnostics.clone()
}

/// Writes a file into the project.
fn write_environment(site: &Site, name: &str, text: &str) {
    fs::write(site.project().join(name), text).unwrap();
}

#[test]
fn a_token_in_any_text_is_a_warning_that_does_not_repeat_it() {
    let token = token();
    let site = Site::new(&[
        ("index.html", format!("<p>\n\n<p>Use {token}")),
        ("app.js", format!("const other=1,token=\"{token}\";")),
        ("data.json", format!("{{\"token\":\"{token}\"}}")),
        ("notes", format!("token: {token}")),
        ("module.bin", format!("\u{1}\u{2}{token}\u{3}")),
    ]);
    let packed = site.pack_with(workers());
    let warnings = warnings(&packed);
    assert_eq!(warnings.len(), 5, "{warnings:?}");
    let page =
        "index.html: exposed/token: contains what looks like a token of GitHub (line 3, column 8)";
    assert!(warnings.iter().any(|one| one.starts_with(page)), "{warnings:?}");
    let report = serde_json::to_string(packed.report()).unwrap();
    assert!(!report.contains(&token[4..20]), "{report}");
    // The bytes stay, since the token may be meant to be there.
    assert!(text(&packed.table().to_memory().unwrap().table(), "/app.js").contains(&token));
    let strict = Options { strictness: Strictness::Strict, ..Options::default() };
    assert!(matches!(site.try_pack(strict), Err(PackError::Files { .. })));
}

#[test]
fn tokens_of_documentation_are_not_reported() {
    let site = Site::new(&[(
        "index.html",
        "<pre>AWS_KEY=AKIAIOSFODNN7EXAMPLE ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n\
         sk-your-key-here sk_live_... npm_XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX\n\
         -----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----\n\
         <div class=sk-folding-cube-with-a-long-name-of-its-own style='mask-image:none'>",
    )]);
    assert!(found(&site).is_empty(), "{:?}", found(&site));
}

#[test]
fn a_private_key_in_a_text_is_a_warning() {
    let site = Site::new(&[("notes.txt", private_key())]);
    let found = found(&site);
    assert_eq!((found.len(), found[0].code), (1, Code::ExposedPrivateKey), "{found:?}");
    assert_eq!(paths(&site.pack_with(workers())), ["/notes.txt"]);
}

#[test]
fn a_rule_with_the_name_of_a_file_ends_the_warnings_about_it() {
    let site = Site::new(&[("docs/demo.txt", token() + &private_key()), ("b.txt", token())]);
    assert_eq!(found(&site).len(), 3);
    let found_with = |rule: &str| {
        let options = Options { rule: vec![rule.parse().unwrap()], ..Options::default() };
        site.pack_with(options).report().diagnostics.len()
    };
    assert_eq!(found_with("/docs/demo.txt publish=true"), 1);
    assert_eq!(found_with("/docs/* publish=true"), 3, "a pattern was not written for this file");
    assert_eq!(found_with("/docs/demo.txt publish=false"), 1);
    site.write(".assetsignore", "!/docs/demo.txt\n");
    assert_eq!(found(&site).len(), 1);
}

#[test]
fn values_of_the_environment_are_found_in_every_form() {
    let secret = "p&ss\"w0rd<7>";
    let site = Site::new(&[
        ("index.html", "<p>p&amp;ss\"w0rd&lt;7&gt;"),
        ("app.js", "const a=\"p&ss\\\"w0rd<7>\";"),
        ("raw.txt", secret),
        ("safe.txt", "p&ss"),
    ]);
    for file in [".env", ".env.production.local", ".dev.vars", ".dev.vars.staging"] {
        write_environment(&site, file, &format!("API_SECRET='{secret}' # c\n"));
        let found = found(&site);
        let files: Vec<&str> = found.iter().map(|one| one.file.as_str()).collect();
        assert_eq!(files, ["app.js", "index.html", "raw.txt"], "{file}");
        for one in &found {
            assert_eq!(one.code, Code::ExposedEnvironmentValue);
            let start = format!("contains the value of `API_SECRET` in `{file}` (line 1, ");
            assert!(one.message.starts_with(&start), "{}", one.message);
            assert!(!one.to_string().contains("w0rd"), "{one}");
        }
        fs::remove_file(site.project().join(file)).unwrap();
    }
    write_environment(&site, ".env.example", &format!("API_SECRET='{secret}'\n"));
    assert!(found(&site).is_empty());
}

#[test]
fn public_and_ordinary_values_of_the_environment_are_not_looked_for() {
    let environment = format!(
        "PUBLIC_TOKEN={RANDOM}\nVITE_KEY={RANDOM}\nAPP_SECRET=production\nAPI_KEY=short1\n\
         SITE_URL=https://blog2.example.com\nPORT=12345678\nKEY_DATE=2026-11-26\nTITLE=My Blog 2024\n"
    );
    let site = Site::new(&[("index.html", &environment)]);
    write_environment(&site, ".env", &environment);
    assert!(found(&site).is_empty(), "{:?}", found(&site));
}

#[test]
fn a_packed_client_folder_belongs_to_the_project_above() {
    let site = Site::new(&[("client/index.html", format!("<p>{RANDOM}"))]);
    write_environment(&site, ".env", &format!("TOKEN={RANDOM}\n"));
    write_environment(&site, "package.json", "{}");
    let pack = worker_pack::Pack::from_dir(site.dist().join("client"));
    let packed = pack.cache(CacheLocation::Nowhere).run().unwrap();
    assert_eq!(warnings(&packed).len(), 1);
}

/// The memory of clean files does not depend on the order in which files and secrets appear.
#[test]
fn cached_files_are_looked_into_again_if_the_environment_changes() {
    let site = Site::new(&[("index.html", format!("<p>{RANDOM}")), ("a.txt", token())]);
    let cache = CacheLocation::Folder(site.project().join("cache"));
    let pack = || {
        let pack = site.packing(workers()).cache(cache.clone());
        let emitted = pack.target(Target::RustModule(site.out())).emit().unwrap();
        let found = &emitted.report().diagnostics;
        found.iter().map(|one| one.code).collect::<Vec<Code>>()
    };
    for _ in 0..2 {
        assert_eq!(pack(), [Code::ExposedToken]);
    }
    write_environment(&site, ".env", &format!("TOKEN={RANDOM}\n"));
    site.write("new.txt", "so that the site has changed");
    for _ in 0..2 {
        assert_eq!(pack(), [Code::ExposedToken, Code::ExposedEnvironmentValue]);
    }
    fs::remove_file(site.project().join(".env")).unwrap();
    assert_eq!(pack(), [Code::ExposedToken]);
}

#[test]
fn a_pipe_with_the_name_of_an_environment_is_not_read() {
    let site = Site::new(&[("index.html", "<p>")]);
    let status = Command::new("mkfifo").arg(site.project().join(".env")).status().unwrap();
    assert!(status.success());
    assert!(found(&site).is_empty());
}

#[test]
fn two_values_of_one_name_are_two_findings() {
    let site = Site::new(&[("a.txt", format!("{} {}", &RANDOM[..20], &RANDOM[20..40]))]);
    write_environment(&site, ".env", &format!("TOKEN={}\n", &RANDOM[..20]));
    write_environment(&site, ".env.staging", &format!("TOKEN={}\n", &RANDOM[20..40]));
    assert_eq!(found(&site).len(), 2);
}

/// Types that do not compress, by their extensions. Some are texts all the same.
#[test]
fn texts_whose_extension_belongs_to_no_type_of_text_are_looked_into() {
    let key = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj\n-----END PRIVATE KEY-----\n";
    let names = ["a.ts", "b.sh", "c.php", "d.tar", "e.bin"];
    let site = Site::new(&names.map(|name| (name, key)));
    let found = warnings(&site.pack_with(workers()));
    for name in names {
        assert!(
            found.iter().any(|text| text.contains(name) && text.contains("private key")),
            "{name}: {found:?}"
        );
    }
}
