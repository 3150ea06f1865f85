//! `cargo xtask`: what the project needs beyond `cargo`.

mod blog;
mod node;

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask TASK

  blog           builds the example blog anew with Astro, into examples/blog/dist
  blog --check   builds it elsewhere, and fails if it differs from what is committed
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match words[..] {
        ["blog"] => blog::build(),
        ["blog", "--check"] => blog::check(),
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

fn say(text: &str) {
    let _ = std::io::Write::write_all(&mut std::io::stderr(), text.as_bytes());
}
