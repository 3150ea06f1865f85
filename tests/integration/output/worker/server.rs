//! The server's modules in the Worker.

use std::fs;
use std::path::Path;

use worker_pack::options::{ServerCode, WorkerOptions};

use super::{bundle, bundle_with, errors, module, server_site, wrangler, written};
use crate::support::site::Site;
use crate::support::xtask;

#[test]
fn a_site_without_a_server_becomes_an_assets_only_worker() {
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
            "bundle/worker/packed.js",
            "bundle/worker/plain.bin",
            "bundle/worker/plain.js",
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
fn only_imported_server_modules_are_included() {
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

    let original = WorkerOptions { server_code: ServerCode::Original, ..Default::default() };
    bundle_with(&site, &original).unwrap();
    assert!(module(&site, "server/chunks/page.mjs").contains("of the server"));
}

#[test]
fn computed_imports_include_every_server_module() {
    let site = server_site();
    site.write("server/chunks/late.mjs", "export const answer = (name) => import(name);");
    let packed = bundle(&site);
    let summary = packed.report().worker.as_ref().unwrap().server.clone().unwrap();
    assert_eq!((summary.modules, summary.unused.len()), (4, 0));
}

#[test]
fn a_server_without_public_files_is_packed() {
    let site = server_site();
    fs::remove_dir_all(site.dist().join("client")).unwrap();
    site.write("client/.assetsignore", "_worker.js\n");
    let packed = bundle(&site);
    assert_eq!(packed.report().totals.files, 0);
    assert!(module(&site, "index.js").contains("server/entry.mjs"));
}

/// On Workers, Durable Objects and other classes are named exports. On Pages, they are Astro's own.
#[test]
fn a_server_in_worker_js_exports_what_its_entry_does_on_workers_alone() {
    let site = Site::new(&[
        ("index.html", "<p>"),
        ("_worker.js/index.js", "export class Bell {}\nexport default { fetch() {} };\n"),
    ]);
    bundle(&site);
    assert!(!module(&site, "index.js").contains("export *"));
    let config = r#"{ "assets": { "directory": "dist" } }"#;
    fs::write(site.project().join("wrangler.jsonc"), config).unwrap();
    bundle(&site);
    assert!(module(&site, "index.js").contains("export * from './server/index.js';"));
}

#[test]
fn only_names_that_are_identifiers_are_exported_by_name() {
    let entry = "class Bell {}\nexport { Bell, Bell as '1st', Bell as 'a b', Bell as '' };\n\
        export default { fetch() {} };\n";
    let site = Site::new(&[("index.html", "<p>"), ("_worker.js/index.js", entry)]);
    let config = r#"{ "main": "dist/_worker.js/index.js", "find_additional_modules": true,
        "compatibility_flags": ["nodejs_compat"], "assets": { "directory": "dist" } }"#;
    fs::write(site.project().join("wrangler.jsonc"), config).unwrap();
    bundle(&site);
    let index = module(&site, "index.js");
    assert!(index.contains("const { Bell: export0 } = exported;\n"), "{index}");
}

/// The adapter leaves an empty folder if all pages are rendered in advance.
#[test]
fn a_build_whose_server_folder_has_no_code_becomes_an_assets_only_worker() {
    let site = Site::new(&[
        ("client/index.html", "<h1>home</h1>"),
        ("client/wrangler.json", r#"{ "name": "sea", "assets": { "directory": "." } }"#),
    ]);
    for file in ["", ".prerender/entry.mjs"] {
        fs::create_dir_all(site.dist().join("server")).unwrap();
        if !file.is_empty() {
            site.write(&format!("server/{file}"), "export default {};");
        }
        assert!(bundle(&site).report().worker.as_ref().unwrap().server.is_none(), "{file}");
        assert!(wrangler(&site).contains(r#""name": "sea""#));
    }
    site.write("server/chunks/a.mjs", "export default {};");
    let error = errors(bundle_with(&site, &WorkerOptions::default()));
    assert!(error.contains("is missing from the server build"), "{error}");
}

/// A server whose answer names its functions and classes in every way in which they get a name.
const NAMING: &str = "
    class ApiError extends Error { constructor() { super(''); this.name = this.constructor.name } }
    class QuotaExceededError extends ApiError {}
    const Bound = class { static inner() { return class {}.name + (class Deep {}).name } };
    function declared(parameter) { return parameter }
    const arrow = () => 1, bound = function () {}, own = function itself() {};
    let assigned; assigned = async () => 2; let logical; logical ??= () => 3;
    const { destructured = () => 4, other: renamed = class {} } = {};
    const [element = function* () {}] = [];
    const byDefault = (callback = () => 5) => callback.name;
    const table = { method() {}, key: () => 6, ['com' + 'puted']() {}, get got() { return 7 }, Bound };
    class Fields { static field = () => 8; #hidden() { return 9 } static hidden(o) { return o.#hidden.name } }
    const registry = new Map([QuotaExceededError, Fields].map((it) => [it.name, it]));
    const factory = () => { class Local extends Bound {} function nested() {} return [Local, nested] };
    const once = () => 'inlined'; const parts = [once].map((it) => it.name);
    export const answer = () => [
        new QuotaExceededError().name, Bound.name, Bound.inner(), declared.name, arrow.name, bound.name,
        own.name, assigned.name, logical.name, destructured.name, renamed.name, element.name, byDefault(),
        Object.values(table).map((it) => it?.name ?? it), Fields.field.name, Fields.hidden(new Fields()),
        [...registry.keys()], factory().map((it) => it.name), parts,
    ].flat().join();
";

/// Runs a server's module, and returns its answer.
fn answer(module: &Path) -> String {
    let print = "import(process.argv[1]).then((it) => console.log((it.answer ?? it.default)()))";
    let (stdout, _) = xtask::run(&["node", "-e", print, module.to_str().unwrap()]);
    stdout.lines().last().unwrap().to_owned()
}

#[test]
fn names_of_functions_and_classes_are_preserved_unless_an_option_releases_them() {
    let site = server_site();
    site.write("server/chunks/page.mjs", NAMING.to_owned() + "export const page = answer();");
    let before = answer(&site.dist().join("server/chunks/page.mjs"));
    assert!(before.contains("QuotaExceededError,Bound,Deep,declared"), "{before}");
    assert!(before.contains("renamed,element,callback,method,key,computed,"), "{before}");
    bundle(&site);
    let minified = module(&site, "server/chunks/page.mjs");
    assert!(!minified.contains("parameter"), "{minified}");
    assert_eq!(answer(&site.out().join("bundle/worker/server/chunks/page.mjs")), before);

    let server_code = ServerCode::MinifiedNames;
    bundle_with(&site, &WorkerOptions { server_code, ..Default::default() }).unwrap();
    assert!(module(&site, "server/chunks/page.mjs").len() < minified.len());
}
