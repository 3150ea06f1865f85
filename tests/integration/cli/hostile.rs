//! Names and texts that would drive a terminal, a CI server or Cargo, if they were printed as they are.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::process::Output;

use proptest::prelude::*;
use worker_pack::cache::CacheLocation;
use worker_pack::options::Strictness;
use worker_pack::report::{Printable, Severity};
use worker_pack::{Options, Pack, Target};

use super::run;
use crate::support::server::Server;
use crate::support::site::{Site, files_below, program};

/// Parts of hostile texts: sequences of terminals, marks for the direction of text, commands.
const PARTS: [&[u8]; 20] = [
    b"\x1b[2J",
    b"\x1b]8;;x\x07",
    b"\x1b[31m",
    b"\n",
    b"\r",
    b"\t",
    b"\x7f",
    b"\xc2\x9b31m",
    b"\xe2\x80\xae",
    b"\xe2\x80\xa8",
    b"\xe2\x81\xa6",
    b"\xff",
    b"::error::x",
    b"::set-output name=a::b",
    b"##[error]x",
    b"##vso[task.complete]",
    b"cargo::rustc-env=A=b",
    b"cargo:warning=x",
    b"a b",
    b" ",
];

fn hostile_bytes() -> impl Strategy<Value = Vec<u8>> {
    let part = prop_oneof![
        3 => prop::sample::select(&PARTS[..]).prop_map(<[u8]>::to_vec),
        1 => prop::collection::vec(any::<u8>(), 1..4),
    ];
    prop::collection::vec(part, 1..6).prop_map(|parts| parts.concat())
}

/// A name that a file system accepts.
fn hostile_name() -> impl Strategy<Value = OsString> {
    hostile_bytes().prop_map(|mut name| {
        name.retain(|byte| !matches!(byte, 0 | b'/'));
        name.truncate(60);
        name.insert(0, b'n');
        // The beginning of a name matters most.
        if name.len() > 1 && !name[1..].starts_with(b".") {
            name.remove(0);
        }
        OsString::from_vec(name)
    })
}

/// Asserts that an output contains neither an active character nor a command at a place where it is
/// obeyed.
fn assert_inert(text: &[u8]) {
    let text = std::str::from_utf8(text).expect("the output is UTF-8");
    let active = text.find(|c: char| c != '\n' && Printable::is_active(c));
    assert_eq!(active, None, "{text:?}");
    assert!(!text.contains("##[") && !text.contains("##vso["), "{text}");
    for line in text.lines() {
        let line = line.trim_start();
        assert!(!line.starts_with("::") && !line.starts_with("cargo:"), "{text}");
    }
}

fn assert_output_is_inert(output: &Output) {
    assert_inert(&output.stdout);
    assert_inert(&output.stderr);
}

/// Writes a site with files of this name for many kinds of diagnostics, into a folder of this name.
fn hostile_site(name: &OsStr, text: &[u8]) -> (Site, PathBuf) {
    let site = Site::new::<&str>(&[]);
    let mut folder = name.to_owned();
    folder.push("dist");
    let dist = site.project().join(folder);
    fs::create_dir(&dist).unwrap();
    let with = |extension: &str| {
        let mut name = name.to_owned();
        name.push(extension);
        dist.join(name)
    };
    let text_of = |parts: [&[u8]; 3]| parts.concat();
    fs::write(dist.join("index.html"), text_of([b"<p>", text, b"\n<script>let a = ;</script>"]))
        .unwrap();
    fs::write(with(".css"), text_of([b"a { color: red }\n} ", text, b"\n"])).unwrap();
    fs::write(with(".js"), text_of([b"let a = ", text, b" ; let b = ; "])).unwrap();
    fs::write(with(".json"), text_of([b"{ \"", text, b"\": , }"])).unwrap();
    fs::write(with(".svg"), text_of([b"<svg><g ", text, b"></svg>"])).unwrap();
    fs::write(with(".TXT"), text).unwrap();
    fs::write(with(".txt"), text).unwrap();
    fs::write(with(".js.map"), "{}").unwrap();
    std::os::unix::fs::symlink("missing", with("-link")).unwrap();
    fs::write(dist.join("_headers"), text_of([b"/*\n  ", text, b"\n  A: b\n"])).unwrap();
    fs::write(dist.join("_redirects"), text_of([b"/a ", text, b" 999\n"])).unwrap();
    (site, dist)
}

