//! Source maps beside the output. Node.js, which has its own reader of maps, finds errors by them.

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use worker_pack::options::{SourceMaps, WorkerOptions};
use worker_pack::target::{Engine, WorkerTarget};
use worker_pack::{Options, PackError, Target};

use crate::hosts::packed_site::SERVERS;
use crate::support::site::{Site, files_below};
use crate::support::xtask;

const RUN: &str = "tests/integration/source_map/resolve.mjs";

/// A module that throws in a function that is called by another one.
const KEEL: &str = "\
function findTheKeel(sandUnderWater) {
  return sandUnderWater.depthInMetres;
}

export function sailAwayFrom(harbour) {
  const position = findTheKeel(harbour);
  return [position, position, position];
}

sailAwayFrom(undefined);
";

fn options() -> Options {
    Options { source_maps: SourceMaps::Write, ..Options::default() }
}

fn maps(site: &Site) -> PathBuf {
    site.out().join("source-maps")
}

fn map(path: impl AsRef<Path>) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// Returns the places of an error that a module throws, by its map.
fn places(code: &Path, map: &Path) -> Value {
    let module = json!([{ "code": code, "map": map }]).to_string();
    let (stdout, stderr) = xtask::run(&["node", RUN, &module]);
    let found: Value = serde_json::from_str(&stdout).expect(&stderr);
    found[0].clone()
}

/// Packs a site with a script, and writes it as it is served. Returns the site and the path.
fn served(files: &[(&str, &str)], script: &str) -> (Site, PathBuf) {
    let site = Site::new(files);
    site.emit(options()).unwrap();
    let packed = site.pack_with(options());
    let code = crate::support::site::text(
        &packed.table().to_memory().unwrap().table(),
        &format!("/{script}"),
    );
    let path = site.project().join("served.mjs");
    fs::write(&path, code).unwrap();
    (site, path)
}

#[test]
fn an_error_in_a_minified_script_is_found_in_its_source() {
    let (site, code) = served(&[("keel.mjs", KEEL)], "keel.mjs");
    assert!(!fs::read_to_string(&code).unwrap().contains("findTheKeel"));
    let found = places(&code, &maps(&site).join("public/keel.mjs.map"));
    assert_eq!(
        found,
        json!([
            ["dist/keel.mjs", 2, 25, "depthInMetres"],
            ["dist/keel.mjs", 6, 20, "findTheKeel"],
            ["dist/keel.mjs", 10, 1, "sailAwayFrom"],
        ])
    );
}

#[test]
fn an_error_is_found_through_the_map_of_the_build() {
    // Each line of the script is two lines further down in its source.
    let built = json!({
        "version": 3,
        "sources": ["../../src/keel.ts"],
        "sourcesContent": [format!("// The keel.\n\n{KEEL}")],
        "names": [],
        "mappings": format!("AAEA{}", ";AACA".repeat(9)),
    });
    let sections = json!({
        "version": 3,
        "sections": [{ "offset": { "line": 0, "column": 0 }, "map": built }],
    });
    let text = built.to_string();
    let contained =
        format!("data:application/json;charset=utf-8;base64,{}", BASE64_STANDARD.encode(&text));
    for (url, file) in
        [("maps/k.map", &text), ("maps/k.map", &sections.to_string()), (&contained, &text)]
    {
        let files = [
            ("_astro/keel.mjs", &*format!("{KEEL}//# sourceMappingURL={url}\n")),
            ("_astro/maps/k.map", file),
        ];
        let (site, code) = served(&files, "_astro/keel.mjs");
        let path = maps(&site).join("public/_astro/keel.mjs.map");
        let found = places(&code, &path);
        let lines: Vec<(&str, u64)> = found.as_array().unwrap().iter().map(line).collect();
        assert_eq!(lines, [("src/keel.ts", 4), ("src/keel.ts", 8), ("src/keel.ts", 12)], "{url}");
        assert_eq!(map(&path)["sourcesContent"][0], built["sourcesContent"][0]);
    }
}

fn line(place: &Value) -> (&str, u64) {
    (place[0].as_str().unwrap(), place[1].as_u64().unwrap())
}

/// Packs a server as a Worker. The engine never runs.
fn pack_server(site: &Site) -> Result<worker_pack::EmittedPack, PackError> {
    let engine = site.project().join("engine.wasm");
    fs::write(&engine, b"\0asm\x01\0\0\0").unwrap();
    let engine = Engine::from_file(engine).unwrap();
    let worker = WorkerOptions::default();
    let target = Target::Worker(WorkerTarget { out: site.out(), engine, options: worker });
    site.packing(options()).target(target).emit()
}

