//! Runs all targets on their seeds, and on mutations of them.
//!
//! `WORKER_PACK_FUZZ_EXECUTIONS` sets the number of mutations for each target.

use std::collections::BTreeSet;
use std::error::Error;
use std::path::Path;
use std::{env, fs};

use worker_pack::Pack;
use worker_pack::cache::CacheLocation;
use worker_pack_fuzz::driver::{dictionary, drive, seeds};
use worker_pack_fuzz::targets;
use worker_pack_runtime::packer::{BinaryTable, Modules};

/// The number of mutations of a run in the test suite.
const EXECUTIONS: usize = 1000;

fn holds(name: &str) {
    let executions = env::var("WORKER_PACK_FUZZ_EXECUTIONS").ok();
    let executions = executions.and_then(|text| text.parse().ok()).unwrap_or(EXECUTIONS);
    let target = targets().find(|(one, _)| *one == name).expect("a target has this name");
    if let Err(broken) = drive(target, executions) {
        let input = broken.input.escape_ascii();
        panic!("{}\nwith the input b\"{input}\"", broken.message);
    }
}

macro_rules! tests {
    ($($name:ident)+) => {
        mod no_input_breaks_an_invariant_of {
            $(#[test]
            fn $name() {
                super::holds(stringify!($name));
            })+
        }

        const TESTED: &[&str] = &[$(stringify!($name)),+];
    };
}

tests! { respond parsers table pattern redirects headers html css xml json wrangler options cache }

#[test]
fn every_target_has_a_test_a_binary_seeds_and_a_dictionary() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let all: BTreeSet<&str> = targets().map(|(name, _)| name).collect();
    assert_eq!(all, TESTED.iter().copied().collect());
    for name in &all {
        assert!(!seeds(name).is_empty(), "{name} has no seeds");
        assert!(!dictionary(name).is_empty(), "{name} has no dictionary");
        let binary = root.join("fuzz_targets").join(name).with_extension("rs");
        let binary = fs::read_to_string(binary).unwrap_or_default();
        assert!(binary.contains(&format!("worker_pack_fuzz::run(\"{name}\"")), "{name}");
    }
    for (folder, extension) in [("fuzz_targets", "rs"), ("dictionaries", "dict"), ("seeds", "")] {
        for entry in fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap();
            assert!(all.contains(name), "`{}` belongs to no target", path.display());
            assert_eq!(path.extension().unwrap_or_default(), extension);
        }
    }
}

/// The seeds of `table` are what the packer writes, so they change with the format.
/// `UPDATE_SEEDS=1` in the environment writes them again.
#[test]
fn seeds_of_tables_have_the_version_of_the_runtime() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds/table");
    for (name, files) in SITES {
        let image = folder.join(name);
        if env::var_os("UPDATE_SEEDS").is_some() {
            fs::write(&image, packed(files).unwrap()).unwrap();
        }
        let bytes = fs::read(&image).unwrap();
        let table = BinaryTable::read(&bytes, Modules::Host);
        assert!(table.is_ok(), "{table:?}: write the seeds again with `UPDATE_SEEDS=1`");
    }
}

/// The files of a site, by their names.
type Files = &'static [(&'static str, &'static str)];

/// The sites whose tables are seeds.
const SITES: [(&str, Files); 2] = [
    (
        "pages.bin",
        &[
            ("index.html", "<!DOCTYPE html><title>t</title><p>a page that is long enough"),
            ("a/index.html", "<p>a"),
            ("a/b.html", "<p>b"),
            ("404.html", "<p>missing"),
            ("_redirects", "/old /a/\n/x/* /a/:splat 301\nhttps://a.example/h /a/ 302\n"),
            ("_headers", "/a/*\n  X-A: b\n  ! Link\nhttps://:host/*\n  X-H: :host\n"),
        ],
    ),
    (
        "server.bin",
        &[
            ("client/index.html", "<p>a"),
            ("client/a.txt", "text"),
            ("server/entry.mjs", "export default { fetch() {} };"),
            ("server/wrangler.json", r#"{"assets":{"run_worker_first":["/api/*","!/api/x"]}}"#),
        ],
    ),
];

/// Returns the binary table of a site.
fn packed(files: Files) -> Result<Vec<u8>, Box<dyn Error>> {
    let dist = tempfile::tempdir()?;
    for (name, text) in files {
        let file = dist.path().join(name);
        fs::create_dir_all(file.parent().ok_or("it is in a folder")?)?;
        // Long enough to be compressed.
        let text = if text.starts_with('<') { text.repeat(20) } else { (*text).to_owned() };
        fs::write(file, text)?;
    }
    let packed = Pack::from_dir(dist.path()).cache(CacheLocation::Nowhere).run()?;
    Ok(packed.table().to_memory()?.bytes().to_vec())
}
