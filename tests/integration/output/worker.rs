//! The Worker for JavaScript hosts as it is written. What it answers is tested in workerd.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use bytesize::ByteSize;
use worker_pack::{
    EmittedPack, Engine, HeadersOnSsr, IdentityBodies, Limits, Options, PackError, Severity,
    WorkerOptions,
};

use crate::support::site::{Site, files_below, program};

/// An empty WebAssembly module, which is all that is needed where nobody runs it.
fn engine(site: &Site) -> Engine {
    let path = site.project().join("engine.wasm");
    fs::write(&path, b"\0asm\x01\0\0\0").unwrap();
    Engine::from_file(path).unwrap()
}

fn bundle_with(site: &Site, options: &WorkerOptions) -> Result<EmittedPack, PackError> {
    site.pack().emit_worker(&site.out(), &engine(site), options)
}

fn bundle(site: &Site) -> EmittedPack {
    bundle_with(site, &WorkerOptions::default()).unwrap()
}

fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(path).unwrap()
}

fn wrangler(site: &Site) -> String {
    read(site.out().join("wrangler.jsonc"))
}

fn module(site: &Site, name: &str) -> String {
    read(site.out().join("bundle/worker").join(name))
}

/// The paths of what was written, sorted, hashes of bodies cut.
fn written(site: &Site) -> Vec<String> {
    let name = |path: PathBuf| path.to_str().unwrap().to_owned();
    let mut names: Vec<String> = files_below(&site.out()).into_iter().map(name).collect();
    names.sort();
    names
}

/// The messages of a failed pack, with their files.
fn errors(result: Result<EmittedPack, PackError>) -> String {
    format!("{:?}", result.unwrap_err())
}

/// A site with a server as the adapter's version 14 builds it.
fn server_site() -> Site {
    Site::new(&[
        ("client/index.html", "<h1>home</h1>"),
        ("client/_headers", "/*\n  x-a: b\n"),
        (
            "server/entry.mjs",
            "import { page } from './chunks/page.mjs';\nimport 'cloudflare:workers';\n\
             export default { async fetch(request) { return (await import('./chunks/late.mjs')).answer(page); } };\n\
             //# sourceMappingURL=entry.mjs.map\n",
        ),
        ("server/entry.mjs.map", "{}"),
        ("server/chunks/page.mjs", "export const page = /* of the server */ 'page';"),
        ("server/chunks/late.mjs", "export const answer = (page) => new Response(page);"),
        ("server/chunks/unused.mjs", "export const nobody = 1;"),
        (
            "server/wrangler.json",
            r#"{"name":"desk","main":"entry.mjs","compatibility_date":"2026-05-01","vars":{"GREETING":"hi"},
                "compatibility_flags":[],"assets":{"binding":"ASSETS","directory":"../client"},
                "kv_namespaces":[{"binding":"SESSION","id":"abc"}],"d1_databases":[]}"#,
        ),
    ])
}

#[test]
fn a_site_without_a_server_becomes_a_worker_of_assets_alone() {
    let site = Site::new(&[("index.html", "<h1>home</h1>")]);
    let packed = bundle(&site);
    let names = written(&site);
    let bodies = names.iter().find(|name| name.starts_with("bundle/worker/bodies/")).unwrap();
    let rest: Vec<&String> = names.iter().filter(|name| *name != bodies).collect();
    assert_eq!(
        rest,
        [
            ".worker-pack.lock",
            "bundle/manifest.json",
            "bundle/worker/assets.js",
            "bundle/worker/engine.js",
            "bundle/worker/engine.wasm",
            "bundle/worker/index.js",
            "bundle/worker/site.js",
            "bundle/worker/table.bin",
            "wrangler.jsonc",
        ]
    );
    assert!(module(&site, "index.js").contains("assets.serve(request)"));
    assert!(module(&site, "site.js").contains(&bodies["bundle/worker/".len()..]));
    let report = packed.report().worker.as_ref().unwrap();
    assert!(report.server.is_none() && report.spilled.is_empty());
}

#[test]
fn the_server_ships_with_what_it_imports_and_nothing_else() {
    let site = server_site();
    let packed = bundle(&site);
    let server: Vec<String> =
        written(&site).into_iter().filter(|name| name.contains("/server/")).collect();
    let expected = ["chunks/late.mjs", "chunks/page.mjs", "entry.mjs"];
    assert_eq!(server, expected.map(|name| format!("bundle/worker/server/{name}")));
    assert!(!module(&site, "server/entry.mjs").contains("sourceMappingURL"));
    assert!(!module(&site, "server/chunks/page.mjs").contains("of the server"));
    let summary = packed.report().worker.as_ref().unwrap().server.clone().unwrap();
    assert_eq!(summary.unused, ["chunks/unused.mjs"]);
    assert_eq!((summary.modules, summary.source_maps), (3, 1));

    let kept = WorkerOptions { server_code: worker_pack::ServerCode::Kept, ..Default::default() };
    bundle_with(&site, &kept).unwrap();
    assert!(module(&site, "server/chunks/page.mjs").contains("of the server"));
}

