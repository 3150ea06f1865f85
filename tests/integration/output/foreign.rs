//! Files and links of the user in the output folder.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use worker_pack::options::WorkerOptions;
use worker_pack::target::{Engine, WorkerTarget};
use worker_pack::{EmittedPack, Options, PackError, Target};

use super::{FILES, bytes};
use crate::support::site::{Site, files_below};

/// A kind of output.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    RustModule,
    Worker,
}

fn emit(site: &Site, kind: Kind) -> Result<EmittedPack, PackError> {
    let engine = site.project().join("engine.wasm");
    fs::write(&engine, b"\0asm\x01\0\0\0").unwrap();
    let target = match kind {
        Kind::RustModule => Target::RustModule(site.out()),
        Kind::Worker => {
            let (engine, out) = (Engine::from_file(&engine).unwrap(), site.out());
            let options = WorkerOptions {
                spill_above: Some(bytesize::ByteSize::b(60)),
                ..WorkerOptions::default()
            };
            Target::Worker(WorkerTarget { out, engine, options })
        }
    };
    site.packing(Options::default()).target(target).emit()
}

/// Returns the paths and bytes of all files below a folder, with the targets of links.
fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let read = |name: PathBuf| {
        let path = folder.join(&name);
        let link = fs::read_link(&path).map(|target| target.into_os_string().into_encoded_bytes());
        (name, link.unwrap_or_else(|_| fs::read(&path).unwrap()))
    };
    files_below(folder).into_iter().map(read).collect()
}

#[test]
fn files_that_no_earlier_output_names_stay() {
    let hash = |digit: &str| digit.repeat(64);
    let own = [
        format!("bodies/{}.bin", hash("a")),
        format!("bodies/{}.table", hash("b")),
        "bodies/deep/file".to_owned(),
        "notes.txt".to_owned(),
    ];
    let site = Site::new(&FILES);
    let write = |name: &str| {
        let path = site.out().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "mine").unwrap();
    };
    for name in &own {
        write(name);
    }
    for (round, kind) in [Kind::RustModule, Kind::Worker, Kind::RustModule].into_iter().enumerate()
    {
        emit(&site, kind).unwrap();
        site.write("index.html", format!("<p>{round}"));
        emit(&site, kind).unwrap();
        for name in &own {
            assert_eq!(fs::read_to_string(site.out().join(name)).unwrap(), "mine", "{kind:?}");
        }
    }
    // The earlier files of the output itself are gone.
    let bodies = files_below(&site.out().join("bodies")).len();
    assert_eq!(bodies, 3 + 2, "the user's files, the bodies and the table");
}

#[test]
fn files_of_the_user_in_a_bundle_are_carried_over() {
    let site = Site::new(&FILES);
    emit(&site, Kind::Worker).unwrap();
    let own = ["bundle/.DS_Store", "bundle/worker/notes/mine.txt", "bundle/assets/mine.txt"];
    for name in own {
        let path = site.out().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "mine").unwrap();
    }
    for round in 0..3 {
        site.write("index.html", format!("<p>{round} {}", "word ".repeat(round * 50)));
        emit(&site, Kind::Worker).unwrap();
        for name in own {
            assert_eq!(fs::read_to_string(site.out().join(name)).unwrap(), "mine", "{name}");
        }
        assert!(!site.out().join(".worker-pack.staging").exists());
    }
    for name in own {
        fs::remove_file(site.out().join(name)).unwrap();
    }
    fs::remove_dir(site.out().join("bundle/worker/notes")).unwrap();
    let kept = bytes(&site.out());
    fs::remove_dir_all(site.out()).unwrap();
    emit(&site, Kind::Worker).unwrap();
    assert_eq!(kept, bytes(&site.out()), "nothing of an earlier bundle is left");
}

#[test]
fn empty_folders_of_the_user_in_a_bundle_stay() {
    let site = Site::new(&FILES);
    emit(&site, Kind::Worker).unwrap();
    let folders = ["bundle/empty/deep", "bundle/worker/empty"].map(|name| site.out().join(name));
    for folder in &folders {
        fs::create_dir_all(folder).unwrap();
    }
    for text in ["one", "two"] {
        site.write("changed.txt", text);
        emit(&site, Kind::Worker).unwrap();
        assert!(folders.iter().all(|folder| folder.is_dir()), "{text}");
        assert!(!site.out().join(".worker-pack.staging").exists(), "{text}");
    }
}