fn command(site: &Site, dist: &Path, out: &OsStr, more: &[&str]) -> Output {
    let mut command = program();
    command.arg("build").arg(dist).arg("--out").arg(site.project().join(out)).args(more);
    command.arg("--cache-dir=none").current_dir(site.project()).output().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn no_name_and_no_text_of_a_site_drives_a_terminal_or_a_ci_server(
        name in hostile_name(),
        text in hostile_bytes(),
    ) {
        let (site, dist) = hostile_site(&name, &text);
        let mut out = name.clone();
        out.push("out");
        for more in [
            &["--timings"][..],
            &["--format=json", "--timings"],
            &["--strictness=strict"],
            &["--format=json", "--strictness=strict"],
            &["--config=missing\n::error::x"],
        ] {
            assert_output_is_inert(&command(&site, &dist, &out, more));
        }
        // Then the folder is a file, so that writing fails with its name.
        let file = site.project().join("a\n::error::file");
        fs::write(&file, "").unwrap();
        let output = command(&site, &dist, file.as_os_str(), &[]);
        prop_assert!(!output.status.success());
        assert_output_is_inert(&output);
        assert_output_is_inert(&command(&site, &site.project().join(&out).join("x"), &out, &[]));
    }

    #[test]
    fn no_name_and_no_text_of_a_site_is_a_directive_for_cargo(
        name in hostile_name(),
        text in hostile_bytes(),
    ) {
        let (site, dist) = hostile_site(&name, &text);
        let pack = |strictness| {
            let options = Options { strictness, ..Options::default() };
            let pack = Pack::from_dir(&dist).options(options).cache(CacheLocation::Nowhere);
            pack.target(Target::RustModule(site.out())).emit()
        };
        let strict = format!("{:?}", pack(Strictness::Strict).unwrap_err());
        assert_inert(strict.as_bytes());
        let emitted = pack(Strictness::Lenient).unwrap();
        let report = emitted.report();
        let warnings =
            report.diagnostics.iter().filter(|it| it.severity == Severity::Warning).count();
        let directives = emitted.cargo_directives();
        let lines: Vec<&str> = directives.split(['\n', '\r']).filter(|it| !it.is_empty()).collect();
        prop_assert_eq!(lines.len(), warnings + 1, "{:?}", directives);
        prop_assert!(lines[0].starts_with("cargo::rerun-if-changed=/"));
        for line in &lines[1..] {
            prop_assert!(line.starts_with("cargo::warning="), "{}", line);
            assert_inert(&line.as_bytes()["cargo::warning=".len()..]);
        }
    }
}

#[test]
fn arguments_are_printed_without_their_escape_sequences() {
    let site = Site::new(&[("index.html", "")]);
    let hostile = "\u{1b}[2J\n::error::x\u{202e}";
    for arguments in [
        &["explain", hostile][..],
        &["build", "--effort", hostile],
        &["build", "--minify", hostile],
        &["build", "--rule", hostile, "--out", "out"],
        &["build", &format!("--{hostile}")],
        &["cache", "stats", "--cache-dir", hostile],
        &["cache", "path", "--cache-dir", hostile],
        &[hostile],
    ] {
        assert_output_is_inert(&run(site.project(), arguments));
    }
}

#[test]
fn the_text_of_a_configuration_file_is_printed_without_its_escape_sequences() {
    let site = Site::new(&[("index.html", "")]);
    for (name, text) in [
        ("worker-pack.toml", "out = \"\u{9b}2J\" ::error::\n"),
        ("worker-pack.toml", "\"::error::\u{202e}\" = 1\n"),
        ("worker-pack.toml", "effort = \"\u{1b}[2J\"\n"),
        ("worker-pack.toml", "effort = \"\\u001b[2J\\n::error::x\"\n"),
        ("wrangler.jsonc", "{ \"\u{9b}2J\": ::error }"),
        ("wrangler.toml", "a = \u{9b}2J ::error::\n"),
        ("dist/.assetsignore", "[z-a\u{1b}[2J]\n{\u{202e}\n"),
    ] {
        let path = site.project().join(name);
        fs::write(&path, text).unwrap();
        let output = run(site.project(), &["build", "--out", "out"]);
        assert!(!output.status.success(), "{name}: {text}");
        assert_output_is_inert(&output);
        fs::remove_file(path).unwrap();
    }
}

#[test]
fn the_target_of_a_request_is_logged_without_its_control_characters() {
    let site = Site::new(&[("index.html", "<p>")]);
    let server = Server::start(&site.dist(), &[]);
    for (target, shown) in [
        ("/\u{9b}31m\u{202e}", " GET /\\u{9b}31m\\u{202e} "),
        ("/?##[error]", " GET /? "),
        ("/?a=\u{2028}::error::", " GET /?a=\\u{2028}"),
    ] {
        server.get(target);
        let line = server.wait_for_text(" GET /");
        assert!(line.contains(shown), "{line}");
        assert_inert(line.as_bytes());
    }
}

/// Cargo watches the folder around a path that it cannot be told.
#[test]
fn a_folder_with_a_line_break_in_its_name_is_watched_by_way_of_the_one_around_it() {
    let site = Site::new::<&str>(&[]);
    let dist = site.project().join("a\ncargo::rustc-env=A=b");
    fs::create_dir(&dist).unwrap();
    fs::write(dist.join("index.html"), "<p>").unwrap();
    let pack = Pack::from_dir(&dist).cache(CacheLocation::Nowhere);
    let emitted = pack.target(Target::RustModule(site.out())).emit().unwrap();
    let expected = format!("cargo::rerun-if-changed={}\n", site.project().display());
    assert_eq!(emitted.cargo_directives(), expected);
}

#[test]
fn names_that_are_not_utf_8_are_printed_with_replacements() {
    let site = Site::new(&[("index.html", "<p>")]);
    fs::write(site.dist().join(OsStr::from_bytes(b"\xff\x1b[2J.txt")), "").unwrap();
    let output = run(site.project(), &["build", "--out", "out"]);
    assert_output_is_inert(&output);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("\u{fffd}\\u{1b}[2J.txt"), "{stderr}");
}

/// A path has no printable form of its own, so it is easily forgotten.
#[test]
fn paths_are_displayed_in_their_printable_form_only() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut displayed = Vec::new();
    for file in files_below(&root) {
        // The first writes directives for Cargo, which reads the path as it is.
        if !file.ends_with("pack/packed.rs") && !file.ends_with("rules/conformance.rs") {
            let source = fs::read_to_string(root.join(&file)).unwrap();
            if source.contains(".display()") {
                displayed.push(file);
            }
        }
    }
    assert!(displayed.is_empty(), "use `PrintablePath` in {displayed:?}");
}
