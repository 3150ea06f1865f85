//! The Worker for JavaScript hosts in the real `workerd`, with no edge and no proxy before it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use worker_pack::{Engine, Pack};

use crate::cli::serve::Server;
use crate::support::differential::{Answer, Request, ask, compare, requests};
use crate::support::site::{Site, blog, blog_pack, files_below, program};
use crate::support::xtask::{self, Serving};

/// The engine, compiled once for all tests.
static ENGINE: LazyLock<PathBuf> = LazyLock::new(|| last_line(&xtask::run(&["engine"]).0).into());

/// The builds of the examples that render on the server: `astro-ssr` and `astro-pages`.
static SERVERS: LazyLock<[PathBuf; 2]> = LazyLock::new(|| {
    let (printed, _) = xtask::run(&["astro-ssr"]);
    let paths: Vec<PathBuf> = printed.lines().map(PathBuf::from).collect();
    paths.try_into().expect("two builds")
});

fn last_line(text: &str) -> String {
    text.lines().last().unwrap_or_default().to_owned()
}

/// A site that is packed for a JavaScript host with the command, and gone when the test is over.
struct PackedSite {
    scratch: Site,
}

impl PackedSite {
    fn new(dist: &Path, arguments: &[&str]) -> Self {
        let scratch = Site::new::<&str>(&[]);
        let output = program()
            .args(["build", "--quiet", "--host", "worker", "--engine"])
            .arg(&*ENGINE)
            .arg(dist)
            .arg("--out")
            .arg(scratch.out())
            .args(arguments)
            .current_dir(scratch.project())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Self { scratch }
    }

    fn config(&self) -> PathBuf {
        self.scratch.out().join("wrangler.jsonc")
    }

    /// Starts workerd with the modules that wrangler would upload.
    fn start(self) -> RunningSite {
        let folder = self.scratch.out().join("bundle/worker");
        let mut names: Vec<String> =
            files_below(&folder).iter().map(|path| path.to_str().unwrap().to_owned()).collect();
        // The one with the handlers is the first.
        names.sort_by_key(|name| (name != "index.js", name.clone()));
        let module = |name: &String| {
            let kind = match name.rsplit_once('.').unwrap().1 {
                "wasm" => "wasm",
                "bin" => "data",
                _ => "esModule",
            };
            format!("{kind}:{name}={}", folder.join(name).display())
        };
        let modules: Vec<String> = names.iter().map(module).collect();
        let mut arguments = vec!["workerd", "--flag", "nodejs_compat", "--text", "GREETING=Hello."];
        arguments.extend(modules.iter().map(String::as_str));
        let serving = Serving::start(&arguments);
        RunningSite { serving, _site: self }
    }
}

/// A packed site in workerd. Its files are read while that starts, and so kept.
struct RunningSite {
    serving: Serving,
    _site: PackedSite,
}

impl RunningSite {
    fn address(&self) -> String {
        self.serving.address()
    }
}

