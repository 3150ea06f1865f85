//! The command, run as people run it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use crate::support::site::{Site, program};

/// Runs the command in a folder.
fn run(folder: &Path, arguments: &[&str]) -> Output {
    program()
        .env("WORKER_PACK_CACHE_DIR", folder.join("cache"))
        .args(arguments)
        .current_dir(folder)
        .env_remove("CLICOLOR_FORCE")
        .output()
        .unwrap()
}

/// A process that is killed when the test is over.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_build_that_watches_writes_what_has_changed() {
    let site = small_site();
    let mut build = program();
    build.env("WORKER_PACK_CACHE_DIR", site.project().join("cache"));
    build.args(["build", "--watch", "--out", "out"]).current_dir(site.project());
    build.stdout(Stdio::piped()).stderr(Stdio::null());
    let mut build = Running(build.spawn().unwrap());
    let lines = BufReader::new(build.0.stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut written = lines.filter(|line| line.starts_with("out: "));
    assert_eq!(written.next().as_deref(), Some("out: 8 written, 0 unchanged, 0 removed"));
    for word in ["first", "second"] {
        let page = format!("<h1>{word}</h1>");
        site.write("index.html", &page);
        let is_there = |_: &String| {
            let bodies = fs::read_dir(site.out().join("bodies")).unwrap();
            let mut bodies = bodies.map(|body| fs::read(body.unwrap().path()).unwrap());
            bodies.any(|body| body == page.as_bytes())
        };
        // The file is empty for a moment, which may be seen as well.
        let line = written.find(is_there).unwrap();
        assert_eq!(line, "out: 3 written, 5 unchanged, 1 removed");
    }
}

