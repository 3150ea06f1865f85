//! What is written, and how.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use worker_pack::{Coding, Options, Pack, PackError, Strictness};

use crate::support::site::{Site, files_below};

const FILES: [(&str, &str); 5] = [
    ("index.html", "<h1>  Hello  </h1>\n<script>  go( 1 )  </script>"),
    ("_astro/app.D4f5G6h7.js", "export  const  a  =  1 ;"),
    ("copy.html", "<h1>  Hello  </h1>\n<script>  go( 1 )  </script>"),
    ("odd \"name\"\\ü.txt", "text"),
    ("text.txt", "abcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabc"),
];

fn options() -> Options {
    Options { encodings: Coding::ALL.into(), ..Options::default() }
}

/// Returns the bytes and the modification time of each file below a folder.
fn contents(folder: &Path) -> BTreeMap<PathBuf, (Vec<u8>, SystemTime)> {
    let content = |relative: PathBuf| {
        let path = folder.join(&relative);
        let modified = fs::metadata(&path).unwrap().modified().unwrap();
        (relative, (fs::read(&path).unwrap(), modified))
    };
    files_below(folder).into_iter().map(content).collect()
}

fn bytes(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    contents(folder).into_iter().map(|(path, (bytes, _))| (path, bytes)).collect()
}

#[test]
fn the_module_and_the_manifest_look_like_this() {
    let site = Site::new(&FILES);
    site.pack_with(options()).emit(&site.out()).unwrap();
    insta::assert_snapshot!("module", fs::read_to_string(site.out().join("assets.rs")).unwrap());
    let manifest = fs::read_to_string(site.out().join("manifest.json")).unwrap();
    insta::assert_snapshot!("manifest", manifest);
}

#[test]
fn the_same_files_give_the_same_bytes_anywhere_in_any_order() {
    let site = Site::new(&FILES);
    site.pack_with(options()).emit(&site.out()).unwrap();
    let first = bytes(&site.out());

    let mut reversed = FILES;
    reversed.reverse();
    let elsewhere = Site::new(&reversed);
    elsewhere.pack_with(options()).emit(&elsewhere.out()).unwrap();
    assert_eq!(bytes(&elsewhere.out()), first);
    let names_a_folder = |bytes: &[u8]| String::from_utf8_lossy(bytes).contains("/tmp");
    assert!(
        !first.values().any(|bytes| names_a_folder(bytes)),
        "an absolute path is in the output"
    );
}

#[test]
fn a_second_run_touches_only_what_changed() {
    let site = Site::new(&FILES);
    site.pack().emit(&site.out()).unwrap();
    // As if it had been written long ago, so that a rewrite shows.
    let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    for path in contents(&site.out()).keys() {
        let file = fs::File::options().write(true).open(site.out().join(path)).unwrap();
        file.set_modified(long_ago).unwrap();
    }
    let before = contents(&site.out());

    let again = site.pack().emit(&site.out()).unwrap();
    assert_eq!((again.emitted().written, again.emitted().removed), (0, 0));
    let untouched =
        |(path, _): &(&PathBuf, &(Vec<u8>, SystemTime))| !path.ends_with(".worker-pack.lock");
    let after = contents(&site.out());
    assert!(before.iter().filter(untouched).eq(after.iter().filter(untouched)));

    site.write("index.html", "<h1>Changed</h1>");
    let changed = site.pack().emit(&site.out()).unwrap();
    assert_eq!(changed.emitted().written, 3, "the page, the module and the manifest");
    assert_eq!(changed.emitted().removed, 0, "its old body is still that of `copy.html`");
    site.write("copy.html", "<h1>Changed</h1>");
    assert_eq!(site.pack().emit(&site.out()).unwrap().emitted().removed, 1);
}

/// Packs a site, and takes warnings for errors.
fn strictly(site: &Site) -> Pack {
    let options = Options { strictness: Strictness::Strict, ..Options::default() };
    Pack::from_dir(site.dist()).options(options)
}

#[test]
fn a_pack_that_fails_leaves_the_earlier_output_as_it_was() {
    let site = Site::new(&FILES);
    site.pack().emit(&site.out()).unwrap();
    let before = contents(&site.out());
    site.write("text", "x");
    site.write("text.html", "x");
    assert!(strictly(&site).emit(site.out()).is_err());
    assert_eq!(contents(&site.out()), before);
}