#[test]
fn the_packed_blog_is_answered_as_serve_does() {
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
fn the_assets_of_astros_servers_are_answered_as_serve_does() {
    for (dist, expected) in SERVERS.iter().zip([300, 150]) {
        let worker = PackedSite::new(dist, &[]).start();
        let address = worker.address();
        let server = Server::start(dist, &["--quiet"]);
        let packed = Pack::from_dir(dist).run().unwrap();
        // What is no asset is for Astro to answer.
        let is_asset = |request: &Request| ask(server.address(), request).status != 404;
        let requests: Vec<Request> =
            requests(&packed, server.address()).into_iter().filter(is_asset).collect();
        let compared = compare(server.address(), &address, &requests);
        assert!(compared > expected, "only {compared} requests of {}", dist.display());
    }
}

fn text(answer: &Answer) -> String {
    String::from_utf8_lossy(&answer.body).into_owned()
}

#[test]
fn astro_answers_what_is_no_asset_with_its_environment_intact() {
    let [ssr, pages] = &*SERVERS;
    let worker = PackedSite::new(ssr, &[]).start();
    let address = worker.address();
    let get = |target: &str| ask(&address, &Request::new("GET", target));
    let desk = get("/desk/?walk=harbour");
    assert_eq!(desk.status, 200);
    assert!(text(&desk).contains("Hello."), "the variable of the environment: {desk:?}");
    assert_eq!(desk.field("x-desk"), Some("open; GET"), "the middleware's field");
    assert_eq!(desk.field("x-frame-options"), None, "rules are for assets unless asked for");
    let missing = get("/walks/nowhere/");
    assert_eq!(missing.status, 404);
    assert!(text(&missing).contains("<!DOCTYPE html>"), "the prerendered 404 page: {missing:?}");
    assert_eq!(get("/aground/").status, 500);
    assert_eq!(get("/next/").status, 303);
    // What the adapter writes into `_redirects` alone.
    let guides = get("/guides");
    assert_eq!((guides.status, guides.field("location")), (302, Some("/about")));
    let assets = get("/api/assets?path=/about/");
    let found = text(&assets).matches("<!DOCTYPE html>").count();
    assert!(found >= 3, "asked by string, URL and Request: {}", text(&assets));
    assert_eq!(ask(&address, &Request::new("POST", "/about/")).status, 405);

    let worker = PackedSite::new(pages, &[]).start();
    let address = worker.address();
    let get = |target: &str| ask(&address, &Request::new("GET", target));
    assert!(text(&get("/board/?to=x")).contains("Hello."));
    assert_eq!(
        get("/nowhere").status,
        404,
        "what _routes.json does not include is an asset or 404"
    );
    assert_eq!(get("/_worker.js/index.js").status, 404);
}

#[test]
fn header_rules_reach_the_server_when_asked_for() {
    let worker = PackedSite::new(&SERVERS[0], &["--headers-on-ssr"]).start();
    let address = worker.address();
    for target in ["/desk/", "/about/", "/walks/nowhere/", "/next/", "/api/time-zone"] {
        let answer = ask(&address, &Request::new("GET", target));
        assert_eq!(answer.field("x-frame-options"), Some("DENY"), "{target}");
    }
}

#[test]
fn wrangler_takes_what_was_packed() {
    let [ssr, pages] = &*SERVERS;
    for (dist, arguments) in [
        (blog(), &[][..]),
        (ssr.clone(), &[][..]),
        (pages.clone(), &[][..]),
        (blog(), &["--spill-above", "20 kB"][..]),
    ] {
        let site = PackedSite::new(&dist, arguments);
        let config = format!("--config={}", site.config().display());
        let (printed, said) = xtask::run(&["wrangler", "deploy", "--dry-run", &config]);
        assert!(printed.contains("Total Upload"), "{printed}{said}");
        assert_eq!(printed.contains("WORKER_PACK_ASSETS"), !arguments.is_empty(), "{printed}");
    }
}

#[test]
fn files_in_static_assets_are_answered_like_the_others() {
    let site = PackedSite::new(&blog(), &["--spill-above", "20 kB"]);
    let config = format!("--config={}", site.config().display());
    let dev = ["wrangler", "dev", &config, "--ip=127.0.0.1", "--port=0", "--inspector-port=0"];
    let dev = Serving::start(&[&dev[..], &["--show-interactive-dev-session=false"]].concat());
    let server = Server::start(&blog(), &["--quiet"]);
    let packed = blog_pack().run().unwrap();
    let (address, mut compared) = (dev.address(), 0);
    let large = packed.report().files.iter().filter(|file| file.source > 20_000);
    for file in large {
        // wrangler's proxy has its own mind about codings, so identity alone is asked for.
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
fn a_file_in_static_assets_without_a_binding_is_a_500_and_said() {
    let worker = PackedSite::new(&blog(), &["--spill-above", "20 kB"]).start();
    let address = worker.address();
    let packed = blog_pack().run().unwrap();
    let large = packed.report().files.iter().find(|file| file.sent > 30_000).unwrap();
    let answer = ask(&address, &Request::new("GET", &large.url));
    assert_eq!((answer.status, text(&answer).as_str()), (500, "500 Internal Server Error\n"));
    assert_eq!(answer.field("cache-control"), Some("no-store"));
    let home = ask(&address, &Request::new("GET", "/"));
    assert_eq!(home.status, 200, "what is in the Worker is still answered");
}

#[test]
fn a_table_of_another_version_is_said_when_the_worker_starts() {
    let site = PackedSite::new(&blog(), &[]);
    let table = site.scratch.out().join("bundle/worker/table.bin");
    let mut bytes = fs::read(&table).unwrap();
    bytes[4] = 99;
    fs::write(&table, bytes).unwrap();
    assert!(
        site.start().serving.fails_to_start(),
        "a Worker without a table answers nothing right"
    );
    assert!(Engine::from_file(&*ENGINE).is_ok());
}

#[test]
fn the_sites_work_in_a_browser() {
    let [ssr, pages] = &*SERVERS;
    let (chromium, _) = xtask::run(&["chromium"]);
    let sites = [blog(), ssr.clone(), pages.clone()].map(|dist| PackedSite::new(&dist, &[]));
    let workers = sites.map(PackedSite::start);
    let urls = workers.each_ref().map(|worker| format!("http://{}/", worker.address()));
    let variables = [
        ("WORKER_PACK_CHROMIUM", last_line(&chromium)),
        ("BLOG_URL", urls[0].clone()),
        ("SSR_URL", urls[1].clone()),
        ("PAGES_URL", urls[2].clone()),
    ];
    let test = ["node", "--test", "tests/worker/browser.test.mjs"];
    let (printed, said) = xtask::run_with(&test, &variables);
    assert!(printed.contains("\n# fail 0\n"), "{printed}{said}");
}

#[test]
fn the_npm_package_packs_what_astro_builds() {
    let program = ["npm", "--test", "--binary", env!("CARGO_BIN_EXE_worker-pack")];
    let engine = ENGINE.display().to_string();
    let (printed, said) = xtask::run_with(&program, &[("WORKER_PACK_ENGINE", engine)]);
    assert!(said.contains("# fail 0\n"), "{printed}{said}");
}

/// A server that guards a folder: it is asked first, and says so.
#[test]
fn no_spelling_of_a_path_gets_past_a_server_that_is_asked_first() {
    let site = Site::new(&[
        ("client/admin/index.html", "<h1>secret</h1>"),
        ("client/index.html", "<h1>home</h1>"),
        (
            "server/entry.mjs",
            "class App { #said = 'guarded'; fetch() { return new Response(this.#said); } }\nexport default new App();",
        ),
        ("server/wrangler.json", r#"{"assets":{"run_worker_first":["/admin/*","/admin"]}}"#),
    ]);
    let worker = PackedSite::new(&site.dist(), &[]).start();
    let address = worker.address();
    let said = |target: &str| text(&ask(&address, &Request::new("GET", target)));
    for target in
        ["/admin/", "/admin", "/%61dmin/", "/admin%2F", "/admin%2findex.html", "/admin/%zz"]
    {
        assert_eq!(said(target), "guarded", "{target}");
    }
    assert_eq!(said("/"), "<h1>home</h1>");
}

/// The page of an application stands for every path, but the server comes first, each time.
#[test]
fn what_stands_for_nothing_does_not_take_the_servers_place() {
    let site = Site::new(&[
        ("client/index.html", "<h1>app</h1>"),
        (
            "server/entry.mjs",
            "export default { async fetch(request, env) {\n\
             const { pathname } = new URL(request.url);\n\
             if (pathname === '/api') return new Response(`api ${(await env.ASSETS.fetch(request)).status}`);\n\
             return env.ASSETS.fetch(request);\n} };",
        ),
        ("server/wrangler.json", r#"{"assets":{"not_found_handling":"single-page-application"}}"#),
    ]);
    let worker = PackedSite::new(&site.dist(), &[]).start();
    let address = worker.address();
    let identity = |target: &str| Request::new("GET", target).with("Accept-Encoding", "identity");
    for _ in 0..3 {
        assert_eq!(text(&ask(&address, &identity("/api"))), "api 200");
        assert_eq!(text(&ask(&address, &identity("/any/where"))), "<h1>app</h1>");
    }
}

#[test]
fn what_astro_reads_of_the_assets_has_no_content_coding() {
    let site = Site::new(&[
        ("client/index.html", "<h1>home</h1>".repeat(100)),
        (
            "server/entry.mjs",
            "export default { async fetch(request, env) {\n\
             const url = new URL('/', request.url);\n\
             return new Response(await (await env.ASSETS.fetch(new Request(url, request))).text());\n} };"
                .to_owned(),
        ),
    ]);
    let worker = PackedSite::new(&site.dist(), &[]).start();
    let request = Request::new("GET", "/rendered").with("Accept-Encoding", "br, gzip");
    let answer = ask(&worker.address(), &request);
    assert!(text(&answer).starts_with("<h1>home</h1>"), "{answer:?}");
}
