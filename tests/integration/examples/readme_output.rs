//! The output of the program in README. With `UPDATE_DOCS=1` it is written instead of compared.

use std::collections::BTreeSet;
use std::env;
use std::fs;

use super::markdown::{Document, root};
use super::readme::{npx, project};
use crate::support::client::{Answer, Request, ask};
use crate::support::server::Server;
use crate::support::site::blog;

/// Stands for lines that README leaves out.
const LEFT_OUT: &str = "…";

/// The beginnings of the lines of a build that README shows: the largest types, and the last lines.
const SHOWN_LINES: [&str; 18] = [
    "type ",
    "image/jpeg ",
    "image/webp ",
    "audio/wav ",
    "text/html ",
    "image/avif ",
    "audio/mpeg ",
    "text/javascript ",
    "audio/ogg ",
    "text/css ",
    "application/json ",
    "total ",
    "dist-worker: ",
    "next",
    "     try it ",
    "  deploy it ",
    " .gitignore ",
    "    git add ",
];

/// The file that README requests, and the coding that its client accepts.
const FILE: &str = "/_astro/Base.9YYzIhhn.css";
const ACCEPTED: &str = "br";

/// Options for the responses of Cloudflare's asset server to the build as Astro wrote it. Tests of
/// `conformance` compare them with the server's own.
const AS_ON_CLOUDFLARE: [&str; 6] =
    ["--minify", "off", "--encodings", "off", "--fidelity", "strict"];

#[test]
fn readme_shows_the_output_of_the_program() {
    let readme = Document::read("README.md");
    let mut current = readme.text.clone();
    for (language, output) in [("console", build()), ("diff", responses())] {
        let blocks = readme.blocks(language);
        assert_eq!(blocks.len(), 1, "{language}");
        current = current.replace(blocks[0], &output);
    }
    if env::var_os("UPDATE_DOCS").is_some() {
        fs::write(root().join("README.md"), current).unwrap();
        return;
    }
    assert!(
        readme.text == current,
        "README shows another output. Run this test with UPDATE_DOCS=1. It should be:\n{current}"
    );
}

/// Builds the blog. Returns the command with an excerpt of its output.
fn build() -> String {
    let arguments = ["build", "--target", "worker"];
    let output = npx(&project()).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let command = format!("$ npx worker-pack {}", arguments.join(" "));
    let mut shown = vec![command.as_str()];
    let output = String::from_utf8(output.stdout).unwrap();
    for line in output.lines() {
        if SHOWN_LINES.iter().any(|begin| line.starts_with(begin)) {
            shown.push(line);
        } else if shown.last() != Some(&LEFT_OUT) {
            shown.push(LEFT_OUT);
        }
    }
    shown.join("\n") + "\n"
}

/// Requests a file of the blog, served as on Cloudflare and as packed. Returns the command with the
/// difference of the header fields.
fn responses() -> String {
    let request = Request::new("HEAD", FILE).accepting(Some(ACCEPTED));
    let [before, after] = [&AS_ON_CLOUDFLARE[..], &[]].map(|arguments| {
        let server = Server::start(&blog(), arguments);
        ask(server.address(), &request)
    });
    assert_eq!((before.status, after.status), (200, 200));
    let command = format!("$ curl -I -H 'Accept-Encoding: {ACCEPTED}' http://127.0.0.1:8787{FILE}");
    let mut shown = vec![command, "  HTTP/1.1 200 OK".to_owned()];
    shown.extend(difference(&before, &after));
    shown.push(format!("  {LEFT_OUT}"));
    shown.join("\n") + "\n"
}

/// Returns the header fields that differ, in the order of their names.
fn difference(before: &Answer, after: &Answer) -> Vec<String> {
    let names: BTreeSet<&String> = before.fields.keys().chain(after.fields.keys()).collect();
    let differing = names.into_iter().filter(|name| before.field(name) != after.field(name));
    let line = |mark: char, answer: &Answer, name: &str| {
        answer.field(name).map(|value| format!("{mark} {name}: {value}"))
    };
    let lines = differing.flat_map(|name| [line('-', before, name), line('+', after, name)]);
    lines.flatten().collect()
}
