//! The emitted Rust module and the manifest.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use worker_pack::Options;
use worker_pack::options::{Compat, HtmlHandling};

use super::{FILES, bytes, options};
use crate::support::site::Site;

#[test]
fn module_and_manifest_match_their_snapshots() {
    let site = Site::new(&FILES);
    site.emit(options()).unwrap();
    insta::assert_snapshot!("module", fs::read_to_string(site.out().join("assets.rs")).unwrap());
    let manifest = fs::read_to_string(site.out().join("manifest.json")).unwrap();
    insta::assert_snapshot!("manifest", manifest);
}

#[test]
fn manifest_urls_are_those_of_the_report_under_every_html_handling() {
    for html_handling in HtmlHandling::ALL {
        let site = Site::new(&[("index.html", "<p>"), ("about.html", "<p>"), ("a b.txt", "text")]);
        let (compat, html_handling) = (Some(Compat::Workers), Some(html_handling));
        let packed = site.emit(Options { compat, html_handling, ..Options::default() }).unwrap();
        let manifest = fs::read(site.out().join("manifest.json")).unwrap();
        let manifest: Value = serde_json::from_slice(&manifest).unwrap();
        for file in &packed.report().files {
            let url = &manifest["assets"][&file.route]["url"];
            assert_eq!(*url, file.url, "{} under {html_handling:?}", file.route);
        }
    }
}

#[test]
fn output_is_independent_of_location_and_file_order() {
    let site = Site::new(&FILES);
    site.emit(options()).unwrap();
    let first = bytes(&site.out());

    let mut reversed = FILES;
    reversed.reverse();
    let elsewhere = Site::new(&reversed);
    elsewhere.emit(options()).unwrap();
    assert_eq!(bytes(&elsewhere.out()), first);
    let names_a_folder = |bytes: &[u8]| String::from_utf8_lossy(bytes).contains("/tmp");
    assert!(
        !first.values().any(|bytes| names_a_folder(bytes)),
        "an absolute path is in the output"
    );
}

/// Compiles the emitted module against the runtime into a program that prints the table.
#[test]
fn a_moved_module_compiles_and_contains_the_table() {
    let site = Site::new(&FILES);
    let packed = site.pack_with(options());
    let expected = packed.table().clone();
    site.emit(options()).unwrap();

    let program = site.project().join("program");
    fs::create_dir_all(program.join("src")).unwrap();
    fs::rename(site.out(), program.join("src/moved")).unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = format!(
        "[package]\nname = \"emitted\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n\
         [dependencies]\nworker-pack-runtime = {{ path = {:?} }}\n",
        root.join("runtime")
    );
    fs::write(program.join("Cargo.toml"), manifest).unwrap();
    fs::copy(root.join("Cargo.lock"), program.join("Cargo.lock")).unwrap();
    fs::write(
        program.join("src/main.rs"),
        r#"
        #![deny(warnings)]
        mod assets { include!("moved/assets.rs"); }
        fn main() {
            for asset in assets::TABLE.assets() {
                println!("{:?} {} {}", asset.path(), asset.content_type(), asset.cache_control());
                for one in asset.encoded().chain([asset.identity()]) {
                    println!("  {} {} {:?}", one.coding(), one.etag(), one.body().bytes().unwrap());
                }
            }
        }"#,
    )
    .unwrap();
    let output = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--offline", "--target-dir"])
        .arg(Path::new(env!("CARGO_TARGET_TMPDIR")).join("emitted"))
        .current_dir(&program)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    let mut listing = String::new();
    for asset in expected.to_memory().unwrap().table().assets() {
        let (path, kind, policy) = (asset.path(), asset.content_type(), asset.cache_control());
        writeln!(listing, "{path:?} {kind} {policy}").unwrap();
        for one in asset.encoded().chain([asset.identity()]) {
            let body = one.body().bytes().unwrap();
            writeln!(listing, "  {} {} {body:?}", one.coding(), one.etag()).unwrap();
        }
    }
    assert_eq!(String::from_utf8(output.stdout).unwrap(), listing);
}
