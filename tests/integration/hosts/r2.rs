//! Files that a Worker leaves to R2, in `workerd`, and what happens if R2 fails.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::thread;

use worker_pack::Pack;

use super::packed_site::{ENGINE, SERVERS, text};
use crate::support::client::{Request, ask};
use crate::support::differential::{compare, requests};
use crate::support::raw::connect;
use crate::support::server::Server;
use crate::support::site::{Site, blog, blog_pack, program};
use crate::support::xtask::{self, Serving};

/// Bodies in R2.
const IN_R2: [&str; 2] = ["--spill-to=r2", "--spill-above=1B"];

/// Packs a site, and puts its bodies into R2 by the command that the build prints for it.
fn packed(dist: &Path, arguments: &[&str]) -> Site {
    let project = Site::new::<&str>(&[]);
    let output = program()
        .args(["build", "--target=worker", "--out=out", "--engine"])
        .arg(&*ENGINE)
        .arg(dist)
        .args(arguments)
        .current_dir(project.project())
        .output()
        .unwrap();
    let (stdout, stderr) = (String::from_utf8(output.stdout).unwrap(), output.stderr);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&stderr));
    if let Some((_, command)) = stdout.split_once("npx wrangler r2 bulk put ") {
        let command = command.lines().next().unwrap().replace("--remote", "--local");
        let cwd = format!("--cwd {}", project.project().join("out").display());
        let command = command.replace("--cwd out", &cwd);
        let words: Vec<&str> =
            ["wrangler", "r2", "bulk", "put"].into_iter().chain(command.split(' ')).collect();
        let (stdout, stderr) = xtask::run(&words);
        assert!(stdout.contains("100%"), "{stdout}{stderr}");
    }
    project
}

/// Starts a packed site with some stores of bodies.
fn start(project: &Site, stores: &str) -> Serving {
    let out = project.out();
    Serving::start(&["node", "tests/worker/stores.mjs", out.to_str().unwrap(), stores])
}

/// Returns bytes that do not compress, others for each seed.
fn noise(len: usize, seed: u32) -> Vec<u8> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..len).map(|_| next()).collect()
}

/// A site with a text, which is stored as Brotli, and a film.
fn media_site() -> (Site, Vec<u8>) {
    let film = noise(300_000, 1);
    let lines: Vec<String> = (0..9000).map(|number: u32| number.to_string()).collect();
    let text = lines.join("\n").into_bytes();
    (Site::new(&[("a.txt", text), ("film.mp4", film.clone())]), film)
}

#[test]
fn files_in_r2_get_the_same_responses() {
    for arguments in [&[][..], &["--identity", "stored", "--encodings", "br,gzip"][..]] {
        let project = packed(&blog(), &[&IN_R2, arguments].concat());
        let modules = project.out().join("bundle/worker/bodies");
        let in_worker = fs::read_dir(modules).into_iter().flatten();
        let size: u64 = in_worker.map(|module| module.unwrap().metadata().unwrap().len()).sum();
        assert_eq!(size, 0, "only empty bodies stay in the Worker");
        let worker = start(&project, "bucket");
        let codings: Vec<&str> = arguments.iter().skip(2).copied().collect();
        let server = Server::start(&blog(), &[&["--quiet"], &codings[..]].concat());
        let packed = blog_pack().run().unwrap();
        let requests = requests(&packed, server.address());
        let compared = compare(server.address(), &worker.address(), &requests);
        assert!(compared > 2000, "only {compared} requests");
    }
}