#[test]
fn a_bundle_whose_manifest_names_no_files_is_replaced() {
    let site = Site::new(&FILES);
    emit(&site, Kind::Worker).unwrap();
    let expected = bytes(&site.out());
    let manifest = site.out().join("bundle/manifest.json");
    let mut json: serde_json::Value =
        serde_json::from_slice(&fs::read(&manifest).unwrap()).unwrap();
    json.as_object_mut().unwrap().shift_remove("files").expect("it names the files");
    fs::write(&manifest, format!("{}\n", serde_json::to_string_pretty(&json).unwrap())).unwrap();
    fs::write(site.out().join("bundle/worker/old.js"), "of the version before").unwrap();
    fs::write(site.out().join("bundle/notes.txt"), "mine").unwrap();
    emit(&site, Kind::Worker).unwrap();
    assert_eq!(fs::read_to_string(site.out().join("bundle/notes.txt")).unwrap(), "mine");
    fs::remove_file(site.out().join("bundle/notes.txt")).unwrap();
    assert_eq!(bytes(&site.out()), expected);
}

#[test]
fn foreign_files_in_the_staging_folder_are_refused_and_stay() {
    for kind in [Kind::RustModule, Kind::Worker] {
        for name in ["mine", "bundle/mine", "assets.rs", "bundle/worker/index.js"] {
            let site = Site::new(&FILES);
            let path = site.out().join(".worker-pack.staging").join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, "mine").unwrap();
            let error = emit(&site, kind).unwrap_err();
            assert!(error.to_string().contains("worker-pack did not write it"), "{error}");
            assert_eq!(fs::read_to_string(path).unwrap(), "mine");
        }
    }
}

#[test]
fn links_in_the_output_are_neither_followed_nor_replaced() {
    for kind in [Kind::RustModule, Kind::Worker] {
        let finished = Site::new(&FILES);
        emit(&finished, kind).unwrap();
        let mut names: Vec<PathBuf> = files_below(&finished.out());
        let folders: Vec<PathBuf> =
            names.iter().flat_map(|name| name.ancestors().skip(1)).map(Path::to_owned).collect();
        names.extend(folders);
        names.push(".worker-pack.staging".into());
        names.sort();
        names.dedup();
        for name in names.iter().filter(|name| !name.as_os_str().is_empty()) {
            // Into an empty folder, over an output of the same site, and over one of another.
            for state in 0..3 {
                let site = Site::new(&FILES);
                let elsewhere = site.project().join("elsewhere");
                if state > 0 {
                    emit(&site, kind).unwrap();
                }
                let path = site.out().join(name);
                fs::create_dir_all(&elsewhere).unwrap();
                fs::write(elsewhere.join("mine"), "mine").unwrap();
                if path.exists() {
                    fs::rename(&path, elsewhere.join("target")).unwrap();
                } else {
                    fs::create_dir_all(path.parent().unwrap()).unwrap();
                }
                symlink(elsewhere.join("target"), &path).unwrap();
                if state == 2 {
                    site.write("index.html", "<p>another page");
                }
                let before = tree(&elsewhere);
                let result = emit(&site, kind);
                let what = format!("{kind:?} {} {state}", name.display());
                assert_eq!(tree(&elsewhere), before, "{what}");
                assert!(fs::symlink_metadata(&path).unwrap().is_symlink(), "{what}");
                match result {
                    Err(PackError::OutputInTheWay { .. }) => {}
                    // A body that the other site does not need.
                    Ok(_) => assert!(state == 2 && name.starts_with("bodies"), "{what}"),
                    Err(error) => panic!("{what}: {error}"),
                }
            }
        }
    }
}

#[test]
fn another_name_of_an_output_file_keeps_its_bytes() {
    let site = Site::new(&FILES);
    emit(&site, Kind::RustModule).unwrap();
    let copy = site.project().join("copy");
    for name in files_below(&site.out()) {
        let (path, other) = (site.out().join(&name), copy.join(&name));
        fs::create_dir_all(other.parent().unwrap()).unwrap();
        let damaged = [&fs::read(&path).unwrap()[..], b" damaged"].concat();
        fs::write(&path, damaged).unwrap();
        fs::hard_link(path, other).unwrap();
    }
    let before = tree(&copy);
    emit(&site, Kind::RustModule).unwrap();
    assert_eq!(tree(&copy), before);
}

#[test]
fn the_path_of_the_output_may_be_a_link() {
    for kind in [Kind::RustModule, Kind::Worker] {
        let site = Site::new(&FILES);
        fs::create_dir(site.project().join("real")).unwrap();
        symlink("real", site.out()).unwrap();
        emit(&site, kind).unwrap();
        assert!(!files_below(&site.project().join("real")).is_empty());
    }
}
