//! The layout of the source: which folder may import which.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::support::site::files_below;

/// The rooms of `src`, from the lowest to the highest. A room imports only rooms above it in this
/// list, so no two rooms can import each other.
///
/// `cli` is not among them: it is a program of its own, which uses the public names of the library.
/// Nor is `fuzz`: it opens doors to any of them for the fuzz targets.
const ROOMS: [&str; 33] = [
    // Shared by all.
    "named",
    "parallel",
    "disk",
    "feedback",
    // Facts about one asset, the options, the project.
    "coding",
    "asset",
    "options",
    "cache",
    "project",
    "weight",
    // The stages in their order, each with what it alone needs before it.
    "transform",
    "picture",
    "exposure",
    "rules",
    "ingest",
    "survey",
    "references",
    "represent",
    "source_map",
    "tabulate",
    "policy",
    "output",
    // What earlier builds leave to this one.
    "retention",
    "dictionary",
    // What visits of the pages cost.
    "visit",
    "budget",
    // The front doors.
    "built",
    "pack",
    "inspection",
    "difference",
    "migration",
    "probe",
    "site_weight",
];

/// Imports that run up, each with the reason.
const EXCEPTIONS: [(&str, &str, &str); 0] = [];

/// The files that may lie at the root of `src`, beside the folders.
const ROOT_FILES: [&str; 6] =
    ["fuzz.rs", "lib.rs", "main.rs", "named.rs", "parallel.rs", "tabulate.rs"];

/// Returns the first segments of all `crate::` paths in the code of a file. Comments and unit tests do
/// not count.
fn imports(source: &str) -> BTreeSet<String> {
    let code = source.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let lines = code.lines().map(|line| line.split("//").next().unwrap_or_default());
    let paths = lines.flat_map(|line| line.split("crate::").skip(1).collect::<Vec<_>>());
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    paths.map(|path| path.split(|c| !is_name(c)).next().unwrap_or_default().to_owned()).collect()
}

/// Returns the imports of each room of a crate: a room is a folder or file at the root of its source.
fn imports_of_rooms(source: &str) -> BTreeMap<String, BTreeSet<String>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(source);
    let mut rooms = BTreeMap::<String, BTreeSet<String>>::new();
    for file in files_below(&root) {
        let is_test = file.ends_with("rules/conformance.rs");
        if file.extension().is_some_and(|extension| extension == "rs") && !is_test {
            let first = file.iter().next().unwrap().to_str().unwrap();
            let room = first.trim_end_matches(".rs").to_owned();
            let mut imports = imports(&fs::read_to_string(root.join(&file)).unwrap());
            imports.remove(&room);
            rooms.entry(room).or_default().extend(imports);
        }
    }
    rooms
}

#[test]
fn rooms_import_only_rooms_below_them() {
    let floor = |room: &str| ROOMS.iter().position(|one| *one == room);
    let mut problems = Vec::new();
    for (room, imports) in imports_of_rooms("src") {
        if ["lib", "main", "cli", "fuzz"].contains(&&*room) {
            continue;
        }
        let Some(own) = floor(&room) else {
            problems.push(format!("`{room}` is missing in the list of rooms"));
            continue;
        };
        for import in imports {
            let is_exception = EXCEPTIONS.iter().any(|(a, b, _)| (*a, *b) == (&*room, &*import));
            if !is_exception && floor(&import).is_none_or(|other| other >= own) {
                problems.push(format!("`{room}` imports `{import}`"));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn the_root_of_the_source_has_no_other_files() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files: Vec<String> = fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().unwrap().is_file())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    files.sort();
    assert_eq!(files, ROOT_FILES);
}

#[test]
fn the_files_of_the_runtime_do_not_import_each_other_in_circles() {
    let mut rooms = imports_of_rooms("runtime/src");
    // The crate root re-exports everything, and the packer's part everything that the packer needs.
    rooms.remove("lib");
    loop {
        let known: Vec<String> = rooms.keys().cloned().collect();
        let is_free = |room: &&String| !rooms[*room].iter().any(|import| known.contains(import));
        let free: Vec<String> = known.iter().filter(is_free).cloned().collect();
        if free.is_empty() {
            break;
        }
        rooms.retain(|room, _| !free.contains(room));
    }
    assert!(rooms.is_empty(), "circles among {rooms:?}");
}

/// The cache and the memory of the last run are valid for one version of the sources.
#[test]
fn results_are_invalidated_by_every_source_of_the_library() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let printed = fs::read_to_string(Path::new(env!("OUT_DIR")).join("../output")).unwrap();
    for folder in ["src", "runtime/src"] {
        for file in files_below(&root.join(folder)) {
            let line = format!("cargo::rerun-if-changed={folder}/{}", file.display());
            let is_of_command = folder == "src" && file.starts_with("cli");
            assert_eq!(printed.lines().any(|one| one == line), !is_of_command, "{line}");
        }
    }
}