/// Returns the exit code, standard output and standard error.
fn parts(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

fn small_site() -> Site {
    Site::new(&[
        ("index.html", "<!DOCTYPE html>\n<head>\n  <title>Home</title>\n</head>\n<h1>Home</h1>\n"),
        ("_astro/app.D4f5G6h7.js", "export const answer = 40 + 2;\n"),
        ("_astro/app.D4f5G6h7.js.map", "{}"),
        ("data.json", "{}"),
        ("broken.css", "a { color: red }\n}\n"),
        ("_headers", "/*\n  X-A: b\n"),
        ("prose.txt", &"All work and no play makes a dull site. ".repeat(60)),
    ])
}

#[test]
fn the_summary_says_what_ships_and_what_does_not() {
    let site = small_site();
    let (code, stdout, stderr) = parts(&run(site.project(), &["build", "--out", "out"]));
    assert_eq!(code, 0, "{stderr}");
    insta::assert_snapshot!("summary", stdout);
    insta::assert_snapshot!("diagnostics", stderr);
    assert!(site.out().join("assets.rs").exists());
}

#[test]
fn json_goes_to_standard_output_and_nothing_else_does() {
    let site = small_site();
    let output = run(site.project(), &["build", "--out", "out", "--format", "json"]);
    let (code, stdout, stderr) = parts(&output);
    assert_eq!(code, 0);
    let report: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(report["version"], 1);
    assert!(stderr.contains("broken.css"), "{stderr}");
    insta::assert_snapshot!("json", stdout);
}

#[test]
fn programs_are_told_of_a_failure_in_json_too() {
    let site = small_site();
    let arguments = ["build", "--out", "out", "--format", "json", "--strict"];
    let (code, stdout, _) = parts(&run(site.project(), &arguments));
    assert_eq!(code, 1);
    let report: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(
        (&report["version"], &report["error"]),
        (&1.into(), &"1 file could not be packed".into())
    );
    assert_eq!(report["diagnostics"][0]["file"], "broken.css");
    fs::write(site.out(), "a file").unwrap();
    let (code, stdout, _) = parts(&run(site.project(), &arguments[..5]));
    assert_eq!(code, 1);
    let report: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert!(report["causes"].is_array(), "{report}");
}

#[test]
fn quiet_says_nothing_unless_it_fails() {
    let site = small_site();
    let output = run(site.project(), &["build", "--out", "out", "--quiet"]);
    assert_eq!(parts(&output), (0, String::new(), String::new()));
    let output = run(site.project(), &["build", "nowhere", "--out", "out", "--quiet"]);
    let (code, _, stderr) = parts(&output);
    assert_eq!(code, 1);
    assert!(stderr.starts_with("error: `nowhere` is not a folder"), "{stderr}");
}

#[test]
fn colours_are_for_terminals_unless_they_are_not_wanted() {
    let site = small_site();
    let command = format!("{} build --out out", env!("CARGO_BIN_EXE_worker-pack"));
    // `script` runs a command in a terminal of its own.
    let in_terminal = |no_color: Option<&str>| {
        let mut script = Command::new("script");
        script.args(["-qec", &command, "/dev/null"]).current_dir(site.project());
        script.env("TERM", "xterm").env_remove("CLICOLOR_FORCE").env_remove("NO_COLOR");
        no_color.map(|value| script.env("NO_COLOR", value));
        let output = script.stdin(Stdio::null()).output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    let bold = "\u{1b}[1m";
    assert!(in_terminal(None).contains(bold));
    let plain = in_terminal(Some("1"));
    assert!(plain.contains("total") && !plain.contains(bold), "{plain:?}");
    let (_, piped, _) = parts(&run(site.project(), &["build", "--out", "out"]));
    assert!(!piped.contains('\u{1b}'), "{piped}");
}

#[test]
fn errors_of_all_files_are_told_at_once_and_end_with_1() {
    let site = small_site();
    site.write("also-broken.json", "{ \"a\": }");
    let output = run(site.project(), &["build", "--out", "out", "--strict"]);
    let (code, stdout, stderr) = parts(&output);
    assert_eq!((code, stdout.as_str()), (1, ""));
    insta::assert_snapshot!("strict", stderr);
    assert!(!site.out().exists(), "nothing is written");
}

#[test]
fn wrong_arguments_and_configuration_end_with_2() {
    let site = small_site();
    for arguments in [
        &["build", "--out", "out", "--encodings", "deflate"][..],
        &["build", "--out", "out", "--cache", "/fonts/*=max-age:300"],
        &["build", "--out", "out", "--css-target", "netscape 4"],
        &["build", "--out", "out", "--css-target", "last 2 years"],
        &["build", "--out", "out", "--config", "absent.toml"],
        &["build", "--bogus"],
        &["build"],
        &[],
    ] {
        let (code, stdout, stderr) = parts(&run(site.project(), arguments));
        assert_eq!((code, stdout.as_str()), (2, ""), "{arguments:?}: {stderr}");
        assert!(!stderr.is_empty(), "{arguments:?}");
    }
    fs::write(site.project().join("worker-pack.toml"), "[pack]\nencoding = [\"br\"]\n").unwrap();
    let (code, _, stderr) = parts(&run(site.project(), &["build", "--out", "out"]));
    assert_eq!(code, 2);
    insta::assert_snapshot!("unknown_key", stderr);
}

#[test]
fn the_configuration_file_sets_what_the_arguments_do_not() {
    let site = small_site();
    let config = "dist = \"../dist\"\nout = \"packed\"\n\n[pack]\nminify = [\"html\"]\n\
                  encodings = [\"gzip\"]\nsource-maps = \"publish\"\n\n\
                  [[pack.cache]]\npaths = \"/*.json\"\npolicy = \"no-store\"\n";
    let folder = site.project().join("project");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("worker-pack.toml"), config).unwrap();
    let arguments = [
        "build",
        "--config",
        "project/worker-pack.toml",
        "--format",
        "json",
        "--encodings",
        "br,gzip",
    ];
    let (code, stdout, stderr) = parts(&run(site.project(), &arguments));
    assert_eq!(code, 0, "{stderr}");
    assert!(folder.join("packed/assets.rs").exists(), "paths are relative to the file");
    let report: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    let file = |name: &str| {
        let files = report["files"].as_array().unwrap();
        files.iter().find(|file| file["file"] == name).unwrap_or_else(|| panic!("{name}")).clone()
    };
    assert_eq!(file("data.json")["cacheControl"], "no-store");
    assert_eq!(file("data.json")["transform"]["reason"], "by-option");
    assert_eq!(file("_astro/app.D4f5G6h7.js.map")["contentType"], "application/json");
    let codings: Vec<_> =
        file("prose.txt")["encoded"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(codings, ["br", "gzip"], "the argument wins");
}

#[test]
fn without_a_folder_the_build_of_astro_is_found() {
    let site =
        Site::new(&[("client/index.html", "<h1>client</h1>"), ("server/entry.mjs", "secret()")]);
    let output = run(site.project(), &["build", "--out", "out", "--format", "json"]);
    let (code, stdout, stderr) = parts(&output);
    assert_eq!(code, 0, "{stderr}");
    let report: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(report["layout"], "client-and-server");
    assert_eq!(report["files"][0]["url"], "/");
}

#[test]
fn help_names_every_option_and_the_exit_codes() {
    let site = small_site();
    let (code, stdout, _) = parts(&run(site.project(), &["build", "--help"]));
    assert_eq!(code, 0);
    insta::assert_snapshot!("help", stdout);
    let (code, stdout, _) = parts(&run(site.project(), &["--help"]));
    assert_eq!(code, 0);
    assert!(stdout.contains("Exit codes: 0"), "{stdout}");
}

#[test]
fn a_reader_that_stops_reading_is_no_failure() {
    let site = small_site();
    let shell = format!("{} build --out out | head -n 1", env!("CARGO_BIN_EXE_worker-pack"));
    let output = Command::new("sh")
        .args(["-c", &format!("{shell}; echo ok")])
        .current_dir(site.project())
        .output()
        .unwrap();
    let (code, stdout, stderr) = parts(&output);
    assert_eq!(code, 0);
    assert!(stdout.ends_with("ok\n") && !stderr.contains("panicked"), "{stdout}{stderr}");
}
