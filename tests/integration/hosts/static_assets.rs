//! Files that a Worker leaves to Workers Static Assets, in wrangler and in `workerd`.

use super::packed_site::{ENGINE, PackedSite, SERVERS, text};
use crate::support::client::{Request, ask};
use crate::support::server::Server;
use crate::support::site::{Site, blog, blog_pack, program};
use crate::support::xtask::{self, Serving};

#[test]
fn wrangler_accepts_packed_workers() {
    let [ssr, pages] = &*SERVERS;
    for (dist, arguments) in [
        (blog(), &[][..]),
        (ssr.clone(), &[][..]),
        (pages.clone(), &[][..]),
        (blog(), &["--spill-above", "20 kB"][..]),
    ] {
        let site = PackedSite::new(&dist, arguments);
        let config = format!("--config={}", site.config().display());
        let (stdout, stderr) = xtask::run(&["wrangler", "deploy", "--dry-run", &config]);
        assert!(stdout.contains("Total Upload"), "{stdout}{stderr}");
        assert!(!format!("{stdout}{stderr}").contains("WARNING"), "{stdout}{stderr}");
        assert_eq!(
            stdout.contains("WORKER_PACK_ASSETS"),
            !arguments.is_empty(),
            "{stdout}{stderr}"
        );
    }
}

/// Without `--config`, as people type it.
#[test]
fn plain_wrangler_takes_the_packed_worker_if_the_user_wants_it() {
    let site = Site::new(&[("index.html", "<h1>home</h1>")]);
    let output = program()
        .args(["build", "--quiet", "--target=worker", "--deploy-config=packed", "--engine"])
        .arg(&*ENGINE)
        .current_dir(site.project())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let project = format!("--cwd={}", site.project().display());
    let (stdout, stderr) = xtask::run(&["wrangler", "deploy", "--dry-run", &project]);
    assert!(stdout.contains("engine.wasm"), "{stdout}{stderr}");
}

#[test]
fn files_in_static_assets_get_the_same_responses() {
    let site = PackedSite::new(&blog(), &["--spill-above", "20 kB"]);
    let dev = Serving::dev_by(&site.config());
    let server = Server::start(&blog(), &["--quiet"]);
    let packed = blog_pack().run().unwrap();
    let (address, mut compared) = (dev.address(), 0);
    let large = packed.report().files.iter().filter(|file| file.source > 20_000);
    for file in large {
        // Identity only: wrangler's proxy changes content codings.
        let get = || Request::new("GET", &file.url).with("Accept-Encoding", "identity");
        let etag = ask(server.address(), &get()).field("etag").unwrap().to_owned();
        for request in
            [get(), get().with("Range", "bytes=100-299"), get().with("If-None-Match", etag)]
        {
            let (expected, found) = (ask(server.address(), &request), ask(&address, &request));
            assert_eq!(found.status, expected.status, "{request}");
            assert_eq!(found.body, expected.body, "{request}");
            for name in ["content-type", "cache-control", "etag", "content-range", "vary"] {
                assert_eq!(found.field(name), expected.field(name), "{request}: {name}");
            }
            compared += 1;
        }
    }
    assert!(compared > 20, "only {compared} requests");
}

#[test]
fn a_file_in_static_assets_without_a_binding_gets_500() {
    let worker = PackedSite::new(&blog(), &["--spill-above", "20 kB"]).start();
    let address = worker.address();
    let packed = blog_pack().run().unwrap();
    let large = packed.report().files.iter().find(|file| file.sent > 30_000).unwrap();
    let answer = ask(&address, &Request::new("GET", &large.url));
    assert_eq!((answer.status, text(&answer).as_str()), (500, "500 Internal Server Error\n"));
    assert_eq!(answer.field("cache-control"), Some("no-store"));
    let home = ask(&address, &Request::new("GET", "/"));
    assert_eq!(home.status, 200, "files in the Worker are still served");
}
