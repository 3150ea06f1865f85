//! The output around a program in Rust: module, server, files for Workers Static Assets, configuration.

mod place;

use std::fs;
use std::path::{Path, PathBuf};

use bytesize::ByteSize;
use jsonc_parser::{ParseOptions, parse_to_serde_value};
use serde_json::Value;
use worker_pack::cache::CacheLocation;
use worker_pack::options::{SiteData, WorkerOptions};
use worker_pack::report::Emitted;
use worker_pack::target::RustWorkerTarget;
use worker_pack::{EmittedPack, Pack, PackError, Target};

use super::{bytes, contents};
use crate::support::site::Site;

/// A site with a server, beside the folder of a crate.
fn site() -> Site {
    let site = Site::new(&[
        ("client/index.html", "<h1>home</h1>".repeat(50).into_bytes()),
        ("client/large.bin", large()),
        ("server/entry.mjs", b"export default { fetch: () => new Response('a') };".to_vec()),
        ("server/wrangler.json", br#"{"name":"sailing","vars":{"A":"1"}}"#.to_vec()),
    ]);
    fs::create_dir(krate(&site)).unwrap();
    site
}

/// Returns bytes that do not compress.
fn large() -> Vec<u8> {
    let next = |state: &mut u32| {
        *state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        Some(state.to_be_bytes()[0])
    };
    (0..5000).scan(1, |state, _| next(state)).collect()
}

fn krate(site: &Site) -> PathBuf {
    site.project().join("crate")
}

fn build(site: &Site) -> PathBuf {
    krate(site).join("build")
}

/// Packs a site into the folder of a crate.
fn emit_into(site: &Site, root: &Path, options: WorkerOptions) -> Result<EmittedPack, PackError> {
    let target = RustWorkerTarget { options, ..RustWorkerTarget::new(root) };
    let cache = CacheLocation::Folder(site.project().join("cache"));
    Pack::from_dir(site.dist()).cache(cache).target(Target::RustWorker(target)).emit()
}

fn emit_with(site: &Site, options: WorkerOptions) -> Result<EmittedPack, PackError> {
    emit_into(site, &krate(site), options)
}

fn emit(site: &Site) -> Emitted {
    emit_with(site, WorkerOptions::default()).unwrap().emitted().unwrap().clone()
}

fn names(folder: &Path) -> Vec<String> {
    let is_lock = |name: &String| name.ends_with(".worker-pack.lock");
    let names = contents(folder).into_keys().map(|path| path.to_str().unwrap().to_owned());
    names.filter(|name| !is_lock(name)).collect()
}

/// Reads the configuration in the folder of a crate.
fn config(root: &Path) -> Value {
    let text = fs::read_to_string(root.join("wrangler.jsonc")).unwrap();
    parse_to_serde_value::<Value>(&text, &ParseOptions::default()).unwrap()
}

#[test]
fn the_module_and_the_server_are_in_the_folder_that_worker_build_writes_into() {
    let site = site();
    let emitted = emit(&site);
    let expected = ["assets.rs", "bodies", "manifest.json"];
    let table = names(&build(&site).join("table"));
    assert!(table.iter().all(|name| expected.iter().any(|it| name.starts_with(it))), "{table:?}");
    let bundle = names(&build(&site).join("bundle"));
    let expected = [
        "manifest.json",
        "package.json",
        "worker/entry.js",
        "worker/server/entry.mjs",
        "worker/site.js",
        "worker/worker.js",
    ];
    assert_eq!(bundle, expected);
    assert_eq!(
        emitted.written,
        table.len() + bundle.len() + 2,
        "and the first module, and the configuration"
    );
    let config = config(&krate(&site));
    assert_eq!(config["main"], "build/worker-pack.js");
    assert_eq!(config["base_dir"], "build");
    assert_eq!((&config["name"], &config["vars"]["A"]), (&"sailing".into(), &"1".into()));
    assert!(config["build"]["command"].as_str().unwrap().contains("worker-build"));
}

#[test]
fn a_second_pack_touches_nothing() {
    let site = site();
    let first = emit(&site);
    let before = contents(&krate(&site));
    let second = emit(&site);
    assert_eq!((second.written, second.removed), (0, 0));
    assert_eq!(second.unchanged, first.written);
    assert!(contents(&krate(&site)) == before, "a file was touched");
}

/// Cargo compiles the program again if a file of the module has another time.
#[test]
fn a_changed_server_leaves_the_module_untouched_and_a_changed_page_the_server() {
    let site = site();
    emit(&site);
    let (table, bundle) = (build(&site).join("table"), build(&site).join("bundle/worker"));
    let before = contents(&table);
    site.write("server/entry.mjs", "export default { fetch: () => new Response('b') };");
    emit(&site);
    assert!(contents(&table) == before, "the module was touched");

    let before = bytes(&bundle);
    site.write("client/index.html", "<h1>another home</h1>".repeat(50));
    emit(&site);
    assert!(bytes(&bundle) == before, "the server was changed");
}

#[test]
fn a_removed_output_is_written_again() {
    let site = site();
    for removed in ["build/bundle", "build/table/assets.rs", "wrangler.jsonc"] {
        emit(&site);
        let before = names(&krate(&site));
        let path = krate(&site).join(removed);
        if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }.unwrap();
        emit(&site);
        assert_eq!(names(&krate(&site)), before, "{removed}");
    }
}