#[test]
fn a_build_script_that_fails_shows_every_file_and_why() {
    let site = Site::new(&FILES);
    site.write("text", "x");
    site.write("text.html", "x");
    let error = strictly(&site).emit(site.out()).unwrap_err();
    // What Cargo shows of a `main` that returns an error.
    let shown = format!("Error: {error:?}");
    let expected =
        "Error: 1 file could not be packed\n  text.html: ingest: is answered at its own name";
    assert!(shown.starts_with(expected), "{shown}");
}

#[test]
fn what_an_interrupted_run_left_does_no_harm_and_foreign_files_stay() {
    let site = Site::new(&FILES);
    let staging = site.out().join(".worker-pack.staging");
    fs::create_dir_all(&staging).unwrap();
    fs::write(staging.join("file"), "half of a bo").unwrap();
    fs::create_dir_all(site.out().join("bodies")).unwrap();
    fs::write(site.out().join("bodies/README"), "mine").unwrap();
    let stale = site.out().join("bodies").join("0".repeat(64));
    fs::write(&stale, "of a run before").unwrap();
    site.pack().emit(&site.out()).unwrap();
    assert!(!staging.exists() && !stale.exists());
    assert_eq!(fs::read_to_string(site.out().join("bodies/README")).unwrap(), "mine");
}

#[test]
fn a_body_that_was_damaged_is_written_anew() {
    let site = Site::new(&FILES);
    site.pack().emit(&site.out()).unwrap();
    let good = bytes(&site.out());
    for (path, bytes) in &good {
        // The end of it: a file that begins like another's is not written over.
        let half = bytes.len() / 2;
        let damaged: Vec<u8> = [&bytes[..half], b"damaged"].concat();
        fs::write(site.out().join(path), damaged).unwrap();
    }
    site.pack().emit(&site.out()).unwrap();
    let mut again = bytes(&site.out());
    again.retain(|path, _| !path.ends_with(".worker-pack.lock"));
    assert!(again.iter().all(|(path, bytes)| good[path] == *bytes));
}

#[test]
fn the_output_never_goes_into_the_packed_folder_or_over_a_file() {
    let site = Site::new(&FILES);
    for out in [site.dist(), site.dist().join("packed/deep"), site.dist().join("index.html")] {
        let error = Pack::from_dir(site.dist()).emit(&out).unwrap_err();
        assert!(matches!(error, PackError::OutputInTheWay { .. }), "{error}");
    }
    for name in ["assets.rs", "manifest.json"] {
        let out = site.project().join("src");
        fs::create_dir_all(&out).unwrap();
        fs::write(out.join(name), "{ \"mine\": 1 }").unwrap();
        let error = Pack::from_dir(site.dist()).emit(&out).unwrap_err();
        assert!(error.to_string().contains("worker-pack did not write it"), "{error}");
        assert_eq!(fs::read_to_string(out.join(name)).unwrap(), "{ \"mine\": 1 }");
        fs::remove_dir_all(out).unwrap();
    }
    fs::write(site.out(), "a file").unwrap();
    let error = strictly(&site).emit(site.out()).unwrap_err();
    assert!(error.to_string().contains("not a folder"), "{error}");
    assert_eq!(fs::read_to_string(site.out()).unwrap(), "a file");
}

/// Compiles the emitted module against the runtime, and has the program say what it holds.
#[test]
fn the_module_compiles_wherever_it_is_moved_and_holds_the_table() {
    let site = Site::new(&FILES);
    let packed = site.pack_with(options());
    let expected = packed.table().clone();
    packed.emit(&site.out()).unwrap();

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
    for asset in expected.to_image().unwrap().table().assets() {
        let (path, kind, policy) = (asset.path(), asset.content_type(), asset.cache_control());
        writeln!(listing, "{path:?} {kind} {policy}").unwrap();
        for one in asset.encoded().chain([asset.identity()]) {
            let body = one.body().bytes().unwrap();
            writeln!(listing, "  {} {} {body:?}", one.coding(), one.etag()).unwrap();
        }
    }
    assert_eq!(String::from_utf8(output.stdout).unwrap(), listing);
}