#[test]
fn a_server_that_imports_by_computed_names_ships_whole() {
    let site = server_site();
    site.write("server/chunks/late.mjs", "export const answer = (name) => import(name);");
    let packed = bundle(&site);
    let summary = packed.report().worker.as_ref().unwrap().server.clone().unwrap();
    assert_eq!((summary.modules, summary.unused.len()), (4, 0));
}

#[test]
fn the_configuration_is_generated_with_the_servers_bindings() {
    let site = server_site();
    bundle(&site);
    insta::assert_snapshot!(wrangler(&site));
}

#[test]
fn the_configuration_is_merged_into_and_keeps_its_comments() {
    let site = server_site();
    fs::create_dir(site.out()).unwrap();
    let own = "// mine\n{\n  \"name\": \"my-desk\", // not theirs\n  \"main\": \"old.js\",\n  /* rate */ \"limits\": { \"cpu_ms\": 50 },\n  \"vars\": { \"GREETING\": \"ho\" },\n}\n";
    fs::write(site.out().join("wrangler.jsonc"), own).unwrap();
    let packed = bundle(&site);
    insta::assert_snapshot!(wrangler(&site));
    let notes: Vec<&str> = packed
        .report()
        .diagnostics
        .iter()
        .filter(|found| found.file == "wrangler.jsonc")
        .map(|found| found.message.as_str())
        .collect();
    assert_eq!(notes, ["keeps its own `vars`, and the build has another one"]);
    let first = wrangler(&site);
    assert_eq!(bundle(&site).emitted().written, 0);
    assert_eq!(wrangler(&site), first);
}

#[test]
fn a_second_build_touches_nothing_and_a_changed_site_is_replaced_whole() {
    let site = server_site();
    bundle(&site);
    let count = files_below(&site.out()).len() - 1;
    let again = bundle(&site);
    assert_eq!((again.emitted().written, again.emitted().unchanged), (0, count));
    site.write("client/index.html", "<h1>changed</h1>");
    let changed = bundle(&site);
    assert!(changed.emitted().written >= 2 && changed.emitted().removed == 1, "{changed:?}");
    assert!(!site.out().join(".worker-pack.staging").exists());
}

#[test]
fn the_same_site_gives_the_same_bytes_elsewhere() {
    let contents = |site: &Site| -> BTreeMap<PathBuf, Vec<u8>> {
        let folder = site.out().join("bundle");
        let read = |name: PathBuf| (name.clone(), fs::read(folder.join(name)).unwrap());
        files_below(&folder).into_iter().map(read).collect()
    };
    let (one, other) = (server_site(), server_site());
    bundle(&one);
    bundle(&other);
    assert_eq!(contents(&one), contents(&other));
    assert_eq!(wrangler(&one), wrangler(&other));
}

#[test]
fn bad_input_is_a_clear_error_and_nothing_is_written() {
    let site = server_site();
    fs::remove_file(site.dist().join("server/entry.mjs")).unwrap();
    let error = errors(bundle_with(&site, &WorkerOptions::default()));
    assert!(error.contains("server/entry.mjs` is missing"), "{error}");
    assert!(error.contains("@astrojs/cloudflare 12 to 14"), "{error}");

    let site = server_site();
    site.write("server/chunks/page.mjs", "export const page = ;");
    fs::remove_file(site.dist().join("server/chunks/late.mjs")).unwrap();
    let error = errors(bundle_with(&site, &WorkerOptions::default()));
    assert!(error.contains("server/chunks/page.mjs:1:21: bundle: "), "{error}");
    assert!(error.contains("server/chunks/late.mjs: bundle: is imported and not there"), "{error}");
    assert!(!site.out().exists());

    let site = server_site();
    fs::create_dir(site.out()).unwrap();
    fs::write(site.out().join("wrangler.jsonc"), "{ \"name\": ").unwrap();
    let error = errors(bundle_with(&site, &WorkerOptions::default()));
    assert!(error.contains("wrangler.jsonc` cannot be read as configuration"), "{error}");
    assert_eq!(wrangler(&site), "{ \"name\": ");
    assert_eq!(written(&site), ["wrangler.jsonc"]);

    let site = server_site();
    fs::create_dir_all(site.out().join("bundle")).unwrap();
    fs::write(site.out().join("bundle/mine.txt"), "mine").unwrap();
    let error = errors(bundle_with(&site, &WorkerOptions::default()));
    assert!(error.contains("worker-pack did not write it"), "{error}");
    assert_eq!(written(&site), ["bundle/mine.txt"]);

    let path = site.project().join("text.wasm");
    fs::write(&path, "text").unwrap();
    let error = Engine::from_file(&path).unwrap_err();
    assert!(error.to_string().contains("is no WebAssembly module"), "{error}");
}

