//! The names of files in the manifest of Astro's server, which a Worker ships.

use std::fs;

use worker_pack::cache::CacheLocation;
use worker_pack::options::{Effort, Fingerprints, WorkerOptions};
use worker_pack::report::{FingerprintReport, NameReason};
use worker_pack::target::{Engine, WorkerTarget};
use worker_pack::{EmittedPack, Options, Target};

use crate::support::site::Site;

const SCRIPT: &str = "_astro/Menu.B4aL0see.js";
const SHEET: &str = "_astro/base.9YYzIhhn.css";

/// A manifest as Astro 7 writes it. The server loads it when it starts.
const MANIFEST: &str = r#"import { deserializeManifest } from "./astro.mjs";
const manifest = deserializeManifest({"base":"/","routes":[{"file":"","links":[],"scripts":[],"styles":[{"type":"external","src":"_astro/base.9YYzIhhn.css"}],"routeData":{"route":"/"}}],"entryModules":{"/src/Menu.tsx":"_astro/Menu.B4aL0see.js","astro:scripts/before-hydration.js":""},"inlinedScripts":[],"assets":["/_astro/Menu.B4aL0see.js","/_astro/base.9YYzIhhn.css"]});
export { manifest };
"#;

const FILES: [(&str, &str); 6] = [
    ("client/index.html", "<link rel=stylesheet href=/_astro/base.9YYzIhhn.css>"),
    ("client/_astro/Menu.B4aL0see.js", "export default function menu ( ) { return 1 }"),
    ("client/_astro/base.9YYzIhhn.css", "a { color : red }"),
    (
        "server/entry.mjs",
        "import { manifest } from './chunks/manifest.mjs';\nexport default { manifest };",
    ),
    ("server/chunks/manifest.mjs", MANIFEST),
    ("server/chunks/astro.mjs", "export const deserializeManifest = (manifest) => manifest;"),
];

/// A packed site with a server.
struct PackedServer {
    site: Site,
    packed: EmittedPack,
}

impl PackedServer {
    /// Packs the site with some files that are others, or more.
    fn with(others: &[(&str, &str)]) -> Self {
        let is_other = |name: &str| others.iter().any(|(other, _)| *other == name);
        let mut files: Vec<_> = FILES.into_iter().filter(|(name, _)| !is_other(name)).collect();
        files.extend(others);
        Self::of(Site::new(&files))
    }

    fn of(site: Site) -> Self {
        let engine = site.project().join("engine.wasm");
        fs::write(&engine, b"\0asm\x01\0\0\0").unwrap();
        let engine = Engine::from_file(engine).unwrap();
        let target = WorkerTarget { out: site.out(), engine, options: WorkerOptions::default() };
        let cache = CacheLocation::Folder(site.project().join("cache"));
        let packing = site.packing(options()).cache(cache).target(Target::Worker(target));
        Self { packed: packing.emit().unwrap(), site }
    }

    fn name(&self, file: &str) -> &FingerprintReport {
        let mut all = self.packed.report().fingerprints.iter();
        all.find(|one| one.route == format!("/{file}")).unwrap_or_else(|| panic!("{file}"))
    }

    /// Returns the path of a file with its fingerprint, without the first slash.
    fn new_name(&self, file: &str) -> String {
        let report = self.name(file);
        let new = report.fingerprinted.as_ref().unwrap_or_else(|| panic!("{report:?}"));
        new[1..].to_owned()
    }

    /// Returns a module of the server as it ships.
    fn module(&self, name: &str) -> String {
        fs::read_to_string(self.site.out().join("bundle/worker/server").join(name)).unwrap()
    }
}

fn options() -> Options {
    Options { fingerprints: Fingerprints::All, effort: Some(Effort::Fast), ..Options::default() }
}

/// Returns a manifest with another text.
fn manifest_with(old: &str, new: &str) -> String {
    assert!(MANIFEST.contains(old), "{old}");
    MANIFEST.replacen(old, new, 1)
}

#[test]
fn a_server_names_scripts_and_style_sheets_by_their_final_bytes() {
    let packed = PackedServer::with(&[]);
    let [script, sheet] = [SCRIPT, SHEET].map(|name| packed.new_name(name));
    let module = packed.module("chunks/manifest.mjs");
    let assets = r#"["/_astro/Menu.B4aL0see.js","/_astro/base.9YYzIhhn.css"]"#;
    for text in
        [&*format!("\"src\":\"{sheet}\""), &format!("\"/src/Menu.tsx\":\"{script}\""), assets]
    {
        assert!(module.contains(text), "{text} in {module}");
    }
    assert_eq!(
        module.matches(SCRIPT).count(),
        1,
        "the list of public files keeps its paths: {module}"
    );
}

