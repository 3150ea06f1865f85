//! The emitted Rust module and the manifest.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use worker_pack::options::{Compat, EarlyHints, HtmlHandling, IdentityBodies};
use worker_pack::{Options, Target};

use super::listing::listing;
use super::{FILES, bytes, options};
use crate::support::site::{Site, files_below};

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

#[test]
fn the_manifest_tells_where_each_body_is() {
    let site = site_with_everything();
    let packed = site.pack_with(everything());
    let bodies = packed.table().bodies();
    for (identity, stored) in [(IdentityBodies::Stored, bodies.len()), (IdentityBodies::Decoded, 0)]
    {
        site.emit(Options { identity, ..everything() }).unwrap();
        let manifest = fs::read(site.out().join("manifest.json")).unwrap();
        let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
        let mut found = 0;
        let assets = manifest["assets"].as_object().unwrap().values();
        for one in assets.flat_map(|asset| asset["representations"].as_array().unwrap()) {
            let number = |name: &str| usize::try_from(one[name].as_u64().unwrap()).unwrap();
            let Some(file) = one["file"].as_str() else { continue };
            let file = fs::read(site.out().join(file)).unwrap();
            let body = &file[number("offset")..][..number("bytes")];
            let is_body = |blob: &worker_pack::table::Blob| blob.read().unwrap()[..] == *body;
            assert!(bodies.iter().any(|(_, blob)| is_body(blob)), "{one}");
            found += 1;
        }
        assert!(found > 0 && found >= stored, "{found}");
    }
}

/// A site that has all that a table can contain.
fn site_with_everything() -> Site {
    let site = Site::new(&FILES);
    let page = format!("<link rel=preload as=style href=/a.css><p>{}</p>", "words ".repeat(99));
    site.write("hints/index.html", page);
    site.write("404.html", "<h1>missing</h1>");
    site.write("empty.txt", "");
    // A mark for the direction of text, which the compiler refuses in a comment.
    site.write("\u{202e}right to left.txt", "text");
    site.write("_headers", "/*\n  X-A: \"b\"\n  ! ETag\n/blog/*\n  X-Splat: :splat\n");
    site.write("_redirects", "/old /new 301\n/rewritten /text.txt 200\n/blog/:id /posts/:id\n");
    site
}

fn everything() -> Options {
    Options { early_hints: EarlyHints::On, ..options() }
}

/// A program that tests compile, which includes emitted modules.
struct Program(PathBuf);

impl Program {
    fn new(site: &Site, features: &[&str], main: &str) -> Self {
        let folder = site.project().join("program");
        fs::create_dir_all(folder.join("src")).unwrap();
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let runtime = root.join("runtime").display().to_string();
        let manifest = format!(
            "[package]\nname = \"emitted\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n\
             [dependencies]\nworker-pack-runtime = {{ path = {runtime:?}, features = {features:?} }}\n"
        );
        fs::write(folder.join("Cargo.toml"), manifest).unwrap();
        fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
        fs::write(folder.join("src/listing.rs"), include_str!("listing.rs")).unwrap();
        fs::write(folder.join("src/main.rs"), main).unwrap();
        Self(folder)
    }

    /// Emits a module, and moves it to the program's sources.
    fn emit(&self, site: &Site, identity: IdentityBodies, name: &str) -> PathBuf {
        let options = Options { identity, ..everything() };
        let target = Target::RustModule(site.out());
        site.packing(options).target(target).emit().unwrap();
        let moved = self.0.join("src").join(name);
        fs::rename(site.out(), &moved).unwrap();
        moved
    }

    fn cargo(&self, command: &str) -> Output {
        Command::new(env!("CARGO"))
            .args([command, "--quiet", "--offline", "--target-dir"])
            .arg(Path::new(env!("CARGO_TARGET_TMPDIR")).join("emitted"))
            .current_dir(&self.0)
            .output()
            .unwrap()
    }
}

#[test]
fn a_moved_module_compiles_and_contains_the_table() {
    let site = site_with_everything();
    let main = r#"
        #![deny(warnings)]
        mod listing;
        mod stored { include!("stored/assets.rs"); }
        mod decoded { include!("decoded/assets.rs"); }
        fn main() {
            print!("{}", listing::listing(&stored::TABLE));
            for (stored, decoded) in stored::TABLE.assets().zip(decoded::TABLE.assets()) {
                let [stored, decoded] = [stored, decoded].map(|asset| asset.identity());
                assert_eq!(stored.etag(), decoded.etag());
                let brotli = decoded.body().stored();
                let worker_pack_runtime::Stored::Memory(bytes) = brotli else { panic!() };
                match decoded.body().decoded_len() {
                    Some(len) => {
                        let bytes = worker_pack_runtime::decode::brotli(bytes, len);
                        assert_eq!(bytes.as_deref(), stored.body().bytes());
                    }
                    None => assert_eq!(Some(bytes), stored.body().bytes()),
                }
            }
            let is_decoded = |body: worker_pack_runtime::Body<'_>| body.decoded_len().is_some();
            assert!(decoded::TABLE.assets().any(|asset| is_decoded(asset.identity().body())));
        }"#;
    let program = Program::new(&site, &["brotli"], main);
    program.emit(&site, IdentityBodies::Stored, "stored");
    program.emit(&site, IdentityBodies::Decoded, "decoded");
    let output = program.cargo("run");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let table = site.pack_with(everything()).table().to_memory().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), listing(&table.table()));
}

/// A way to damage the bytes of a file.
type Damage = fn(&mut Vec<u8>);

#[test]
fn damaged_or_mismatched_modules_fail_to_compile_with_the_reason() {
    let site = site_with_everything();
    let main = "mod assets { include!(\"assets/assets.rs\"); }\nfn main() {}\n";
    let program = Program::new(&site, &[], main);
    let module = program.emit(&site, IdentityBodies::Stored, "assets");
    let files = files_below(&module);
    let find = |extension: &str| {
        let file = files.iter().find(|file| file.extension().is_some_and(|it| it == extension));
        module.join(file.unwrap())
    };
    let cases: [(&str, Damage, &str); 4] = [
        ("table", |bytes| bytes.truncate(99), "the length of an included file has changed"),
        ("table", |bytes| bytes[0] ^= 1, "the included table is damaged"),
        ("table", |bytes| bytes[4] ^= 1, "the included table is of another version"),
        ("bin", |bytes| bytes.push(0), "the length of an included file has changed"),
    ];
    for (extension, damage, reason) in cases {
        let path = find(extension);
        let whole = fs::read(&path).unwrap();
        let mut damaged = whole.clone();
        damage(&mut damaged);
        fs::write(&path, damaged).unwrap();
        let output = program.cargo("check");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && stderr.contains(reason), "{stderr}");
        fs::write(path, whole).unwrap();
    }
    let output = program.cargo("check");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    fs::remove_dir_all(module).unwrap();
    program.emit(&site, IdentityBodies::Decoded, "assets");
    let stderr = program.cargo("check").stderr;
    let stderr = String::from_utf8_lossy(&stderr);
    assert!(stderr.contains("cannot find `decode`") && stderr.contains("brotli"), "{stderr}");
}
