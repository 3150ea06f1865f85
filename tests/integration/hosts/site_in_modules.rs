//! Workers in Rust with their site in modules, which change without the program.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use super::rust_worker::workerd;
use crate::support::client::{Request, ask};
use crate::support::differential::{compare, requests};
use crate::support::server::{Server, lines};
use crate::support::site::{Site, blog, blog_pack, program};
use crate::support::xtask::{self, Serving};

/// The name of the crate and of its folder.
const NAME: &str = "rust-in-modules";

const PROGRAM: &str = "\
use worker::web_sys::{Request, Response};
use worker::{Context, Env, Result, event};
use worker_pack_runtime::FetchEvent;

mod site {
    worker_pack_runtime::include_site!();
}

#[event(fetch)]
async fn fetch(request: Request, env: Env, context: Context) -> Result<Response> {
    let mut event = FetchEvent::new(&site::TABLE, request, env, context);
    if let Some(response) = event.asset().await? {
        return Ok(response);
    }
    if event.path() == \"/count\" {
        return Ok(worker::Response::ok(site::TABLE.len().to_string())?.into());
    }
    event.server_or_not_found().await
}
";

/// A crate that one test at a time packs its site into. Its folder is kept, so that Cargo compiles it once.
pub(super) struct Crate {
    pub(super) folder: PathBuf,
    _guard: MutexGuard<'static, ()>,
}

impl Crate {
    pub(super) fn new() -> Self {
        static CRATE: Mutex<()> = Mutex::new(());
        let guard = CRATE.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(NAME);
        let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
        let example = repository.join("examples/rust-worker");
        let manifest = fs::read_to_string(example.join("Cargo.toml")).unwrap();
        let (_, profiles) = manifest.split_once("\n[profile.release]\n").unwrap();
        let runtime = repository.join("runtime");
        let runtime = runtime.to_str().unwrap();
        let manifest = format!(
            "[workspace]\n\n[package]\nname = \"{NAME}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
             [lib]\ncrate-type = [\"cdylib\"]\n\n[dependencies]\n\
             worker = {{ version = \"0.8.7\", default-features = false }}\n\
             worker-pack-runtime = {{ path = {runtime:?}, features = [\"worker\"] }}\n\n\
             [profile.release]\n{profiles}"
        );
        let _ = fs::remove_dir_all(folder.join("build"));
        let _ = fs::remove_file(folder.join("wrangler.jsonc"));
        fs::create_dir_all(folder.join("src")).unwrap();
        let lock = fs::read_to_string(example.join("Cargo.lock")).unwrap();
        for (name, text) in
            [("Cargo.toml", &*manifest), ("src/lib.rs", PROGRAM), ("Cargo.lock", &*lock)]
        {
            // An unchanged file keeps its time, by which Cargo decides.
            if name == "Cargo.lock"
                || fs::read_to_string(folder.join(name)).ok().as_deref() != Some(text)
            {
                fs::write(folder.join(name), text).unwrap();
            }
        }
        Self { folder, _guard: guard }
    }

    fn pack_command(&self, dist: &Path) -> Command {
        let mut command = program();
        command.arg("build").arg(dist).args(["--target=rust-worker", "--site-data=modules"]);
        command.arg("--cache-dir").arg(self.folder.join("cache"));
        command.arg("--out").arg(&self.folder).current_dir(&self.folder);
        command
    }

    /// Packs a site, and makes the command in the configuration install nothing.
    pub(super) fn pack(&self, dist: &Path, arguments: &[&str]) {
        let mut command = self.pack_command(dist);
        let output = command.args(arguments).arg("--quiet").output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let path = self.folder.join("wrangler.jsonc");
        let text = fs::read_to_string(&path).unwrap();
        let (before, rest) = text.split_once("\"command\": \"").unwrap();
        let (_, command) = rest.split_once("&& ").unwrap();
        fs::write(&path, format!("{before}\"command\": \"{command}")).unwrap();
    }

    /// Returns the time at which the program was compiled.
    fn compiled() -> SystemTime {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
        let folder = target.join("xtask/rust-worker/wasm32-unknown-unknown/release");
        let program = folder.join(format!("{}.wasm", NAME.replace('-', "_")));
        fs::metadata(program).unwrap().modified().unwrap()
    }
}

/// `worker-pack build --watch`, which is killed when dropped.
struct Watching(Child);

impl Watching {
    /// Starts it, and waits until it has packed the site.
    fn start(mut command: Command) -> Self {
        let mut process = command.arg("--watch").stdout(Stdio::piped()).spawn().unwrap();
        let printed = lines(process.stdout.take().unwrap());
        let packed = printed.iter().any(|line| line.contains(" unchanged, "));
        assert!(packed, "it ended");
        Self(process)
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn blog_responses_equal_those_of_serve_with_the_site_in_modules() {
    let krate = Crate::new();
    krate.pack(&blog(), &[]);
    let folder = format!("--cwd={}", krate.folder.display());
    xtask::run(&["wrangler", "deploy", "--dry-run", &folder]);
    let build = krate.folder.join("build");
    let worker = workerd(build.to_str().unwrap(), &["--flag=nodejs_compat"]);
    let address = worker.address();
    let server = Server::start(&blog(), &["--quiet"]);
    let packed = blog_pack().run().unwrap();
    let requests = requests(&packed, server.address());
    let compared = compare(server.address(), &address, &requests);
    assert!(compared > 2000, "only {compared} requests");
    let count = ask(&address, &Request::new("GET", "/count")).body;
    assert_eq!(
        count,
        packed.table().entries().len().to_string().as_bytes(),
        "the program has the table"
    );
}

#[test]
fn wrangler_dev_serves_changes_of_a_site_in_modules_without_compiling_the_program() {
    let krate = Crate::new();
    let site = Site::new(&[("index.html", "<h1>one</h1>"), ("old.txt", "old")]);
    krate.pack(&site.dist(), &[]);
    let dev = Serving::dev_in(&krate.folder);
    let address = dev.address();
    let get = |path| {
        let answer = ask(&address, &Request::new("GET", path));
        (answer.status, String::from_utf8(answer.body).unwrap())
    };
    let wait_until_served = |path, status, text: &str| {
        while get(path) != (status, text.to_owned()) {
            dev.wait_for("Local server updated and ready");
        }
    };
    wait_until_served("/", 200, "<h1>one</h1>");
    let compiled = Crate::compiled();
    let _watching = Watching::start(krate.pack_command(&site.dist()));

    site.replace("index.html", "<h1>two</h1>");
    wait_until_served("/", 200, "<h1>two</h1>");
    site.replace("new.txt", "new");
    wait_until_served("/new.txt", 200, "new");
    fs::remove_file(site.dist().join("old.txt")).unwrap();
    wait_until_served("/old.txt", 404, "404 Not Found\n");
    site.replace("_redirects", "/old.txt /new.txt 301");
    wait_until_served("/old.txt", 301, "");
    assert_eq!(Crate::compiled(), compiled, "the program was compiled again");
}
