//! Server code among the public files.

use std::fs;

use worker_pack::report::{Code, Diagnostic, Layout};
use worker_pack::{Options, PackError, Packed};

use crate::support::site::{Site, paths, warnings, workers};

const ENTRY: &str = "import { page } from './chunks/page.mjs';\n\
                     export default { fetch: (request, env) => env.ASSETS.fetch(request) };\n";

/// Options of a site, as the adapter embeds them into the server.
const MANIFEST: &str = r#"const m = deserializeManifest({"adapterName":"@astrojs/node"});"#;

/// Returns the files that are found to be server code.
fn exposed(result: Result<Packed, PackError>) -> Vec<String> {
    let Err(PackError::Files { diagnostics }) = result else { panic!("{result:?}") };
    let is_server = |one: &&Diagnostic| one.code == Code::ExposedServerCode;
    diagnostics.iter().filter(is_server).map(|one| one.file.clone()).collect()
}

#[test]
fn server_code_that_lies_among_the_public_files_fails_the_pack() {
    let cases: [(&[(&str, &str)], &str); 12] = [
        // `build.client: './'`
        (&[("index.html", "<p>"), ("server/entry.mjs", ENTRY)], "server/entry.mjs"),
        (&[("index.html", "<p>"), ("server/entry.mjs", "secret()")], "server/entry.mjs"),
        // An entry of another name, and a folder of another name.
        (&[("index.html", "<p>"), ("server/index.js", ENTRY)], "server/index.js"),
        (&[("index.html", "<p>"), ("backend/entry.mjs", ENTRY)], "backend/entry.mjs"),
        (&[("index.html", "<p>"), ("backend/main.mjs", MANIFEST)], "backend/main.mjs"),
        (
            &[("index.html", "<p>"), ("b/c.mjs", "import{env}from\"cloudflare:workers\";")],
            "b/c.mjs",
        ),
        // A server within `client`.
        (
            &[
                ("client/index.html", "<p>"),
                ("client/server/entry.mjs", ENTRY),
                ("server/entry.mjs", ENTRY),
            ],
            "client/server/entry.mjs",
        ),
        // Cloudflare's names below the root.
        (&[("index.html", "<p>"), ("docs/_worker.js", ENTRY)], "docs/_worker.js"),
        (&[("index.html", "<p>"), ("docs/_worker.js/index.js", ENTRY)], "docs/_worker.js/index.js"),
        (
            &[
                ("index.html", "<p>"),
                ("functions/api/a.js", "export const onRequestPost = () => new Response('');"),
            ],
            "functions/api/a.js",
        ),
        // The configuration that an adapter wrote beside its server.
        (
            &[
                ("index.html", "<p>"),
                ("api/wrangler.json", r#"{ "main": "run.mjs" }"#),
                ("api/run.mjs", "go();"),
            ],
            "api/run.mjs",
        ),
        (
            &[
                ("index.html", "<p>"),
                ("api/wrangler.json", r#"{ "main": "../run.js" }"#),
                ("run.js", "go();"),
            ],
            "run.js",
        ),
    ];
    for (files, expected) in cases {
        let site = Site::new(files);
        assert_eq!(exposed(site.try_pack(workers())), [expected]);
        // A rule by path publishes the file, if it is about this very file.
        for (rule, is_public) in [("", true), ("**", false)] {
            let folder = expected.strip_prefix("client/").unwrap_or(expected);
            let folder = if rule.is_empty() { folder } else { "" };
            let rule = format!("/{folder}{rule} publish=true").parse().unwrap();
            let packed = site.try_pack(Options { rule: vec![rule], ..workers() });
            assert_eq!(packed.is_ok(), is_public, "{expected}");
        }
        // A line of `.assetsignore` says which folder is not public, or that the file is.
        let (root, path) = match expected.strip_prefix("client/") {
            Some(path) => ("client/", path),
            None => ("", expected),
        };
        for (rule, is_public) in [(format!("/{path}\n"), false), (format!("!/{path}\n"), true)] {
            site.write(&format!("{root}.assetsignore"), rule);
            let packed = site.pack_with(workers());
            assert_eq!(paths(&packed).contains(&format!("/{path}")), is_public, "{expected}");
        }
    }
}

#[test]
fn server_code_with_a_page_in_its_folder_is_not_public() {
    for entry in ["server/index.js", "server/entry.js", "backend/entry.mjs", "ssr/app.mjs"] {
        let text = if entry.ends_with("app.mjs") { MANIFEST } else { ENTRY };
        let folder = entry.split('/').next().unwrap();
        let site = Site::new(&[
            ("client/index.html", "<p>"),
            (entry, text),
            (&format!("{folder}/prerendered/about.html"), "<p>"),
        ]);
        let packed = site.pack_with(workers());
        assert_eq!(packed.report().layout, Layout::ClientAndServer, "{entry}");
        assert_eq!(paths(&packed), ["/index.html"], "{entry}");
    }
}

#[test]
fn a_configuration_of_the_project_tells_which_file_is_the_server() {
    for (config, text) in [
        ("wrangler.jsonc", r#"{ "main": "dist/run.js" }"#),
        ("wrangler.toml", "main = \"./dist/run.js\""),
        (".wrangler/deploy/config.json", r#"{ "configPath": "../../build.json" }"#),
    ] {
        let site = Site::new(&[("index.html", "<p>"), ("run.js", "go();")]);
        let path = site.project().join(config);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        fs::write(site.project().join("build.json"), r#"{ "main": "dist/run.js" }"#).unwrap();
        assert_eq!(exposed(site.try_pack(Options::default())), ["run.js"], "{config}");
    }
}

#[test]
fn the_source_map_of_a_server_is_not_published() {
    let map = r#"{"version":3,"sources":["../node_modules/astro/dist/core/app/index.js"]}"#;
    let site = Site::new(&[("index.html", "<p>"), ("chunks/app.mjs.map", map)]);
    let options = worker_pack::Options {
        source_maps: worker_pack::options::SourceMaps::Publish,
        ..Options::default()
    };
    assert_eq!(exposed(site.try_pack(options)), ["chunks/app.mjs.map"]);
    assert_eq!(paths(&site.pack_with(workers())), ["/index.html"]);
}

#[test]
fn pages_and_scripts_that_are_about_servers_are_packed_as_ever() {
    let site = Site::new(&[
        ("index.html", "<script type=module src=/server/app.mjs></script>"),
        ("server/index.html", "<p>deserializeManifest({ \"adapterName\": \"@astrojs/node\" })"),
        ("server/app.mjs", "import { start } from './start.mjs'; start();"),
        ("server/start.mjs", "export const start = () => fetch('/api');"),
        ("js/_worker.js", "onmessage = () => postMessage(1);"),
        ("functions/index.html", "<p>onRequest"),
        ("functions/plot.js", "export const plot = (x) => x * x;"),
        ("functions/math.js", "export const onRequestAnimation = 1;"),
    ]);
    for (name, text) in [
        ("js/entry.mjs", "export default class extends HTMLElement {}"),
        ("client/index.html", "<p>import { env } from 'cloudflare:workers'"),
    ] {
        site.write(name, text);
        let packed = site.pack_with(workers());
        assert_eq!(packed.report().layout, Layout::Static);
        assert_eq!(paths(&packed).len(), 9);
        assert!(warnings(&packed).is_empty(), "{:?}", warnings(&packed));
        fs::remove_file(site.dist().join(name)).unwrap();
    }
}

/// Each of these has the bytes of a mark or of an entry, and is code for browsers.
#[test]
fn browser_code_with_the_texts_of_servers_is_packed_without_a_warning() {
    for (name, text) in [
        ("js/entry.mjs", "export default function load() { return fetch('/api/data') }"),
        ("js/entry.mjs", "export default { prefetch() {} };"),
        ("js/entry.mjs", "const load = () => fetch('/a'); export { load as default };"),
        ("server/main.js", "export default class { load() { return fetch('/a') } }"),
        ("docs/_worker.js", "export default function run() {}"),
        ("js/a.js", "export const s = `import { env } from \"cloudflare:workers\"`;"),
        ("js/a.js", "const s = 'import { env } from \"cloudflare:workers\"';"),
        ("js/a.js", "// import { a } from './_@astrojs-ssr-adapter_x.mjs'\nlet a;"),
    ] {
        let site = Site::new(&[("index.html", "<p>"), (name, text)]);
        let packed = site.pack_with(workers());
        assert_eq!(paths(&packed).len(), 2, "{text}");
        assert!(warnings(&packed).is_empty(), "{:?}", warnings(&packed));
    }
}

#[test]
fn code_of_which_only_a_run_would_tell_that_it_is_a_server_is_a_warning() {
    for (name, text) in [
        ("js/entry.mjs", "export default handler(fetch);"),
        ("js/entry.mjs", "export default { ...fetch };"),
        ("js/entry.mjs", "export { fetch as default } from './a.mjs';"),
        ("js/a.js", "import { env } from 'cloudflare:workers'; let let;"),
    ] {
        let site = Site::new(&[("index.html", "<p>"), (name, text)]);
        let packed = site.pack_with(workers());
        let found = &packed.report().diagnostics;
        let is_server = |one: &&Diagnostic| one.code == Code::ExposedServerCode;
        assert_eq!(found.iter().filter(is_server).count(), 1, "{text}: {found:?}");
    }
}
