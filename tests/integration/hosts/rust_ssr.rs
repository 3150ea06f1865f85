//! Servers behind a Worker in Rust: those of both adapters, and one with handlers of every kind. Whatever
//! they do, they do it behind the engine too.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use worker_pack::Pack;

use super::packed_site::{PackedSite, SERVERS, last_line, text};
use super::rust_worker::{build, pack_into, workerd};
use crate::support::client::{Request, ask};
use crate::support::differential::{compare, requests};
use crate::support::site::Site;
use crate::support::xtask::{self, Serving};

/// The folders of the example, with the builds of `astro-ssr` and of `astro-pages`.
static EXAMPLES: LazyLock<[String; 2]> = LazyLock::new(|| {
    let [_, pages] = &*SERVERS;
    let example = ["--crate", "examples/rust-ssr"];
    [build(&example), build(&[&example[..], &["--dist", pages.to_str().unwrap()]].concat())]
});

/// Starts `workerd` with an example.
fn start(folder: &str) -> Serving {
    workerd(folder, &["--flag", "nodejs_compat", "--text", "GREETING=Hello."])
}

/// Returns the folder of a site whose server has handlers of every kind.
fn handlers() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs/handlers/site")
}

/// Returns the crate of a Worker, by the folder that it was built into.
fn crate_of(built: &str) -> PathBuf {
    Path::new(built).parent().unwrap().to_owned()
}

/// Returns requests for everything that the servers of the examples answer.
fn for_servers(address: &str) -> Vec<Request> {
    let targets = [
        "/desk/?walk=causeway",
        "/desk",
        "/walks/causeway/",
        "/walks/nowhere/",
        "/tonight/",
        "/next/",
        "/old-desk",
        "/guides",
        "/aground/",
        "/api/aground",
        "/api/book",
        "/api/time-zone",
        "/api/stream",
        "/api/tide?hour=6",
        "/api/assets?path=/about/",
        "/api/assets?path=/about",
        "/api/assets?path=/nope",
        "/_image?href=%2F_astro%2Fnone.png",
        "/_actions/signIn",
        "/_actions/none",
        "/_server-islands/DeskNow",
        "/board/?to=x",
        "/api/ticket",
        "/x/../api/tide?hour=3",
        "/%61pi/tide",
        "/_worker.js/index.js",
        "/nowhere",
    ];
    let page = text(&ask(address, &Request::new("GET", "/")));
    // The island of the home page, with what the page passes to it.
    let island = page.split(['"', '\'']).find(|part| part.starts_with("/_server-islands/"));
    let image = text(&ask(address, &Request::new("GET", "/desk/")));
    let image = image.split('"').find(|part| part.starts_with("/_image?")).map(str::to_owned);
    let others = island.map(|it| it.replace("&amp;", "&").replace("&#38;", "&")).into_iter();
    let others = others.chain(image.map(|it| it.replace("&amp;", "&").replace("&#38;", "&")));
    let targets = targets.map(str::to_owned).into_iter().chain(others);
    let methods = ["GET", "HEAD", "POST", "OPTIONS"];
    let each = |target: String| {
        methods.map(move |method| {
            let accepted = Request::new(method, target.clone()).accepting(Some("br"));
            accepted.with("Cookie", "visitor=Ada").with("Origin", "http://example.org")
        })
    };
    targets.flat_map(each).collect()
}

#[test]
fn servers_behind_rust_answer_as_behind_the_engine() {
    for (dist, built) in SERVERS.iter().zip(&*EXAMPLES) {
        let engine = PackedSite::new(dist, &[]).start();
        let rust = start(built);
        let (engine, rust) = (engine.address(), rust.address());
        let packed = Pack::from_dir(dist).run().unwrap();
        let compared = compare(&engine, &rust, &requests(&packed, &engine));
        assert!(compared > 200, "only {compared} requests for files");
        compare(&engine, &rust, &for_servers(&engine));
    }
}

#[test]
fn handlers_of_every_kind_reach_the_server_behind_both_hosts() {
    let engine = PackedSite::new(&handlers(), &[]);
    let program = build(&["--crate", "tests/programs/handlers/program"]);
    for (host, folder) in [("engine", engine.scratch.out()), ("program", crate_of(&program))] {
        let worker = Serving::dev_in(&folder);
        let url = format!("http://{}/", worker.address());
        let variables = [("WORKER_URL", url), ("HOST", host.to_owned())];
        let test = ["node", "--test", "tests/worker/handlers.test.mjs"];
        let (stdout, stderr) = xtask::run_with(&test, &variables);
        assert!(stdout.contains("\n# fail 0\n"), "{stdout}{stderr}");
    }
}

