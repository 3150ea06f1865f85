//! The example Worker in Rust, run by `workerd`.

use std::path::Path;
use std::sync::LazyLock;

use super::packed_site::modules;
use super::weight::{DryRun, weigh};
use crate::support::client::{Request, ask};
use crate::support::differential::{compare, requests};
use crate::support::server::Server;
use crate::support::site::{blog, blog_pack, files_below, program};
use crate::support::xtask::{self, Log, Serving};

/// The folder of the Worker, built once for all tests.
static WORKER: LazyLock<String> = LazyLock::new(|| build(&[]));

/// The folder of the Worker for tests, built once for all of them. It has several tables, of which the field
/// `X-Table` names one.
pub(super) static OF_TESTS: LazyLock<String> =
    LazyLock::new(|| build(&["--crate", "tests/programs/kinds/program"]));

/// Builds the Worker, and returns its folder.
pub(super) fn build(arguments: &[&str]) -> String {
    let (folder, _) = xtask::run(&[&["rust-worker"], arguments].concat());
    folder.trim().to_owned()
}

/// Packs a site by the command into the folder of a crate.
pub(super) fn pack_into(dist: &Path, root: &Path, arguments: &[&str]) {
    let mut command = program();
    command.args(["build", "--quiet", "--target", "rust-worker"]).args(arguments).arg(dist);
    let output = command.arg("--out").arg(root).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Starts `workerd` with the modules that wrangler would upload of the Worker in a folder, without an edge
/// or a proxy.
pub(super) fn workerd(folder: &str, arguments: &[&str]) -> Serving {
    let all = arguments_for(folder, arguments);
    Serving::start(&all.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Does the same as [`workerd`], and returns the log.
pub(super) fn workerd_with_log(folder: &str, arguments: &[&str]) -> (Serving, Log) {
    let all = arguments_for(folder, arguments);
    Serving::start_with_log(&all.iter().map(String::as_str).collect::<Vec<_>>())
}

fn arguments_for(folder: &str, arguments: &[&str]) -> Vec<String> {
    let folder = Path::new(folder);
    let mut names = ["worker-pack.js", "index.js", "index_bg.wasm"].map(str::to_owned).to_vec();
    let of_bundle = files_below(&folder.join("bundle/worker"));
    names.extend(of_bundle.iter().map(|path| format!("bundle/worker/{}", path.to_str().unwrap())));
    let modules = modules(folder, names, "worker-pack.js");
    let before = ["workerd"].into_iter().chain(arguments.iter().copied()).map(str::to_owned);
    before.chain(modules).collect()
}

/// Starts `workerd` with the Worker, built with arguments of its own.
pub(super) fn start(arguments: &[&str]) -> Serving {
    workerd(&build(arguments), &[])
}

#[test]
fn blog_responses_equal_those_of_serve() {
    let worker = workerd(&WORKER, &[]);
    let server = Server::start(&blog(), &["--quiet"]);
    let packed = blog_pack().run().unwrap();
    let requests = requests(&packed, server.address());
    let compared = compare(server.address(), &worker.address(), &requests);
    assert!(compared > 2000, "only {compared} requests");
}

/// Other Workers can call methods by RPC.
#[test]
fn a_worker_in_rust_offers_no_methods_that_its_author_did_not_write() {
    let folder = tempfile::TempDir::new().unwrap();
    let probe = folder.path().join("probe.js");
    let text = "import worker from './worker-pack.js';\n\
                export default { fetch: () => new Response(typeof worker) };\n";
    std::fs::write(&probe, text).unwrap();
    let probe = format!("esModule:probe.js={}", probe.display());
    let worker = workerd(&WORKER, &[&probe]);
    let answer = ask(&worker.address(), &Request::new("GET", "/"));
    // A class alone can have methods.
    assert_eq!(answer.body, b"object", "{answer:?}");
}

#[test]
fn the_weight_of_the_worker_names_its_files_and_equals_that_of_the_upload() {
    LazyLock::force(&WORKER);
    let report = weigh(&["examples/rust-worker"], &[]);
    assert_eq!(report["upload"], "as-written");
    let parts = report["weight"]["parts"].as_array().unwrap();
    let size_of = |name: &str| {
        let part = parts.iter().find(|part| part["name"] == name);
        part.unwrap_or_else(|| panic!("{name}: {report:#}"))["size"].as_u64().unwrap()
    };
    let total: u64 = parts.iter().map(|part| part["size"].as_u64().unwrap()).sum();
    assert_eq!(total, report["weight"]["size"].as_u64().unwrap());
    // Equal files share a part, and empty ones have none.
    let packed = blog_pack().run().unwrap();
    let files = packed.report().files.iter();
    let is_named =
        |route: &str| parts.iter().any(|part| part["name"].as_str().unwrap().starts_with(route));
    let (named, others): (Vec<_>, Vec<_>) = files.partition(|file| is_named(&file.route));
    assert!(named.len() > 10 * others.len(), "{others:?}");
    assert!(size_of("index_bg.wasm: code") > size_of("index_bg.wasm: data"));

    let uploaded = DryRun::new(&["--cwd=examples/rust-worker"]);
    let folder = uploaded.folder.dist().display().to_string();
    uploaded.assert_total(&weigh(&[&folder], &[]));
}

#[test]
fn the_api_of_the_example_stores_letters() {
    LazyLock::force(&WORKER);
    let test = ["--test", "--test-timeout=600000", "tests/worker/letters.test.mjs"];
    let (stdout, stderr) = xtask::run(&[&["node"], &test[..]].concat());
    assert!(stdout.contains("\n# pass 6\n# fail 0\n"), "{stdout}{stderr}");
}

#[test]
fn wrangler_packs_and_serves_the_worker() {
    let folder = "--cwd=examples/rust-worker";
    let (stdout, stderr) = xtask::run(&["wrangler", "deploy", "--dry-run", folder]);
    assert!(stdout.contains("Total Upload") && stdout.contains("LETTERS"), "{stdout}{stderr}");

    let dev = Serving::dev_in(Path::new("examples/rust-worker"));
    let answer = ask(&dev.address(), &Request::new("GET", "/api/health"));
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.field("cache-control"), Some("no-store"));
}
