//! The command, run as a process.

mod build;
mod cache;
pub(crate) mod check;
mod completions;
mod config;
mod diff;
mod doors;
mod explain;
mod help;
mod hostile;
mod init;
mod man;
mod next_steps;
mod print;
mod probe;
mod report;
mod serve;
mod variants;
mod weigh;

use std::path::Path;
use std::process::Output;

use crate::support::site::{Site, program};

/// Runs the command in a folder.
fn run(folder: &Path, arguments: &[&str]) -> Output {
    program()
        .env("WORKER_PACK_CACHE_DIR", folder.join("cache"))
        .args(arguments)
        .current_dir(folder)
        .env_remove("CLICOLOR_FORCE")
        .env_remove("npm_config_user_agent")
        .output()
        .unwrap()
}

/// Returns the exit code, standard output and standard error.
fn parts(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

fn small_site() -> Site {
    let site = Site::new(&[
        ("index.html", "<!DOCTYPE html>\n<head>\n  <title>Home</title>\n</head>\n<h1>Home</h1>\n"),
        ("_astro/app.D4f5G6h7.js", "export const answer = 40 + 2;\n"),
        ("_astro/app.D4f5G6h7.js.map", "{}"),
        ("data.json", "{}"),
        ("broken.css", "a { color: red }\n}\n"),
        ("_headers", "/*\n  X-A: b\n"),
        ("prose.txt", &"All work and no play makes a dull site. ".repeat(60)),
    ]);
    let config = r#"{ "assets": { "directory": "dist" } }"#;
    std::fs::write(site.project().join("wrangler.jsonc"), config).unwrap();
    site
}