#[test]
fn a_command_without_an_engine_says_what_to_run() {
    let site = Site::new(&[("index.html", "<h1>home</h1>")]);
    let output = program()
        .args(["build", "--host", "worker"])
        .env_remove("WORKER_PACK_ENGINE")
        .current_dir(site.project())
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    if Engine::embedded().is_some() {
        assert!(output.status.success(), "{stderr}");
    } else {
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        assert!(stderr.contains("cargo xtask engine"), "{stderr}");
    }
}

/// Bytes that look like a picture and compress no further.
fn noise(len: usize) -> Vec<u8> {
    let mut state = 1u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..len).map(|_| next()).collect()
}

fn site_of_pictures() -> Site {
    Site::new(&[
        ("index.html", b"<h1>home</h1>".to_vec()),
        ("_astro/hashed.abcd1234.jpg", noise(4000)),
        ("_astro/larger.abcd1234.jpg", noise(5000)),
        ("plain.jpg", noise(9000)),
    ])
}

#[test]
fn what_is_too_heavy_fails_with_the_largest_named() {
    let site = site_of_pictures();
    let limits =
        Limits { memory: ByteSize::kb(10), gzip_marks: vec![ByteSize::kb(1)], ..Limits::default() };
    let options = WorkerOptions { limits, ..WorkerOptions::default() };
    let error = errors(bundle_with(&site, &options));
    assert!(error.contains("an isolate takes about"), "{error}");
    assert!(error.contains("largest: ") && error.contains("plain.jpg 8.8 KiB"), "{error}");
    assert!(!site.out().exists(), "nothing was written");

    let limits = Limits { gzip_marks: vec![ByteSize::kb(1)], ..Limits::default() };
    let options = WorkerOptions { limits, ..WorkerOptions::default() };
    let packed = bundle_with(&site, &options).unwrap();
    let warned =
        packed.report().diagnostics.iter().any(|found| {
            found.severity == Severity::Warning && found.message.contains("under gzip")
        });
    assert!(warned, "{:?}", packed.report().diagnostics);
}

#[test]
fn what_does_not_fit_goes_to_static_assets_hashed_and_large_files_first() {
    let site = site_of_pictures();
    let spilled = |options: WorkerOptions| {
        let packed = bundle_with(&site, &options).unwrap();
        packed.report().worker.as_ref().unwrap().spilled.clone()
    };
    let budget = |bytes| WorkerOptions { budget: Some(ByteSize::b(bytes)), ..Default::default() };
    assert_eq!(spilled(budget(17_000)), ["_astro/larger.abcd1234.jpg"]);
    let hashed = ["_astro/hashed.abcd1234.jpg", "_astro/larger.abcd1234.jpg"];
    assert_eq!(spilled(budget(9_500)), hashed);
    assert_eq!(spilled(budget(100)), [hashed[0], hashed[1], "plain.jpg"]);
    let above = WorkerOptions { spill_above: Some(ByteSize::b(5000)), ..Default::default() };
    assert_eq!(spilled(above), ["_astro/larger.abcd1234.jpg", "plain.jpg"]);

    assert!(wrangler(&site).contains("\"binding\": \"WORKER_PACK_ASSETS\""));
    assert!(module(&site, "site.js").contains("env.WORKER_PACK_ASSETS"));
    let names: Vec<String> =
        written(&site).into_iter().filter(|name| name.starts_with("bundle/assets/")).collect();
    assert_eq!(names.len(), 3, "two files and .assetsignore: {names:?}");
    assert!(spilled(WorkerOptions::default()).is_empty());
    assert!(!wrangler(&site).contains("WORKER_PACK_ASSETS"), "no binding to what is not there");
    assert!(!site.out().join("bundle/assets").exists());
}

