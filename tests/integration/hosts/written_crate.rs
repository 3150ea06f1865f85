//! The crate that `worker-pack init --target rust` writes around a site, compiled and run by `workerd`.

use std::fs;
use std::path::Path;

use super::packed_site::text;
use super::rust_worker::{build, workerd};
use crate::support::client::{Request, ask};
use crate::support::project::{Project, package};
use crate::support::site::program;

#[test]
fn the_written_crate_compiles_and_answers() {
    let page = "<!doctype html><title>Home</title><h1>Home</h1>\n";
    let project = Project::new(&[
        ("package.json", package("7.3.5", &[]).as_str()),
        ("astro.config.mjs", "export default {};\n"),
        ("dist/index.html", page),
    ]);
    let mut init = program();
    init.args(["init", "--write", "--target", "rust", "--name", "around-a-site"]);
    assert!(init.current_dir(project.folder()).output().unwrap().status.success());
    // There is no release yet: the crates are those of this repository.
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut manifest = project.read("worker/Cargo.toml");
    for (name, folder) in
        [("worker-pack-runtime", root.join("runtime")), ("worker-pack", root.to_owned())]
    {
        let version = format!("{name} = {{ version = \"{}\"", env!("CARGO_PKG_VERSION"));
        assert!(manifest.contains(&version), "{manifest}");
        manifest = manifest.replace(&version, &format!("{name} = {{ path = {folder:?}"));
    }
    project.write("worker/Cargo.toml", manifest);
    // The versions that the example is built with, so that nothing is downloaded.
    let lock = fs::read_to_string(root.join("examples/rust-worker/Cargo.lock")).unwrap();
    project.write("worker/Cargo.lock", lock.replace("\"rust-worker-example\"", "\"site-worker\""));
    let folder = project.folder().join("worker");
    let worker = workerd(&build(&["--crate", folder.to_str().unwrap()]), &[]);
    let address = worker.address();
    let get = |target: &str| ask(&address, &Request::new("GET", target));
    assert_eq!(get("/").status, 200);
    let health = get("/api/rust/health");
    assert_eq!((health.status, health.field("cache-control")), (200, Some("no-store")));
    assert!(text(&health).contains("\"status\":\"ok\""));
    assert_eq!(get("/nowhere").status, 404);
}
