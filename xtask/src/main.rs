//! `cargo xtask`: what the project needs beyond `cargo`.

mod astro;
mod blog;
mod node;
mod npm;
mod tree;

use std::io::Write;
use std::process::ExitCode;

use crate::astro::Project;

const USAGE: &str = "\
usage: cargo xtask TASK

  blog           builds the example blog anew with Astro, into examples/blog/dist
  blog --check   builds it elsewhere, and fails if it differs from what is committed
  astro-ssr      builds the examples that render on the server, unless they are unchanged since
                 they were built, and prints where: a line for each
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
    let mut stdout = std::io::stdout().lock();
    copies
        .iter()
        .try_for_each(|copy| writeln!(stdout, "{}", copy.dist().display()))
        .map_err(|error| format!("cannot print where they are: {error}"))
}

fn say(text: &str) {
    let _ = std::io::stderr().write_all(text.as_bytes());
}
