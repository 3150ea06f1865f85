//! Assets of a packed site in `workerd`, compared with `worker-pack serve`.

use std::fs;

use worker_pack::Pack;
use worker_pack::target::Engine;

use super::packed_site::{ENGINE, PackedSite, SERVERS};
use crate::support::client::{Request, ask};
use crate::support::differential::{compare, requests};
use crate::support::server::Server;
use crate::support::site::{blog, blog_pack};

#[test]
fn blog_responses_equal_those_of_serve() {
    for arguments in [&[][..], &["--identity", "stored", "--encodings", "br,gzip"][..]] {
        let worker = PackedSite::new(&blog(), arguments).start();
        let codings: Vec<&str> = arguments.iter().skip(2).copied().collect();
        let server = Server::start(&blog(), &[&["--quiet"], &codings[..]].concat());
        let packed = blog_pack().run().unwrap();
        let requests = requests(&packed, server.address());
        let compared = compare(server.address(), &worker.address(), &requests);
        assert!(compared > 2000, "only {compared} requests");
    }
}

#[test]
fn asset_responses_beside_a_server_equal_those_of_serve() {
    for (dist, expected) in SERVERS.iter().zip([300, 150]) {
        let worker = PackedSite::new(dist, &[]).start();
        let address = worker.address();
        let server = Server::start(dist, &["--quiet"]);
        let packed = Pack::from_dir(dist).run().unwrap();
        // Astro answers the others.
        let is_asset = |request: &Request| ask(server.address(), request).status != 404;
        let requests: Vec<Request> =
            requests(&packed, server.address()).into_iter().filter(is_asset).collect();
        let compared = compare(server.address(), &address, &requests);
        assert!(compared > expected, "only {compared} requests of {}", dist.display());
    }
}

#[test]
fn a_table_of_another_version_fails_at_startup() {
    let site = PackedSite::new(&blog(), &[]);
    let table = site.scratch.out().join("bundle/worker/table.bin");
    let mut bytes = fs::read(&table).unwrap();
    bytes[4] = 99;
    fs::write(&table, bytes).unwrap();
    assert!(site.start().serving.fails_to_start(), "the Worker started with an unreadable table");
    assert!(Engine::from_file(&*ENGINE).is_ok());
}
