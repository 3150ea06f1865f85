//! README and the reference pages: their commands are run, their excerpts are compared with their
//! sources.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use super::markdown::{Document, root};
use crate::support::site::{Site, blog, program};
use crate::support::xtask;

/// The documents for users, which contain commands and excerpts.
const FOR_USERS: [&str; 9] = [
    "README.md",
    "docs/checking.md",
    "docs/migrating.md",
    "docs/options.md",
    "docs/compatibility.md",
    "docs/caching.md",
    "docs/keep.md",
    "docs/report.md",
    "npm/worker-pack/README.md",
];

/// The path of the engine, compiled once for all tests here.
static ENGINE: LazyLock<String> = LazyLock::new(|| {
    let (stdout, _) = xtask::run(&["engine"]);
    stdout.lines().last().expect("the task prints the path").to_owned()
});

/// A project that has been built by Astro, such as the example blog. Its folder is temporary.
pub(super) fn project() -> Site {
    let site = Site::new::<&str>(&[]);
    fs::remove_dir(site.dist()).unwrap();
    symlink(blog(), site.dist()).unwrap();
    site
}

/// The command of the npm package in a project: the program with the engine.
pub(super) fn npx(project: &Site) -> Command {
    let mut command = program();
    command.env("WORKER_PACK_ENGINE", &*ENGINE).env("npm_config_user_agent", "npm");
    command.env_remove("CLICOLOR_FORCE");
    command.current_dir(project.project());
    command
}

/// The beginning of lines of README that run the program.
const CARGO_RUN: &str = "cargo run --release --";

/// Turns a line of README into a command in the root folder. In place of Cargo, it runs the program
/// under test: Cargo would compile the dependencies again, with the features of one package alone, and
/// replace the program while other tests run it.
fn cargo_run(line: &str) -> Command {
    let arguments = line.strip_prefix(CARGO_RUN).unwrap();
    let mut command = program();
    command.args(arguments.split_whitespace()).current_dir(root());
    command
}

#[test]
fn documented_commands_work() {
    let project = project();
    for document in FOR_USERS.map(Document::read) {
        for line in document.blocks("sh").iter().flat_map(|block| block.lines()) {
            let words: Vec<&str> = line.split_whitespace().collect();
            match words[..] {
                // The npm tests install the package.
                ["npm", "install", "--save-dev", "worker-pack"] => {}
                ["npx", "worker-pack", "serve", ..] => serves(npx(&project).args(&words[2..])),
                ["npx", "worker-pack", "init", ..] => {
                    let project = self::project();
                    let package = r#"{ "dependencies": { "astro": "7" } }"#;
                    fs::write(project.project().join("package.json"), package).unwrap();
                    runs(npx(&project).args(&words[2..]));
                }
                ["npx", "worker-pack", "cache", ..] => runs(
                    // Not the cache that the tests share, since one of the commands empties it.
                    npx(&project)
                        .args(&words[2..])
                        .env("WORKER_PACK_CACHE_DIR", project.project().join("cache")),
                ),
                ["npx", "worker-pack", "diff", manifest, folder] => {
                    let project = self::project();
                    runs(npx(&project).args(["build", "--target", "worker", "--out", folder]));
                    let kept = project.project().join(folder).join("bundle/manifest.json");
                    fs::copy(kept, project.project().join(manifest)).unwrap();
                    runs(npx(&project).args(&words[2..]));
                }
                ["npx", "worker-pack", ..] => runs(npx(&project).args(&words[2..])),
                // Without an account the configuration can only be looked for: tests of `hosts` run it.
                ["npx", "wrangler", "deploy", "--config", config] => {
                    runs(npx(&project).args(["build", "--target", "worker"]));
                    assert!(project.project().join(config).exists(), "{line}");
                }
                // Neither can they: a build prints them, with the name of its own bucket.
                ["npx", "wrangler", "r2", kind, verb, _, ref rest @ ..] => {
                    let project = self::project();
                    let build = ["build", "--target=worker", "--spill-to=r2", "--spill-above=1kB"];
                    let output = npx(&project).args(build).output().unwrap();
                    let stdout = String::from_utf8(output.stdout).unwrap();
                    let command = format!("npx wrangler r2 {kind} {verb} ");
                    let printed = |printed: &str| {
                        printed.contains(&command) && printed.ends_with(&rest.join(" "))
                    };
                    assert!(stdout.lines().any(printed), "{line}: {stdout}");
                }
                ["cargo", "run", "--release", "--", "serve", _] => serves(&mut cargo_run(line)),
                ["cargo", "test", ..] => is_read_by_ci(line),
                ["cargo", "run", ..] if line.contains("--target worker") => builds_a_worker(line),
                ["cargo", "run", ..] => builds(line),
                _ => panic!("no test runs `{line}` of {}", document.path),
            }
        }
    }
}

