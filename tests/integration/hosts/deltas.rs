//! Sites with deltas between builds in Chromium, served by the command and as a Worker.

use std::fs;

use worker_pack::Options;

use super::packed_site::{PackedSite, last_line};
use crate::retention::deltas::functions;
use crate::support::server::Server;
use crate::support::site::Site;
use crate::support::xtask;

#[test]
fn a_browser_fetches_the_difference_to_a_script_of_the_last_build() {
    let page = "<!doctype html><title>Home</title><link rel=icon href=data:,><h1>Home</h1>";
    let old = "_astro/app.A1b2C3d4.js";
    let site = Site::new(&[("index.html", page), (old, &functions(100, "the old text"))]);
    site.emit(Options { keep: "on".parse().unwrap(), ..Options::default() }).unwrap();
    fs::remove_file(site.dist().join(old)).unwrap();
    let new = "_astro/app.B2c3D4e5.js";
    site.write(new, functions(100, "the new text"));

    let store = format!("store={}", site.project().join(".worker-pack/out").display());
    let arguments = ["--keep", &store, "--dictionaries", "deltas"];
    let (chromium, _) = xtask::run(&["chromium"]);
    let worker = PackedSite::new(&site.dist(), &arguments).start();
    let server = Server::start(&site.dist(), &arguments);
    let variables = [
        ("WORKER_PACK_CHROMIUM", last_line(&chromium)),
        ("WORKER_URL", format!("http://{}/", worker.address())),
        ("SERVED_URL", format!("http://{}/", server.address)),
        ("OLD", format!("/{old}")),
        ("NEW", format!("/{new}")),
    ];
    let test = ["node", "--test", "tests/worker/deltas.test.mjs"];
    let (stdout, stderr) = xtask::run_with(&test, &variables);
    assert!(stdout.contains("\n# fail 0\n"), "{stdout}{stderr}");
}