#[test]
fn the_program_and_the_users_files_stay() {
    let site = site();
    fs::create_dir(build(&site)).unwrap();
    for name in ["build/index.js", "build/index_bg.wasm", "Cargo.toml"] {
        fs::write(krate(&site).join(name), name).unwrap();
    }
    let own = "{\n  // Mine.\n  \"name\": \"rowing\",\n  \"build\": { \"command\": \"make\" }\n}\n";
    fs::write(krate(&site).join("wrangler.jsonc"), own).unwrap();
    emit(&site);
    for name in ["build/index.js", "build/index_bg.wasm", "Cargo.toml"] {
        assert_eq!(fs::read_to_string(krate(&site).join(name)).unwrap(), name);
    }
    let config = config(&krate(&site));
    assert_eq!((&config["name"], &config["build"]["command"]), (&"rowing".into(), &"make".into()));
    assert!(fs::read_to_string(krate(&site).join("wrangler.jsonc")).unwrap().contains("// Mine."));
}

#[test]
fn large_files_move_out_of_the_program_if_the_user_wants_it() {
    let site = site();
    let options =
        WorkerOptions { spill_above: Some(ByteSize::b(1000)), ..WorkerOptions::default() };
    let packed = emit_with(&site, options).unwrap();
    let report = packed.report().worker.as_ref().unwrap();
    assert_eq!(report.spilled, ["client/large.bin"]);
    let spilled = names(&build(&site).join("bundle/assets"));
    assert_eq!(spilled.len(), 2, "the body and `.assetsignore`: {spilled:?}");
    let is_in = |folder: &str| {
        let files = contents(&build(&site).join(folder)).into_values();
        files.into_iter().any(|(bytes, _)| bytes.windows(100).any(|part| part == &large()[..100]))
    };
    assert!(is_in("bundle/assets") && !is_in("table"));
    assert_eq!(config(&krate(&site))["assets"]["directory"], "build/bundle/assets");
}

#[test]
fn a_crate_inside_of_the_build_is_refused() {
    let site = site();
    let error = emit_into(&site, &site.dist(), WorkerOptions::default()).unwrap_err();
    assert!(error.to_string().contains("inside the packed folder"), "{error}");
}

fn with_modules() -> WorkerOptions {
    WorkerOptions { site_data: SiteData::Modules, ..WorkerOptions::default() }
}

/// Cargo compiles the program again if a file of its has another time, and wrangler builds it again if the
/// first module has.
#[test]
fn a_site_in_modules_changes_the_first_module_and_not_what_the_program_is_compiled_of() {
    let site = site();
    emit_with(&site, with_modules()).unwrap();
    let module = || contents(&build(&site).join("table")).remove(Path::new("assets.rs")).unwrap();
    let first = || fs::read_to_string(build(&site).join("worker-pack.js")).unwrap();
    assert_eq!(names(&build(&site).join("table")), ["assets.rs", "manifest.json"]);
    let before = module();
    let mut versions = vec![first()];
    let page = "<h1>another home</h1>".repeat(50);
    let server = "export default { fetch: () => new Response('b') };";
    let removed = |name: &str| fs::remove_file(site.dist().join(name)).unwrap();
    let changes: [&dyn Fn(); 4] = [
        &|| site.write("client/index.html", &page),
        &|| site.write("client/new.txt", "new"),
        &|| removed("client/new.txt"),
        &|| site.write("server/entry.mjs", server),
    ];
    for change in changes {
        change();
        emit_with(&site, with_modules()).unwrap();
        assert!(module() == before, "the module was touched");
        let version = first();
        assert!(versions.last() != Some(&version), "the first module is as before: {version}");
        versions.push(version);
    }
    assert_eq!(versions[1], versions[3], "the same site has the same first module");
    emit_with(&site, with_modules()).unwrap();
    assert_eq!(Some(&first()), versions.last());
}

#[test]
fn the_place_of_the_site_changes_the_command_that_wrangler_runs() {
    let site = site();
    let command = |options| {
        emit_with(&site, options).unwrap();
        config(&krate(&site))["build"].clone()
    };
    let compiled = command(WorkerOptions::default());
    assert!(compiled.get("watch_dir").is_none(), "{compiled}");
    let with_modules = command(with_modules());
    assert_eq!(with_modules["watch_dir"], serde_json::json!(["src", "build/worker-pack.js"]));
    assert_eq!(command(WorkerOptions::default()), compiled, "and back");
    assert!(build(&site).join("table/bodies").is_dir());
    assert!(!build(&site).join("bundle/worker/table.bin").exists());
}