fn runs(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn serves(command: &mut Command) {
    // Any free port: the default one may be in use.
    let mut server = command.args(["--port", "0"]).stderr(Stdio::piped()).spawn().unwrap();
    let stderr = BufReader::new(server.stderr.take().unwrap());
    let mut lines = stderr.lines().map_while(Result::ok);
    let url = lines.find(|line| line.starts_with("serving http://127.0.0.1:"));
    server.kill().unwrap();
    server.wait().unwrap();
    assert!(url.is_some());
}

fn builds(line: &str) {
    let site = Site::new::<&str>(&[]);
    let line = line.replace("target/blog", site.out().to_str().unwrap());
    runs(&mut cargo_run(&line));
    for name in ["assets.rs", "manifest.json", "bodies"] {
        assert!(site.out().join(name).exists(), "{name}");
    }
}

fn builds_a_worker(line: &str) {
    let site = Site::new::<&str>(&[]);
    let line = line.replace("target/blog-worker", site.out().to_str().unwrap());
    let line = line.replace(CARGO_RUN, env!("CARGO_BIN_EXE_worker-pack"));
    // The line contains a command substitution, so a shell has to run it.
    runs(Command::new("sh").args(["-c", &line]).current_dir(root()));
    for name in ["wrangler.jsonc", "bundle/worker/index.js", "bundle/worker/engine.wasm"] {
        assert!(site.out().join(name).exists(), "{name}");
    }
}

fn ci() -> String {
    fs::read_to_string(root().join(".ci/run")).unwrap()
}

/// Tests that CI reads the test command from README: the command cannot run itself.
fn is_read_by_ci(line: &str) {
    assert_eq!(line, "cargo test --release --workspace");
    assert!(ci().contains("test_command=$(grep -m1 '^cargo test' README.md)"));
}

#[test]
fn commands_for_contributors_are_run_by_ci() {
    let ci = ci();
    let is_run = |line: &str| {
        // Any choice of tests is a part of them.
        let tests = line.starts_with("cargo test --release --workspace");
        tests || line == ".ci/run" || ci.contains(line)
    };
    let contributing = Document::read("CONTRIBUTING.md");
    let lines = contributing.blocks("sh").into_iter().flat_map(str::lines);
    let not_run: Vec<&str> = lines.filter(|line| !is_run(line)).collect();
    assert!(not_run.is_empty(), "{not_run:?}");
}

#[test]
fn the_worker_in_rust_matches_the_example() {
    let example = root().join("examples/rust-worker");
    let sources = ["build.rs", "src/lib.rs"]
        .map(|name| fs::read_to_string(example.join(name)).unwrap())
        .join("\n");
    let words = |text: &str| text.split_whitespace().collect::<String>();
    let readme = Document::read("README.md");
    let blocks = readme.blocks("rust");
    assert_eq!(blocks.len(), 2);
    for statement in blocks.iter().flat_map(|block| block.split_inclusive([';', '}'])) {
        let code: String =
            statement.lines().filter(|line| !line.starts_with("//")).collect::<Vec<_>>().join("\n");
        assert!(words(&sources).contains(&words(&code)), "{code}");
    }
}

#[test]
fn the_integration_is_configured_as_in_the_npm_package() {
    let [readme, npm] = ["README.md", "npm/worker-pack/README.md"].map(Document::read);
    assert_eq!(readme.blocks("js"), npm.blocks("js"));
}

#[test]
fn the_documented_configuration_is_accepted() {
    let options = Document::read("docs/options.md");
    let blocks = options.blocks("toml");
    assert_eq!(blocks.len(), 1);
    let files = [("index.html", "<p>"), ("examples/a.js", "f()"), ("a.js", "f()")];
    let site = Site::new(&files);
    fs::write(site.project().join("worker-pack.toml"), blocks[0]).unwrap();
    runs(program().arg("build").current_dir(site.project()));
    assert!(site.project().join("target/assets/assets.rs").exists());
}
