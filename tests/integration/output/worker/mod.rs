//! The files of a Worker for JavaScript hosts. Its responses are tested in `hosts`.

mod build_paths;
mod bundle;
mod deploy_config;
mod pages_project;
mod placement;
mod policies;
mod server;
mod wrangler;

use std::fs;
use std::path::{Path, PathBuf};

use worker_pack::options::WorkerOptions;
use worker_pack::target::{Engine, WorkerTarget};
use worker_pack::{EmittedPack, Options, PackError, Target};

use crate::support::site::{Site, files_below};

/// Writes an empty WebAssembly module, which is enough for an engine that never runs.
fn engine(site: &Site) -> Engine {
    let path = site.project().join("engine.wasm");
    fs::write(&path, b"\0asm\x01\0\0\0").unwrap();
    Engine::from_file(path).unwrap()
}

fn bundle_with(site: &Site, options: &WorkerOptions) -> Result<EmittedPack, PackError> {
    emit(site, Options::default(), options)
}

fn emit(site: &Site, options: Options, worker: &WorkerOptions) -> Result<EmittedPack, PackError> {
    let (out, engine) = (site.out(), engine(site));
    let target = Target::Worker(WorkerTarget { out, engine, options: worker.clone() });
    site.packing(options).target(target).emit()
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

/// Returns the paths of the written files, sorted.
fn written(site: &Site) -> Vec<String> {
    let name = |path: PathBuf| path.to_str().unwrap().to_owned();
    let mut names: Vec<String> = files_below(&site.out()).into_iter().map(name).collect();
    names.sort();
    names
}

/// Returns the error of a failed pack with the messages for all files.
fn errors(result: Result<EmittedPack, PackError>) -> String {
    format!("{:?}", result.unwrap_err())
}

/// A site with a server in the layout of version 14 of the adapter.
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
                "compatibility_flags":[],"no_bundle":true,
                "assets":{"binding":"ASSETS","directory":"../client"},
                "kv_namespaces":[{"binding":"SESSION","id":"abc"}],"d1_databases":[]}"#,
        ),
    ])
}