/// The same commands as a user, with the proxy of wrangler.
#[test]
fn wrangler_runs_and_deploys_workers_with_bodies_in_r2() {
    let [ssr, pages] = &*SERVERS;
    for dist in [&blog(), ssr, pages] {
        let project =
            packed(dist, &["--spill-to=both", "--spill-above=1kB", "--limit-static-asset=4kB"]);
        let config = format!("--config={}", project.out().join("wrangler.jsonc").display());
        let (stdout, stderr) = xtask::run(&["wrangler", "deploy", "--dry-run", &config]);
        for binding in ["WORKER_PACK_BODIES", "WORKER_PACK_ASSETS"] {
            assert!(stdout.contains(binding), "{stdout}{stderr}");
        }
        assert!(!format!("{stdout}{stderr}").contains("WARNING"), "{stdout}{stderr}");
        let dev = Serving::dev_in(&project.out());
        let server = Server::start(dist, &["--quiet"]);
        let (address, mut compared) = (dev.address(), 0);
        let report = Pack::from_dir(dist).run().unwrap().report().clone();
        for file in report.files.iter().filter(|file| file.source > 1000) {
            // Identity only: wrangler's proxy changes content codings.
            let get = Request::new("GET", &file.url).with("Accept-Encoding", "identity");
            let (expected, found) = (ask(server.address(), &get), ask(&address, &get));
            assert_eq!(found.status, expected.status, "{get}");
            assert!(found.body == expected.body, "{get}");
            compared += 1;
        }
        assert!(compared > 5, "only {compared} files");
    }
}

#[test]
fn parts_of_a_film_in_r2_are_read_by_range() {
    let (site, film) = media_site();
    let project = packed(&site.dist(), &IN_R2);
    let worker = start(&project, "bucket");
    let (address, server) = (worker.address(), Server::start(&site.dist(), &["--quiet"]));
    let get = || Request::new("GET", "/film.mp4");
    let whole = ask(&address, &get());
    assert_eq!(whole.field("content-length"), Some("300000"));
    assert!(whole.body == film);
    let etag = whole.field("etag").unwrap().to_owned();
    let ranges = [
        "bytes=0-0",
        "bytes=299999-",
        "bytes=-1",
        "bytes=65536-131071",
        "bytes=1000-",
        "bytes=300000-",
    ];
    let mut asked: Vec<Request> =
        ranges.into_iter().map(|range| get().with("Range", range)).collect();
    for condition in [&*etag, "\"other\"", "Thu, 01 Jan 2026 00:00:00 GMT"] {
        asked.push(get().with("Range", "bytes=5-9").with("If-Range", condition));
    }
    let text = || Request::new("GET", "/a.txt").with("Accept-Encoding", "identity");
    asked.extend(["bytes=0-9", "bytes=-9"].map(|range| text().with("Range", range)));
    compare(server.address(), &address, &asked);
}

#[test]
fn fifty_clients_get_a_film_from_r2_at_once_and_others_leave_early() {
    let film = noise(3_000_000, 2);
    let site = Site::new(&[("film.mp4", film.clone())]);
    let project = packed(&site.dist(), &IN_R2);
    let worker = start(&project, "bucket");
    let address = worker.address();
    thread::scope(|scope| {
        for client in 0..50 {
            let (address, film) = (&address, &film);
            scope.spawn(move || {
                if client % 5 == 0 {
                    let mut left = begin_film(address, "");
                    left.read_exact(&mut [0; 1000]).unwrap();
                }
                let answer = ask(address, &Request::new("GET", "/film.mp4"));
                assert!(answer.body == *film, "client {client}");
            });
        }
    });
}