#[test]
fn header_rules_apply_to_a_server_behind_rust_on_request() {
    let built = build(&["--crate", "tests/programs/handlers/program"]);
    for (option, expected) in [("off", None), ("on", Some("DENY"))] {
        let scratch = Site::new::<&str>(&[]);
        let root = scratch.out();
        pack_into(&handlers(), &root, &["--headers-on-ssr", option]);
        for name in ["index.js", "index_bg.wasm"] {
            fs::copy(Path::new(&built).join(name), root.join("build").join(name)).unwrap();
        }
        let worker = workerd(root.join("build").to_str().unwrap(), &[]);
        let address = worker.address();
        for target in ["/cookies", "/redirect", "/empty", "/nowhere"] {
            let answer = ask(&address, &Request::new("GET", target));
            assert_eq!(answer.field("x-frame-options"), expected, "{option} {target}");
        }
    }
}

#[test]
fn sites_behind_rust_work_in_a_browser() {
    let (chromium, _) = xtask::run(&["chromium"]);
    let [ssr, pages] = EXAMPLES.each_ref().map(|built| start(built));
    let blog = workerd(&build(&[]), &[]);
    let [blog, ssr, pages] =
        [&blog, &ssr, &pages].map(|worker| format!("http://{}/", worker.address()));
    let variables = [
        ("WORKER_PACK_CHROMIUM", last_line(&chromium)),
        ("BLOG_URL", blog),
        ("SSR_URL", ssr),
        ("PAGES_URL", pages),
    ];
    let test = ["node", "--test", "tests/worker/browser.test.mjs"];
    let (stdout, stderr) = xtask::run_with(&test, &variables);
    assert!(stdout.contains("\n# fail 0\n"), "{stdout}{stderr}");
}

#[test]
fn wrangler_builds_serves_and_deploys_the_example() {
    let folder = crate_of(&EXAMPLES[0]);
    let folder_option = format!("--cwd={}", folder.display());
    for environment in ["--env=", "--env=staging"] {
        let deploy = ["wrangler", "deploy", "--dry-run", &folder_option, environment];
        let (stdout, stderr) = xtask::run(&deploy);
        let shown = format!("{stdout}{stderr}");
        for part in
            ["env.SESSION", "env.GREETING", "index_bg.wasm", "bundle/worker/server/entry.mjs"]
        {
            assert!(shown.contains(part), "{part} is missing: {shown}");
        }
        assert!(!shown.contains("WARNING"), "{shown}");
    }
    let config = |folder: &Path| fs::read_to_string(folder.join("wrangler.jsonc")).unwrap();
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/rust-ssr");
    assert_eq!(config(&folder), config(&own), "the build has nothing to add");
    let worker = Serving::dev_in(&folder);
    let address = worker.address();
    let get = |target: &str| text(&ask(&address, &Request::new("GET", target)));
    assert!(get("/api/rust/health").contains("\"greeting\":\"Mind the tide.\""));
    assert!(get("/desk/").contains("Mind the tide."));
    assert!(get("/about/").contains("Who goes first"));
    // A session, for which the adapter has added a KV namespace.
    let visit = || Request::new("GET", "/api/visits");
    let first = ask(&address, &visit());
    assert_eq!(text(&first), r#"{"visits":1}"#);
    let cookie = first.field("set-cookie").expect("a session has a cookie");
    let cookie = cookie.split(';').next().unwrap();
    assert!(cookie.starts_with("astro-session="), "{cookie}");
    assert_eq!(text(&ask(&address, &visit().with("Cookie", cookie))), r#"{"visits":2}"#);
}

/// wrangler bundles the first module of such a build, and adds the globals of Node.js.
#[test]
fn wrangler_serves_a_build_for_pages_behind_rust() {
    let worker = Serving::dev_in(&crate_of(&EXAMPLES[1]));
    let address = worker.address();
    let get = |target: &str| ask(&address, &Request::new("GET", target));
    assert!(text(&get("/board/?to=Norne")).contains("Mind the tide."));
    assert!(text(&get("/api/rust/health")).contains("Mind the tide."));
    assert_eq!(get("/nowhere").status, 404);
}
