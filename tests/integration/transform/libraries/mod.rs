//! Popular libraries of npm, used in a browser before and after packing.
//!
//! `libraries.json` names their files, and `behaviours.js` has what their documentation says. A script is loaded
//! as a script, and as what AMD and `CommonJS` load; a module is imported.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use worker_pack::cache::CacheLocation;
use worker_pack::options::Effort;
use worker_pack::report::Outcome;
use worker_pack::{Options, Pack};

use crate::support::server::Server;
use crate::support::site::{Site, files_below, shared_cache};
use crate::support::xtask;

/// The script that opens the pages.
const RUN: &str = "tests/integration/transform/libraries/run.mjs";

/// The files that are minified already, so that nothing smaller is found.
const MINIFIED_BEFORE: [&str; 6] = [
    "lib/chart.js/dist/chart.umd.js",
    "lib/dayjs/dayjs.min.js",
    "lib/fflate/umd/index.js",
    "lib/marked/lib/marked.esm.js",
    "lib/marked/lib/marked.umd.js",
    "lib/preact/dist/preact.mjs",
];

/// A library, with the paths of its files in `node_modules`.
#[derive(Deserialize)]
struct Library {
    name: String,
    /// Its name in scripts, with `script`.
    #[serde(default)]
    global: String,
    script: Option<String>,
    /// Further scripts that need the first.
    #[serde(default)]
    after: Vec<String>,
    /// Its `CommonJS` form loads modules of Node.js.
    #[serde(default)]
    requires: bool,
    module: Option<String>,
}

/// Writes a page for each way to load each library. Returns the paths of the pages.
fn pages(site: &Site, libraries: &[Library]) -> Vec<String> {
    let mut paths = Vec::new();
    let mut page = |name: &str, way: &str, head: &str| {
        let page = format!(
            "<!doctype html><meta charset=utf-8><title>{name}</title><link rel=icon href=data:,>\
             <main id=main></main><script src=/behaviours.js></script>{head}"
        );
        site.write(&format!("{name}/{way}.html"), page);
        paths.push(format!("/{name}/{way}"));
    };
    for library in libraries {
        let Library { name, global, script, after, requires, module } = library;
        if let Some(script) = script {
            let scripts = [script].into_iter().chain(after);
            let tags: Vec<String> =
                scripts.map(|file| format!("<script src=/lib/{file}></script>")).collect();
            let tags = tags.concat();
            let using = |value: &str| format!("<script>used = behaviours.{name}({value})</script>");
            page(name, "script", &format!("{tags}{}", using(global)));
            if after.is_empty() {
                let given = using(&format!("given ?? {global}"));
                page(name, "amd", &format!("<script>{AMD}</script>{tags}{given}"));
            }
            if after.is_empty() && !requires {
                let given = using(&format!("given() ?? {global}"));
                page(name, "commonjs", &format!("<script>{COMMON_JS}</script>{tags}{given}"));
            }
        }
        if let Some(module) = module {
            let import = format!(
                "<script type=module>import * as it from '/lib/{module}';\
                 globalThis.used = behaviours.{name}(it)</script>"
            );
            page(name, "module", &import);
        }
    }
    paths
}

/// A loader of AMD for a single module without dependencies.
const AMD: &str = "let given; \
    function define(...all) { \
      const [factory, needs, own] = [all.pop(), all.pop(), {}]; \
      const values = Array.isArray(needs) ? needs.map((name) => name === 'exports' ? own : undefined) : []; \
      given = (typeof factory === 'function' ? factory(...values) : factory) ?? own; \
    } \
    define.amd = {};";

/// A loader of `CommonJS` for a single module without dependencies.
const COMMON_JS: &str = "var module = { exports: {} }, exports = module.exports; \
    const given = () => typeof module.exports === 'function' || Object.keys(module.exports).length > 0 \
      ? module.exports : undefined;";

/// Copies the files of a library, and those beside its module, which it may import.
fn copy(library: &Library, modules: &Path, site: &Site) {
    let copy = |name: &Path| {
        let bytes = fs::read(modules.join(name)).unwrap();
        site.write(&format!("lib/{}", name.display()), bytes);
    };
    library.script.iter().chain(&library.after).for_each(|file| copy(Path::new(file)));
    let Some(module) = &library.module else { return };
    let module = Path::new(module);
    copy(module);
    let folder = module.parent().unwrap();
    let source = fs::read_to_string(modules.join(module)).unwrap();
    let is_imported = |file: &Path| {
        let is_script = file.extension().is_some_and(|it| it == "js" || it == "mjs");
        let is_named = || source.contains(&format!("'./{}'", file.display()));
        // The modules of lodash-es are those of its whole folder.
        is_script && (folder == Path::new("lodash-es") || is_named())
    };
    let beside = files_below(&modules.join(folder));
    let imported: Vec<PathBuf> = beside.into_iter().filter(|file| is_imported(file)).collect();
    for file in imported {
        copy(&folder.join(file));
    }
}

#[test]
fn packed_libraries_do_what_their_documentation_says() {
    let libraries: Vec<Library> = serde_json::from_str(include_str!("libraries.json")).unwrap();
    let (tools, _) = xtask::run(&["tools"]);
    let modules = Path::new(tools.lines().last().unwrap()).join("node_modules");
    let site = Site::new(&[
        ("behaviours.js", include_str!("behaviours.js")),
        ("fragment.txt", "fragment\n"),
    ]);
    for library in &libraries {
        copy(library, &modules, &site);
    }
    let paths = pages(&site, &libraries);

    let options = Options { effort: Some(Effort::Fast), ..Options::default() };
    let cache = CacheLocation::Folder(shared_cache());
    let packed = Pack::from_dir(site.dist()).options(options).cache(cache).run().unwrap();
    let files = packed.report().files.iter();
    let scripts = files.filter(|file| file.file.starts_with("lib/"));
    let kept: Vec<&str> = scripts
        .filter(|file| file.transform != Outcome::Minified)
        .map(|file| &*file.file)
        .collect();
    assert_eq!(kept, MINIFIED_BEFORE);

    let (chromium, _) = xtask::run(&["chromium"]);
    let chromium = chromium.lines().last().unwrap().to_owned();
    let server = Server::start(&site.dist(), &["--effort", "fast"]);
    let url = format!("http://{}", server.address());
    let mut arguments = vec!["node", RUN, &url];
    arguments.extend(paths.iter().map(String::as_str));
    let (stdout, stderr) = xtask::run_with(&arguments, &[("WORKER_PACK_CHROMIUM", chromium)]);
    assert_eq!(stdout.trim_end(), format!("used {}", paths.len()), "{stdout}{stderr}");
}
