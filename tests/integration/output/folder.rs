//! The output folder: minimal writes, failures, foreign files.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use worker_pack::options::Strictness;
use worker_pack::{Options, Pack, PackError, Target};

use super::{FILES, bytes, contents};
use crate::support::site::Site;

#[test]
fn a_second_run_writes_only_changed_files() {
    let site = Site::new(&FILES);
    site.emit(Options::default()).unwrap();
    // An old modification time, so that a rewrite is visible.
    let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    for path in contents(&site.out()).keys() {
        let file = fs::File::options().write(true).open(site.out().join(path)).unwrap();
        file.set_modified(long_ago).unwrap();
    }
    let before = contents(&site.out());

    let again = site.emit(Options::default()).unwrap();
    assert_eq!((again.emitted().unwrap().written, again.emitted().unwrap().removed), (0, 0));
    let untouched =
        |(path, _): &(&PathBuf, &(Vec<u8>, SystemTime))| !path.ends_with(".worker-pack.lock");
    let after = contents(&site.out());
    assert!(before.iter().filter(untouched).eq(after.iter().filter(untouched)));

    site.write("index.html", "<h1>Changed</h1>");
    let changed = site.emit(Options::default()).unwrap();
    let changed = changed.emitted().unwrap();
    assert_eq!(changed.written, 4, "the bodies, the table, the module and the manifest");
    assert_eq!(changed.removed, 2, "the earlier bodies and the earlier table");
}

#[test]
fn a_changed_page_leaves_most_bodies_as_they_are() {
    let page = |number: usize, word: &str| format!("{number} {}", word.repeat(40_000));
    let site = Site::new::<&str>(&[]);
    for number in 0..20 {
        site.write(&format!("{number}.txt"), page(number, "word "));
    }
    let options = || Options { encodings: [].into(), ..Options::default() };
    let first = site.emit(options()).unwrap();
    let files = first.emitted().unwrap().written;
    assert!(files > 6, "{files}: the bodies are in one file");
    site.write("7.txt", page(7, "text "));
    let again = site.emit(options()).unwrap();
    let again = again.emitted().unwrap();
    assert_eq!((again.written, again.unchanged, again.removed), (4, files - 4, 2));
}

/// A pack of the site that treats warnings as errors.
fn strictly(site: &Site) -> Pack {
    let options = Options { strictness: Strictness::Strict, ..Options::default() };
    Pack::from_dir(site.dist()).options(options).target(Target::RustModule(site.out()))
}

#[test]
fn a_failed_pack_preserves_earlier_output() {
    let site = Site::new(&FILES);
    site.emit(Options::default()).unwrap();
    let before = contents(&site.out());
    site.write("text", "x");
    site.write("text.html", "x");
    assert!(strictly(&site).emit().is_err());
    assert_eq!(contents(&site.out()), before);
}

#[test]
fn a_failed_build_script_shows_every_file_with_its_error() {
    let site = Site::new(&FILES);
    site.write("text", "x");
    site.write("text.html", "x");
    let error = strictly(&site).emit().unwrap_err();
    // Cargo shows an error returned by `main` in this form.
    let shown = format!("Error: {error:?}");
    let expected = "Error: the site could not be packed: 1 error\n  text.html: \
                    ingest/file-name-only: is reachable only by file name";
    assert!(shown.starts_with(expected), "{shown}");
}

#[test]
fn leftovers_of_interrupted_runs_are_removed_and_foreign_files_stay() {
    let site = Site::new(&FILES);
    let staging = site.out().join(".worker-pack.staging");
    fs::create_dir_all(&staging).unwrap();
    fs::create_dir_all(site.out().join("bodies")).unwrap();
    let name = |digit: &str, extension: &str| format!("{}.{extension}", digit.repeat(64));
    let stale = [name("0", "bin"), name("0", "table")];
    let foreign = ["README".to_owned(), name("1", "bin"), name("2", "table")];
    for name in stale.iter().chain(&foreign) {
        fs::write(site.out().join("bodies").join(name), "some bytes").unwrap();
    }
    fs::write(staging.join("assets.rs"), "// half of a mod").unwrap();
    let list = serde_json::json!({
        "generator": "worker-pack",
        "staged": ["assets.rs", "manifest.json", "../../bodies/README"],
        "included": [&stale[0], &stale[1], "README", "../assets.rs"],
    });
    fs::write(staging.join("files.json"), list.to_string()).unwrap();
    site.emit(Options::default()).unwrap();
    assert!(!staging.exists());
    let has = |name: &String| site.out().join("bodies").join(name).exists();
    assert!(!stale.iter().any(has) && foreign.iter().all(has));
}

#[test]
fn damaged_bodies_are_rewritten() {
    let site = Site::new(&FILES);
    site.emit(Options::default()).unwrap();
    let good = bytes(&site.out());
    for (path, bytes) in &good {
        // At the end: a file with another beginning counts as foreign and is not overwritten.
        let half = bytes.len() / 2;
        let damaged: Vec<u8> = [&bytes[..half], b"damaged"].concat();
        fs::write(site.out().join(path), damaged).unwrap();
    }
    site.emit(Options::default()).unwrap();
    let mut again = bytes(&site.out());
    again.retain(|path, _| !path.ends_with(".worker-pack.lock"));
    assert!(again.iter().all(|(path, bytes)| good[path] == *bytes));
}

#[test]
fn output_into_the_packed_folder_or_over_foreign_files_is_refused() {
    let site = Site::new(&FILES);
    for out in [site.dist(), site.dist().join("packed/deep"), site.dist().join("index.html")] {
        let error =
            Pack::from_dir(site.dist()).target(Target::RustModule(out.clone())).emit().unwrap_err();
        assert!(matches!(error, PackError::OutputInTheWay { .. }), "{error}");
    }
    for name in ["assets.rs", "manifest.json"] {
        let out = site.project().join("src");
        fs::create_dir_all(&out).unwrap();
        fs::write(out.join(name), "{ \"mine\": 1 }").unwrap();
        let error =
            Pack::from_dir(site.dist()).target(Target::RustModule(out.clone())).emit().unwrap_err();
        assert!(error.to_string().contains("worker-pack did not write it"), "{error}");
        assert_eq!(fs::read_to_string(out.join(name)).unwrap(), "{ \"mine\": 1 }");
        fs::remove_dir_all(out).unwrap();
    }
    for foreign in ["assets.rs", "manifest.json"] {
        let site = Site::new(&FILES);
        site.emit(Options::default()).unwrap();
        let before = bytes(&site.out());
        fs::write(site.out().join(foreign), "{ \"mine\": 1 }").unwrap();
        site.write("index.html", "<p>changed");
        let error = site.emit(Options::default()).unwrap_err();
        assert!(error.to_string().contains("worker-pack did not write it"), "{error}");
        let mut after = bytes(&site.out());
        assert_eq!(after.remove(Path::new(foreign)).unwrap(), b"{ \"mine\": 1 }");
        assert!(after.iter().all(|(path, bytes)| before[path] == *bytes), "{foreign}");
    }
    fs::write(site.out(), "a file").unwrap();
    let error = strictly(&site).emit().unwrap_err();
    assert!(error.to_string().contains("not a folder"), "{error}");
    assert_eq!(fs::read_to_string(site.out()).unwrap(), "a file");
}