#[test]
fn a_server_in_a_folder_of_pages_names_files_by_their_final_bytes_too() {
    let [page, script, sheet, entry, manifest, astro] = FILES.map(|(_, text)| text);
    let site = Site::new(&[
        ("index.html", page),
        (SCRIPT, script),
        (SHEET, sheet),
        ("_routes.json", r#"{"version":1,"include":["/*"],"exclude":["/_astro/*"]}"#),
        ("_worker.js/index.js", &entry.replace("chunks/manifest", "manifest")),
        ("_worker.js/manifest.mjs", manifest),
        ("_worker.js/astro.mjs", astro),
    ]);
    let packed = PackedServer::of(site);
    let script = packed.new_name(SCRIPT);
    assert!(packed.module("manifest.mjs").contains(&format!(":\"{script}\"")));
}

#[test]
fn the_base_of_a_site_precedes_the_urls_of_its_manifest() {
    let based = manifest_with("\"base\":\"/\"", "\"base\":\"/docs\"")
        .replace("[\"/_astro/", "[\"/docs/_astro/")
        .replace(",\"/_astro/", ",\"/docs/_astro/");
    let [_, script, sheet, entry, _, astro] = FILES;
    let site = Site::new(&[
        ("client/docs/index.html", "<link rel=stylesheet href=/docs/_astro/base.9YYzIhhn.css>"),
        ("client/docs/_astro/Menu.B4aL0see.js", script.1),
        ("client/docs/_astro/base.9YYzIhhn.css", sheet.1),
        entry,
        ("server/chunks/manifest.mjs", &*based),
        astro,
    ]);
    let packed = PackedServer::of(site);
    let script = packed.new_name("docs/_astro/Menu.B4aL0see.js");
    let below = script.strip_prefix("docs/").unwrap();
    assert!(packed.module("chunks/manifest.mjs").contains(&format!(":\"{below}\"")));
}

#[test]
fn a_server_in_one_file_names_files_by_their_final_bytes_too() {
    let [page, script, sheet, ..] = FILES.map(|(_, text)| text);
    let worker = format!(
        "const deserializeManifest = (manifest) => manifest;\n{}\nexport default {{ manifest }};",
        MANIFEST.lines().nth(1).unwrap()
    );
    let site = Site::new(&[
        ("index.html", page),
        (SCRIPT, script),
        (SHEET, sheet),
        ("_routes.json", r#"{"version":1,"include":["/*"],"exclude":["/_astro/*"]}"#),
        ("_worker.js", &*worker),
    ]);
    let packed = PackedServer::of(site);
    let script = packed.new_name(SCRIPT);
    assert!(packed.module("_worker.js").contains(&format!(":\"{script}\"")));
}

#[test]
fn a_name_elsewhere_in_a_server_keeps_it() {
    let inlined = manifest_with(
        "\"inlinedScripts\":[]",
        "\"inlinedScripts\":[[\"/src/a.ts\",\"import '/_astro/Menu.B4aL0see.js'\"]]",
    );
    let in_route = manifest_with(
        "\"scripts\":[]",
        "\"scripts\":[{\"type\":\"inline\",\"value\":\"import '/_astro/Menu.B4aL0see.js'\"}]",
    );
    let page = ("server/chunks/page.mjs", "export const url = '/_astro/Menu.B4aL0see.js';");
    let entry = (
        "server/entry.mjs",
        "import './chunks/page.mjs'; import { manifest } from './chunks/manifest.mjs';\nexport default { manifest };",
    );
    let manifest = "server/chunks/manifest.mjs";
    for others in [&[page, entry][..], &[(manifest, &*inlined)], &[(manifest, &*in_route)]] {
        let packed = PackedServer::with(others);
        let report = packed.name(SCRIPT);
        assert_eq!(report.reason, Some(NameReason::Mentioned), "{others:?}");
        let place = report.place.as_ref().unwrap();
        assert_eq!(place.file, others[0].0);
        assert!(packed.module("chunks/manifest.mjs").contains(SCRIPT));
    }
}

#[test]
fn a_picture_that_inline_code_of_a_route_looks_for_keeps_its_name() {
    let code = "document.querySelector('[src$=\\\"logo.svg\\\"]')";
    let manifest = manifest_with(
        "\"scripts\":[]",
        &format!("\"scripts\":[{{\"type\":\"inline\",\"value\":\"{code}\"}}]"),
    );
    let packed = PackedServer::with(&[
        ("client/index.html", "<img src=/logo.svg>"),
        ("client/logo.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1 1\"/>"),
        ("server/chunks/manifest.mjs", &*manifest),
    ]);
    assert_eq!(packed.name("logo.svg").reason, Some(NameReason::Mentioned));
}

#[test]
fn a_server_that_names_files_of_another_host_keeps_the_names() {
    let manifest = manifest_with("\"base\"", "\"assetsPrefix\":\"https://files.example\",\"base\"");
    let packed = PackedServer::with(&[("server/chunks/manifest.mjs", &*manifest)]);
    assert_eq!(packed.name(SHEET).reason, Some(NameReason::Mentioned));
}

#[test]
fn a_name_that_a_server_writes_with_escapes_stays() {
    let escaped = MANIFEST.replace("Menu.", "Men\\u00fc.");
    let packed = PackedServer::with(&[
        ("client/index.html", "<script type=module src=/_astro/Men%C3%BC.B4aL0see.js></script>"),
        ("client/_astro/Menü.B4aL0see.js", "export default function menu ( ) { return 1 }"),
        ("server/chunks/manifest.mjs", &*escaped),
    ]);
    let report = packed.name("_astro/Menü.B4aL0see.js");
    assert_eq!(report.reason, Some(NameReason::Mentioned));
    assert_eq!(report.place.as_ref().unwrap().file, "server/chunks/manifest.mjs");
}

#[test]
fn scripts_that_slots_of_a_server_island_may_name_keep_their_names() {
    let page = |slots: &str| {
        format!(
            "<link rel=stylesheet href=/_astro/base.9YYzIhhn.css><script type=module>\
             let response = await fetch('/_server-islands/Watch?e=1&p=2&s={slots}');</script>"
        )
    };
    let packed = PackedServer::with(&[("client/index.html", &*page(""))]);
    packed.new_name(SCRIPT);
    let packed = PackedServer::with(&[("client/index.html", &*page("3A%3D"))]);
    let report = packed.name(SCRIPT);
    assert_eq!(report.reason, Some(NameReason::Encrypted));
    assert_eq!(report.place.as_ref().unwrap().file, "client/index.html");
    packed.new_name(SHEET);
}

#[test]
fn a_server_that_is_not_a_part_of_the_output_keeps_the_names() {
    let packed = Site::new(&FILES).pack_with(options());
    let [report] = &*packed.report().fingerprints else { panic!("what the page loads") };
    assert_eq!(report.route, format!("/{SHEET}"));
    assert_eq!(report.reason, Some(NameReason::Mentioned));
    assert_eq!(report.place.as_ref().unwrap().file, "server/chunks/manifest.mjs");
}

#[test]
fn only_code_in_the_texts_of_a_server_makes_up_urls_of_scripts() {
    let with = |code: &str| {
        let entry = format!(
            "import {{ manifest }} from './chunks/manifest.mjs';\n{code}\nexport default {{ manifest }};"
        );
        let packed = PackedServer::with(&[("server/entry.mjs", &*entry)]);
        let report = packed.name(SCRIPT);
        (report.reason, report.place.as_ref().map(|place| place.line))
    };
    for code in [
        "globalThis.load = (name) => import(/* a\n */ name);",
        "// import(name)\nglobalThis.a = (b) => b ? 'importmap' : b == 1 ? \"https://a.example\" : 2;",
    ] {
        assert_eq!(with(code), (None, None), "{code}");
    }
    for code in [
        "/* import(name)\n */ globalThis.page = '<script>import(name)</script>';",
        "\nglobalThis.page = (name) => `<script>import(${name})</script>`;",
        "\nglobalThis.page = `<script>(${((name) => import(name)).toString()})()</script>`;",
        "\nconst load = (name) => import(name); globalThis.page = `<script>(${load})(1)</script>`;",
        "\nconst code = (f) => `<script>(${f})()</script>`; globalThis.page = code((a) => import(a));",
        "\nglobalThis.page = '<script type=importmap>{\"imports\":{\"/a.js\":\"/b.js\"}}</script>';",
    ] {
        assert_eq!(with(code), (Some(NameReason::ComputedUrl), Some(3)), "{code}");
    }
}

#[test]
fn a_server_follows_its_files_from_build_to_build() {
    let packed = PackedServer::with(&[]);
    let first = packed.module("chunks/manifest.mjs");
    let packed = PackedServer::of(packed.site);
    assert_eq!(packed.module("chunks/manifest.mjs"), first);
    // The module of the server stays as it is.
    packed.site.replace("client/_astro/Menu.B4aL0see.js", "export default ( ) => 2 ;");
    let packed = PackedServer::of(packed.site);
    let script = packed.new_name(SCRIPT);
    assert!(!first.contains(&script));
    assert!(packed.module("chunks/manifest.mjs").contains(&script));
}
