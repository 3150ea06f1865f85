//! Sites with deltas between builds in Chromium, served by the command and as a Worker.

use std::fs;

use worker_pack::Options;

use super::packed_site::{PackedSite, last_line};
use crate::retention::deltas::functions;
use crate::support::server::Server;
use crate::support::site::Site;
use crate::support::xtask;

/// A site with a script, whose build before had another one.
pub(super) struct Redeployed {
    pub(super) site: Site,
    /// The options with which it keeps the old script, and makes the difference.
    pub(super) arguments: [String; 4],
    /// The paths of the scripts.
    pub(super) old: String,
    pub(super) new: String,
}

impl Redeployed {
    pub(super) fn new() -> Self {
        let page = "<!doctype html><title>Home</title><link rel=icon href=data:,><h1>Home</h1>";
        let [old, new] = ["_astro/app.A1b2C3d4.js", "_astro/app.B2c3D4e5.js"];
        let site = Site::new(&[("index.html", page), (old, &functions(100, "the old text"))]);
        site.emit(Options { keep: "on".parse().unwrap(), ..Options::default() }).unwrap();
        fs::remove_file(site.dist().join(old)).unwrap();
        site.write(new, functions(100, "the new text"));
        let store = format!("store={}", site.project().join(".worker-pack/out").display());
        let arguments = ["--keep", &store, "--dictionaries", "deltas"].map(str::to_owned);
        Self { site, arguments, old: format!("/{old}"), new: format!("/{new}") }
    }
}

#[test]
fn a_browser_fetches_the_difference_to_a_script_of_the_last_build() {
    let Redeployed { site, arguments, old, new } = Redeployed::new();
    let arguments = arguments.each_ref().map(String::as_str);
    let (chromium, _) = xtask::run(&["chromium"]);
    let worker = PackedSite::new(&site.dist(), &arguments).start();
    let server = Server::start(&site.dist(), &arguments);
    let variables = [
        ("WORKER_PACK_CHROMIUM", last_line(&chromium)),
        ("WORKER_URL", format!("http://{}/", worker.address())),
        ("SERVED_URL", format!("http://{}/", server.address)),
        ("OLD", old),
        ("NEW", new),
    ];
    let test = ["node", "--test", "tests/worker/deltas.test.mjs"];
    let (stdout, stderr) = xtask::run_with(&test, &variables);
    assert!(stdout.contains("\n# fail 0\n"), "{stdout}{stderr}");
}
