//! Requests of every kind to one site in three hosts: `serve`, a Worker for JavaScript hosts, and a Worker in
//! Rust. The responses are the same, byte for byte.

use std::path::{Path, PathBuf};

use worker_pack::Pack;
use worker_pack::cache::CacheLocation;

use super::packed_site::{PackedSite, files_binding};
use super::rust_worker::{OF_TESTS, workerd};
use crate::support::client::Request;
use crate::support::differential::{compare_all, requests};
use crate::support::kinds::requests_of_every_kind;
use crate::support::server::Server;
use crate::support::site::shared_cache;

/// Targets of every kind: pages, files with and without content codings, a picture in two media types, rules of
/// their own, redirects, rewrites, missing and malformed paths.
const TARGETS: [&str; 15] = [
    "/",
    "/about",
    "/blog/",
    "/blog/nowhere",
    "/%C3%BC",
    "/tune.mp3",
    "/shot.png",
    "/empty.txt",
    "/prose.txt",
    "/_astro/app.B1c2D3e4.css",
    "/old",
    "/away/a//b",
    "/shown/one/",
    "/nowhere",
    "/%zz",
];

/// Returns the folder of the site that the Worker in Rust has packed.
pub(super) fn site() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs/kinds/site")
}

/// Compares the hosts in one behaviour. `table` is the name of the table in the Worker in Rust.
fn compare_hosts(table: &str, behaviour: &[&str], spill: &[&str]) {
    let server = Server::start(&site(), &[&["--quiet"], behaviour].concat());
    let javascript = PackedSite::new(&site(), &[behaviour, spill].concat()).start_with_files();
    let files = files_binding(&Path::new(&*OF_TESTS).join("bundle/assets"));
    let rust = workerd(&OF_TESTS, &["--flag=nodejs_compat", &files]);
    let packed = Pack::from_dir(site()).cache(CacheLocation::Folder(shared_cache())).run().unwrap();
    let targets = TARGETS.map(str::to_owned);
    let asked: Vec<Request> = requests(&packed, server.address())
        .into_iter()
        .chain(requests_of_every_kind(&targets, server.address()))
        .map(|request| request.with("X-Table", table))
        .collect();
    let candidates = [("JavaScript", &*javascript.address()), ("Rust", &*rust.address())];
    let compared = compare_all(server.address(), &candidates, &asked);
    assert!(compared > 3000, "only {compared} requests");
}

#[test]
fn responses_of_all_hosts_are_the_same_like_workers() {
    compare_hosts("workers", &["--compat=workers"], &[]);
}

#[test]
fn responses_of_all_hosts_are_the_same_like_workers_to_the_letter() {
    compare_hosts("workers-strict", &["--compat=workers", "--fidelity=strict"], &[]);
}

#[test]
fn responses_of_all_hosts_are_the_same_like_pages() {
    compare_hosts("pages", &["--compat=pages"], &[]);
}

#[test]
fn responses_of_all_hosts_are_the_same_like_pages_to_the_letter() {
    compare_hosts("pages-strict", &["--compat=pages", "--fidelity=strict"], &[]);
}

/// The files of at least 2 kB are in Workers Static Assets.
#[test]
fn responses_of_all_hosts_are_the_same_with_files_in_static_assets() {
    compare_hosts("spilled", &["--compat=workers"], &["--spill-above=2kB"]);
}