#[test]
fn a_store_that_fails_is_an_error_with_a_line_in_the_log() {
    let (site, _) = media_site();
    let in_r2 = packed(&site.dist(), &IN_R2);
    let in_files = packed(&site.dist(), &["--spill-above=1B"]);
    let fails = |project, stores, status: u16, line| {
        let worker = start(project, stores);
        let address = worker.address();
        for name in ["/film.mp4", "/a.txt"] {
            let get = || Request::new("GET", name).with("Accept-Encoding", "identity");
            for request in [get(), get().with("Range", "bytes=3-7")] {
                let answer = ask(&address, &request);
                assert_eq!(answer.status, status, "{stores}: {request}");
                assert_eq!(answer.field("cache-control"), Some("no-store"));
                assert_eq!(answer.field("etag"), None);
                assert!(text(&answer).starts_with(&status.to_string()), "{}", text(&answer));
                worker.wait_for(line);
            }
            // No body is read for these.
            let head = ask(&address, &Request::new("HEAD", name));
            let etag = head.field("etag").unwrap().to_owned();
            let not_modified =
                ask(&address, &Request::new("GET", name).with("If-None-Match", etag));
            assert_eq!((head.status, not_modified.status), (200, 304), "{stores}: {name}");
        }
    };
    fails(&in_r2, "nothing", 500, "but the binding is missing: deploy with the `r2_buckets`");
    fails(&in_r2, "text", 502, "is in R2, which failed: TypeError");
    fails(&in_files, "nothing", 500, "but the binding is missing: deploy with the `assets`");
    fails(&in_files, "text", 502, "is in Workers Static Assets, which failed: TypeError");
    fails(&in_files, "other", 502, "which has 10 bytes as ");
    // The objects are others than those of the table.
    for body in fs::read_dir(in_r2.out().join("bundle/r2")).unwrap() {
        fs::write(body.unwrap().path(), "another body").unwrap();
    }
    put_again(&in_r2);
    fails(&in_r2, "bucket", 502, "is in R2, which ");
    fs::remove_dir_all(in_r2.out().join(".wrangler")).unwrap();
    fails(&in_r2, "bucket", 502, "which has no object");
}

/// Puts the bodies of a packed site into R2 once more.
fn put_again(project: &Site) {
    let out = project.out();
    let config = fs::read_to_string(out.join("wrangler.jsonc")).unwrap();
    let (_, bucket) = config.split_once("\"bucket_name\": \"").unwrap();
    let bucket = bucket.split('"').next().unwrap();
    let cwd = format!("--cwd={}", out.display());
    let put = ["wrangler", "r2", "bulk", "put", bucket, "--local", &cwd];
    xtask::run(&[&put[..], &["--config=wrangler.jsonc", "--filename=bundle/r2.json"]].concat());
}

#[test]
fn a_body_that_ends_too_early_is_cut_off() {
    let (site, _) = media_site();
    let in_r2 = packed(&site.dist(), &IN_R2);
    let in_files = packed(&site.dist(), &["--spill-above=1B"]);
    // The line of workerd itself.
    let ended = "FixedLengthStream did not see all expected bytes";
    let lost = "and was cut off: Error: the line was lost";
    let part = "and was cut off: Error: the body ended";
    for (project, stores, lines) in [
        (&in_r2, "short", [ended, ended]),
        (&in_r2, "broken", [lost, lost]),
        (&in_files, "short", [ended, part]),
        (&in_files, "broken", [lost, lost]),
    ] {
        let worker = start(project, stores);
        let address = worker.address();
        for (range, line) in ["", "Range: bytes=3-299000\r\n"].into_iter().zip(lines) {
            let mut received = Vec::new();
            // The connection ends, perhaps before the head. One that is reset is an error.
            let _ = begin_film(&address, range).read_to_end(&mut received);
            assert!(received.len() < 1000, "{stores} {range}: {}", received.len());
            worker.wait_for(line);
        }
        // A part of a body that is decoded is none.
        let identity = Request::new("GET", "/a.txt").with("Accept-Encoding", "identity");
        assert_eq!(ask(&address, &identity).status, 502, "{stores}");
        worker.wait_for("/a.txt is in");
    }
}

/// Asks for the film with some header fields, and returns the connection.
fn begin_film(address: &str, fields: &str) -> TcpStream {
    let mut stream = connect(address);
    let head =
        format!("GET /film.mp4 HTTP/1.1\r\nHost: example.org\r\nConnection: close\r\n{fields}\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    stream
}
