//! Files that a Worker in Rust leaves to Workers Static Assets.

use std::path::Path;

use super::every_kind::site;
use super::packed_site::text;
use super::rust_worker::{OF_TESTS, workerd_with_log};
use crate::support::client::{Request, ask};
use crate::support::server::Server;
use crate::support::xtask::{self, Serving};

/// A file of at least 2 kB, of which the Worker has none itself.
const FILE: &str = "/prose.txt";

#[test]
fn wrangler_serves_the_files_that_a_worker_in_rust_has_spilled() {
    const FOLDER: &str = "tests/programs/kinds/program";
    let cwd = format!("--cwd={FOLDER}");
    let (stdout, stderr) = xtask::run(&["wrangler", "deploy", "--dry-run", &cwd]);
    assert!(stdout.contains("WORKER_PACK_ASSETS"), "{stdout}{stderr}");
    let dev = Serving::dev_in(Path::new(FOLDER));
    let server = Server::start(&site(), &["--quiet", "--compat=workers"]);
    let address = dev.address();
    // Identity only: wrangler's proxy changes content codings.
    let with = |method| Request::new(method, FILE).with("Accept-Encoding", "identity");
    let tag = ask(server.address(), &with("GET")).field("etag").unwrap().to_owned();
    for request in [
        with("GET"),
        with("HEAD"),
        with("GET").with("Range", "bytes=100-299"),
        with("GET").with("Range", "bytes=-100"),
        with("GET").with("Range", "bytes=99999-"),
        with("GET").with("If-None-Match", &*tag),
        with("GET").with("If-Match", "\"x\""),
        with("GET").with("Range", "bytes=0-9").with("If-Range", &*tag),
        with("POST"),
    ] {
        let (expected, found) = (ask(server.address(), &request), ask(&address, &request));
        assert_eq!((found.status, &found.body), (expected.status, &expected.body), "{request}");
        for name in ["content-type", "cache-control", "etag", "content-range", "vary", "allow"] {
            assert_eq!(found.field(name), expected.field(name), "{request}: {name}");
        }
    }
}

#[test]
fn a_spilled_file_of_a_worker_in_rust_without_its_binding_gets_500() {
    let (worker, log) = workerd_with_log(&OF_TESTS, &["--flag=nodejs_compat"]);
    let address = worker.address();
    let answer = ask(&address, &Request::new("GET", FILE));
    assert_eq!((answer.status, text(&answer).as_str()), (500, "500 Internal Server Error\n"));
    assert_eq!(answer.field("cache-control"), Some("no-store"));
    let line = log.wait_for("worker-pack: ");
    assert!(line.contains(FILE) && line.contains("the binding is missing"), "{line}");
    assert_eq!(ask(&address, &Request::new("HEAD", FILE)).status, 200, "needs no bytes");
    assert_eq!(ask(&address, &Request::new("GET", "/about")).status, 200, "is in the Worker");
}

/// The compiler might put a body that is included twice into the program twice.
#[test]
fn a_worker_in_rust_contains_each_body_once() {
    let program = std::fs::read(Path::new(&*OF_TESTS).join("index_bg.wasm")).unwrap();
    let count = |bytes: &[u8]| program.windows(bytes.len()).filter(|part| *part == bytes).count();
    // A part of the large file, which is in one table, and of a page, which is in several.
    let film: Vec<u8> = super::large_bodies::film()[2_000_000..2_000_100].to_vec();
    assert_eq!(count(&film), 1);
    let server = Server::start(&site(), &["--quiet", "--compat=workers"]);
    let page = ask(server.address(), &Request::new("GET", "/").with("Accept-Encoding", "br"));
    assert_eq!(page.field("content-encoding"), Some("br"));
    // Of the site's own table, and of those of the four behaviours, whose files of bodies are the same.
    assert!(matches!(count(&page.body[..100]), 1 | 2), "{}", count(&page.body[..100]));
    // What the program decodes has no copy without a content coding.
    assert_eq!(count(b"Licensor for the purpose of discussing and improving the Work"), 0);
    assert_eq!(count(b"Paragraph 17 of a page"), 0);
}

/// The files are those of another build.
#[test]
fn a_spilled_file_that_is_missing_gets_502() {
    let folder = tempfile::TempDir::new().unwrap();
    let files = super::packed_site::files_binding(folder.path());
    let (worker, log) = workerd_with_log(&OF_TESTS, &["--flag=nodejs_compat", &files]);
    let answer = ask(&worker.address(), &Request::new("GET", FILE));
    assert_eq!((answer.status, text(&answer).as_str()), (502, "502 Bad Gateway\n"));
    let line = log.wait_for("worker-pack: ");
    assert!(line.contains(FILE) && line.contains("answered 404"), "{line}");
}
