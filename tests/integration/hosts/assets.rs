//! Assets of a packed site in `workerd`, compared with `worker-pack serve`.

use std::fs;

use worker_pack::Pack;
use worker_pack::target::Engine;

use super::packed_site::{ENGINE, PackedSite, SERVERS, text as text_of};
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

/// The host lacks the decoder, as without the flag `nodejs_compat`.
#[test]
fn a_body_that_cannot_be_decoded_gets_500() {
    let site = PackedSite::new(&blog(), &[]);
    let script = site.scratch.out().join("bundle/worker/site.js");
    let text = fs::read_to_string(&script).unwrap();
    assert!(text.contains("node:zlib"), "{text}");
    fs::write(&script, text.replace("node:zlib", "node:missing")).unwrap();
    let worker = site.start();
    let address = worker.address();
    let get = |codings| ask(&address, &Request::new("GET", "/").accepting(Some(codings)));
    let answer = get("identity");
    assert_eq!((answer.status, text_of(&answer)), (500, "500 Internal Server Error\n".to_owned()));
    assert_eq!(answer.field("cache-control"), Some("no-store"));
    assert_eq!(get("br").status, 200, "needs no decoder");
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