/// `examples/astro-ssr`, as Astro builds it.
#[test]
fn an_error_in_a_module_of_a_server_is_found_in_the_source_of_the_project() {
    let site = Site::new::<&str>(&[]);
    for path in files_below(&SERVERS[0]) {
        site.write(path.to_str().unwrap(), fs::read(SERVERS[0].join(&path)).unwrap());
    }
    pack_server(&site).unwrap();
    let source = "src/pages/api/aground.ts";
    let chunks = maps(&site).join("server/chunks");
    let has_source = |path: &PathBuf| map(chunks.join(path))["sources"] == json!([source]);
    let found = files_below(&chunks).into_iter().find(has_source).unwrap();
    let code = site.out().join("bundle/worker/server/chunks").join(found.with_extension(""));
    let text = fs::read_to_string(format!("examples/astro-ssr/{source}")).unwrap();
    let (line, throwing) =
        text.lines().enumerate().find(|(_, line)| line.contains("throw new")).unwrap();
    let column = throwing.find("new").unwrap();
    let places = places(&code, &chunks.join(&found));
    assert_eq!(places[0], json!([source, line + 1, column + 1, null]));

    // No map tells where the server was built, whatever the build wrote into its own.
    let root = SERVERS[0].parent().unwrap().to_str().unwrap();
    for path in files_below(&maps(&site)) {
        let text = fs::read_to_string(maps(&site).join(&path)).unwrap();
        assert!(!text.contains(root), "{}", path.to_string_lossy());
    }
    // Nothing of it is deployed or public.
    let names = files_below(&site.out().join("bundle"));
    assert!(names.iter().all(|name| name.extension().is_none_or(|it| it != "map")));
}

#[test]
fn a_script_and_its_map_have_the_same_debug_id_on_any_machine() {
    let ids = [0, 1].map(|_| {
        let (site, code) = served(&[("keel.mjs", KEEL)], "keel.mjs");
        let map = map(maps(&site).join("public/keel.mjs.map"));
        let id = map["debugId"].as_str().unwrap().to_owned();
        assert_eq!(map["debug_id"], map["debugId"]);
        assert_eq!(map["file"], "keel.mjs");
        let code = fs::read_to_string(code).unwrap();
        assert!(code.ends_with(&format!("\n//# debugId={id}\n")), "{code}");
        (id, code, fs::read(maps(&site).join("public/keel.mjs.map")).unwrap())
    });
    assert_eq!(ids[0], ids[1]);
}

/// The comment with the id is longer than what is saved.
#[test]
fn a_small_script_has_a_map_too_and_names_no_other_one() {
    let built = "var a=1;\n//# sourceMappingURL=small.js.map\n";
    let (site, code) = served(&[("small.js", built)], "small.js");
    let code = fs::read_to_string(code).unwrap();
    assert!(code.starts_with("var a=1;\n//# debugId="), "{code}");
    assert!(!code.contains("sourceMappingURL"), "{code}");
    assert!(code.len() > built.len());
    assert!(maps(&site).join("public/small.js.map").exists());
}

#[test]
fn comments_at_the_start_of_a_script_move_its_places() {
    let source = format!("/*! two\n lines */\n// @license\n\n{KEEL}");
    let (site, code) = served(&[("keel.mjs", &source)], "keel.mjs");
    assert!(fs::read_to_string(&code).unwrap().starts_with("/*! two\n lines */\n// @license\n"));
    let found = places(&code, &maps(&site).join("public/keel.mjs.map"));
    assert_eq!(found[0], json!(["dist/keel.mjs", 6, 25, "depthInMetres"]));
}

#[test]
fn without_the_option_there_are_neither_maps_nor_ids() {
    let site = Site::new(&[("keel.mjs", KEEL)]);
    site.emit(Options::default()).unwrap();
    assert!(!maps(&site).exists());
    assert!(!site.packed_text("/keel.mjs").contains("debugId"));
}

#[test]
fn maps_of_scripts_that_are_gone_go_and_unchanged_ones_stay() {
    let site = Site::new(&[("keel.mjs", KEEL), ("hull.mjs", KEEL)]);
    site.emit(options()).unwrap();
    assert!(maps(&site).join("public/hull.mjs.map").exists());
    fs::remove_file(site.dist().join("hull.mjs")).unwrap();
    site.emit(options()).unwrap();
    assert!(!maps(&site).join("public/hull.mjs.map").exists());
    assert!(maps(&site).join("public/keel.mjs.map").exists());
    // A map that somebody has removed is written again.
    fs::remove_file(maps(&site).join("public/keel.mjs.map")).unwrap();
    site.emit(options()).unwrap();
    assert!(maps(&site).join("public/keel.mjs.map").exists());
}

#[test]
fn a_folder_with_files_of_somebody_else_is_not_replaced() {
    let site = Site::new(&[("keel.mjs", KEEL)]);
    fs::create_dir_all(maps(&site)).unwrap();
    fs::write(maps(&site).join("mine.map"), "{}").unwrap();
    let error = site.emit(options()).unwrap_err();
    assert!(matches!(error, PackError::OutputInTheWay { .. }), "{error:?}");
    site.emit(Options::default()).unwrap();
    assert!(maps(&site).join("mine.map").exists());
}

#[test]
fn without_the_option_the_maps_of_an_earlier_run_go() {
    let site = Site::new(&[("keel.mjs", KEEL)]);
    site.emit(options()).unwrap();
    assert!(maps(&site).exists());
    site.emit(Options::default()).unwrap();
    assert!(!maps(&site).exists());
    // Unless somebody has added a file.
    site.emit(options()).unwrap();
    fs::write(maps(&site).join("mine.map"), "{}").unwrap();
    site.emit(Options::default()).unwrap();
    assert!(maps(&site).join("mine.map").exists());
}