#[test]
fn identity_bodies_are_decoded_only_where_the_host_can() {
    let text = "All work and no play makes a dull site. ".repeat(100);
    let identity = |site: &Site, identity| {
        let options = Options { identity, ..Options::default() };
        let packed = site.pack_with(options);
        let emitted = packed.emit_worker(&site.out(), &engine(site), &WorkerOptions::default());
        let report = emitted.unwrap().report().worker.clone().unwrap();
        (report.identity, report.weight.size)
    };
    let site = Site::new(&[("a.txt", &text)]);
    let (how, decoded) = identity(&site, IdentityBodies::Auto);
    assert_eq!(how, IdentityBodies::Decoded);
    assert!(wrangler(&site).contains("nodejs_compat"));
    let (_, stored) = identity(&site, IdentityBodies::Stored);
    assert!(stored >= decoded + text.len() - 200, "{stored} {decoded}");

    let site = Site::new(&[("a.txt", &text)]);
    fs::create_dir(site.out()).unwrap();
    fs::write(site.out().join("wrangler.jsonc"), "{}").unwrap();
    assert_eq!(identity(&site, IdentityBodies::Auto).0, IdentityBodies::Stored);
    assert!(!wrangler(&site).contains("nodejs_compat"));
    assert!(!module(&site, "site.js").contains("node:zlib"));
}

#[test]
fn the_order_of_assets_and_server_is_what_the_build_says() {
    let pages = Site::new(&[
        ("index.html", "<h1>home</h1>"),
        ("_worker.js/index.js", "export default { fetch() {} }; export const pageMap = new Map();"),
        ("_routes.json", r#"{"version":1,"include":["/api/*"],"exclude":["/api/static"]}"#),
    ]);
    bundle(&pages);
    let index = module(&pages, "index.js");
    assert!(index.contains(r"? 'server' : 'assets')"), "{index}");
    assert!(!index.contains("export *"), "a build for Pages exports data: {index}");

    let site = server_site();
    let config = r#"{"assets":{"run_worker_first":["/desk/*","!/desk/logo.png"]}}"#;
    site.write("server/wrangler.json", config);
    let headers = WorkerOptions { headers_on_ssr: HeadersOnSsr::On, ..Default::default() };
    bundle_with(&site, &headers).unwrap();
    let index = module(&site, "index.js");
    assert!(index.contains(r"/^(?:\/desk\/.*)$/s.test(path)"), "{index}");
    assert!(index.contains("headerRules: true") && index.contains("export *"), "{index}");
    site.write("server/wrangler.json", r#"{"assets":{"run_worker_first":true}}"#);
    bundle(&site);
    assert!(module(&site, "index.js").contains("order: () => 'server'"));
    site.write("_routes.json", "not JSON");
    pages.write("_routes.json", "not JSON");
    let error = errors(bundle_with(&pages, &WorkerOptions::default()));
    assert!(error.contains("_routes.json` cannot be read as configuration"), "{error}");
}

/// A site whose server is asked first for some paths.
fn server_first(patterns: &serde_json::Value) -> Site {
    let config = serde_json::json!({ "assets": { "run_worker_first": patterns } }).to_string();
    Site::new(&[
        ("client/index.html", "<h1>home</h1>"),
        ("server/entry.mjs", "export default { fetch() {} };"),
        ("server/wrangler.json", &config),
    ])
}

#[test]
fn the_order_of_assets_and_server_is_read_and_followed_as_cloudflare_does() {
    let Some(recorded) = crate::conformance::recorded::recorded("upstream-tests.json") else {
        return;
    };
    let cases = |group: &str| recorded["tests"][group].as_array().unwrap().clone();
    for case in cases("parseStaticRouting") {
        let packed = bundle_with(&server_first(&case["args"][0]), &WorkerOptions::default());
        assert_eq!(packed.is_err(), case["error"].is_string(), "{}", case["id"]);
    }
    let mut script = String::from("const differ = [];\n");
    let mut asked = 0;
    for case in cases("static_routing.match") {
        let rules = case["rules"].as_array().unwrap();
        // Those that no configuration can have.
        if rules.is_empty() || rules.iter().any(|rule| !rule.as_str().unwrap().starts_with('/')) {
            continue;
        }
        let site = server_first(&case["rules"]);
        bundle(&site);
        let index = module(&site, "index.js");
        let order = index.split("order: ").nth(1).unwrap().rsplit_once(" });").unwrap().0;
        let (url, result) = (&case["url"], &case["result"]);
        asked += 1;
        let differs = format!("(({order})(new URL({url}).pathname) === 'server') !== {result}");
        script.extend(["if (", &*differs, ") differ.push(", &*url.to_string(), ");\n"]);
    }
    script.push_str("if (differ.length > 0) throw new Error(differ.join(', '));\n");
    assert_eq!(asked, 46);
    let scratch = Site::new::<&str>(&[]);
    let path = scratch.project().join("order.mjs");
    fs::write(&path, script).unwrap();
    crate::support::xtask::run(&["node", path.to_str().unwrap()]);
}
