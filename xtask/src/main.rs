//! `cargo xtask`: what the project needs beyond `cargo`.

mod astro;
mod blog;
mod engine;
mod node;
mod npm;
mod tree;
mod workspace;

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use crate::astro::Project;

const USAGE: &str = "\
usage: cargo xtask TASK

  blog           builds the example blog anew with Astro, into examples/blog/dist
  blog --check   builds it elsewhere, and fails if it differs from what is committed
  astro-ssr      builds the examples that render on the server, unless they are unchanged since
                 they were built, and prints where: a line for each
  engine         compiles the engine for Workers, and prints where it is
  npm            packs the npm packages for this machine, and prints where: a line for each
                   --out DIR      where to put them
                   --binary FILE  the program to put in, instead of a release build
                   --test         tests them too, with real Astro projects
";

/// The examples that render on the server, for which no build is kept in the repository.
const SERVERS: [&str; 2] = ["astro-ssr", "astro-pages"];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match words[..] {
        ["blog"] => blog::build(),
        ["blog", "--check"] => blog::check(),
        ["astro-ssr"] => build_servers(),
        ["engine"] => engine::build().map(|engine| println(&engine)),
        ["npm", ref options @ ..] => npm::run(options),
        _ => {
            say(USAGE);
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("error: {error}\n"));
            ExitCode::FAILURE
        }
    }
}

fn build_servers() -> Result<(), String> {
    let copies: Vec<Project> =
        SERVERS.iter().map(|name| Project::example(name).build_copy()).collect::<Result<_, _>>()?;
    for copy in copies {
        println(&copy.dist());
    }
    Ok(())
}

/// Prints a path, which is what a task comes to.
fn println(path: &Path) {
    let _ = writeln!(std::io::stdout(), "{}", path.display());
}

fn say(text: &str) {
    let _ = std::io::stderr().write_all(text.as_bytes());
}
