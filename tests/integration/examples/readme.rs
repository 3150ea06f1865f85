//! README: its commands are run, its excerpts are compared with their sources.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::site::{Site, program};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Returns README's code blocks in a language.
fn blocks(language: &str) -> Vec<String> {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let fence = format!("```{language}\n");
    readme.split(&fence).skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

/// Turns a line of README into a command in the root folder.
fn command(line: &str) -> Command {
    let mut words = line.split_whitespace();
    assert_eq!(words.next(), Some("cargo"), "{line}");
    let mut command = Command::new(env!("CARGO"));
    command.args(words).current_dir(root());
    command
}

#[test]
fn every_command_works() {
    let mut seen = 0;
    for line in blocks("sh").iter().flat_map(|block| block.lines()) {
        seen += 1;
        match line {
            "cargo run --release -- serve examples/blog/dist" => serves(line),
            "cargo run --release -- build examples/blog/dist --out target/blog" => builds(line),
            line if line.contains(" --host worker ") => builds_a_worker(line),
            "cargo test --release --workspace" => is_read_by_ci(),
            other => panic!("no test runs `{other}`"),
        }
    }
    assert_eq!(seen, 4);
}

fn serves(line: &str) {
    // Any free port: the default one may be in use.
    let mut server = command(line).args(["--port", "0"]).stderr(Stdio::piped()).spawn().unwrap();
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
    assert!(command(&line).output().unwrap().status.success());
    for name in ["assets.rs", "manifest.json", "bodies"] {
        assert!(site.out().join(name).exists(), "{name}");
    }
}

fn builds_a_worker(line: &str) {
    let site = Site::new::<&str>(&[]);
    let line = line.replace("target/blog-worker", site.out().to_str().unwrap());
    // The line contains a command substitution, so a shell has to run it.
    let output = Command::new("sh").args(["-c", &line]).current_dir(root()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for name in ["wrangler.jsonc", "bundle/worker/index.js", "bundle/worker/engine.wasm"] {
        assert!(site.out().join(name).exists(), "{name}");
    }
}

/// Tests that CI reads the test command from README: the command cannot run itself.
fn is_read_by_ci() {
    let ci = fs::read_to_string(root().join(".ci/run")).unwrap();
    assert!(ci.contains("test_command=$(grep -m1 '^cargo test' README.md)"));
}

#[test]
fn the_build_script_matches_the_example() {
    let example = root().join("examples/build-script");
    let sources = ["build.rs", "src/main.rs"]
        .map(|name| fs::read_to_string(example.join(name)).unwrap())
        .join("\n")
        // In the example the table is a parameter.
        .replace("table.", "assets::TABLE.");
    let words = |text: &str| text.split_whitespace().collect::<String>();
    let blocks = blocks("rust");
    assert_eq!(blocks.len(), 2);
    for statement in blocks.iter().flat_map(|block| block.split_inclusive([';', '}'])) {
        let code: String =
            statement.lines().filter(|line| !line.starts_with("//")).collect::<Vec<_>>().join("\n");
        assert!(words(&sources).contains(&words(&code)), "{code}");
    }
}

#[test]
fn the_configuration_is_accepted() {
    let blocks = blocks("toml");
    assert_eq!(blocks.len(), 1);
    let site = Site::new(&[("index.html", "<p>"), ("fonts/a.woff2", "x")]);
    fs::write(site.project().join("worker-pack.toml"), &blocks[0]).unwrap();
    let output = program().arg("build").current_dir(site.project()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(site.project().join("target/assets/assets.rs").exists());
}
