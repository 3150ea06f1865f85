//! `cargo xtask`: what the project needs beyond `cargo`.

mod bench;
mod files;
mod oracle;
mod random;
mod server;
mod sites;
mod tools;

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use crate::sites::project::Project;
use crate::sites::{blog, docs_site};
use crate::tools::node::run_for_output;
use crate::tools::npm_tools::Tools;
use crate::tools::wasm_target::Toolchain;
use crate::tools::{engine, npm_packages, npm_tools, rust_worker, workerd, wrangler};

const USAGE: &str = "\
usage: cargo xtask TASK

  blog           builds the example blog anew with Astro, into examples/blog/dist
  blog --check   builds it elsewhere, and fails if it differs from what is committed
  astro-ssr      builds the examples that render on the server, unless they are unchanged since
                 they were built, and prints where: a line for each
  bench pack     measures what packing takes: from nothing, with what earlier runs have kept, for
                 many files, and against Astro integrations; prints it in Markdown
                   --binary FILE  the program, instead of a release build
                   --rounds N     how often a thing is measured, of which the median counts
                   --only NAME    not all sections but one, or some with more of these: cold,
                                  unchanged, changed, memory, linear, start, watch, rivals,
                                  build-script
                   --check        fails for aims that are missed
  bench worker   measures the packed Worker in workerd against one that is written by hand, and
                 prints it in Markdown; --binary, --rounds and --check as above
  docs-site      builds a documentation site of 600 pages to measure on, unless it is unchanged,
                 and prints where
  engine         compiles the engine for Workers, and prints where it is
  npm            packs the npm packages for this machine, and prints where: a line for each
                   --out DIR      where to put them
                   --binary FILE  the program to put in, instead of a release build
                   --test         tests them too, with real Astro projects
  oracle         asks Cloudflare's servers, run by wrangler, and `worker-pack serve` the same, and
                 fails if they do not answer the same under the strict rules
                   --seed N       which sites are made up
                   --rounds N     how many of them, each for Workers and for Pages
                   --requests N   how many requests for each
                   --binary FILE  the program, instead of a release build
  rust-worker    builds the example Worker in Rust, and prints where it is
                   --check        checks its format and lints instead

  tools          installs what tests need of npm, and prints where
  chromium       finds a browser, and prints where
  wasm-target    finds a Rust that compiles for Workers, and prints the argument that makes Cargo
                 use it, such as `+name`, or nothing if Cargo does so anyway
  node ARG…      runs Node.js, for which $WORKER_PACK_TOOLS says where the tools are
  wrangler ARG…  runs wrangler, with what it needs to build the example Worker in Rust
  workerd KIND:NAME=PATH…
                 runs a Worker of some modules, the one with the handlers first, and prints its
                 URL; KIND is esModule, wasm or data
                   --port PORT        a port, instead of any that is free
                   --date YYYY-MM-DD  the compatibility date
                   --flag FLAG        a compatibility flag, of which there may be many
                   --text NAME=VALUE  a text binding, of which there may be many

`workerd` and `wrangler dev` run until their standard input ends.
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
        ["docs-site"] => docs_site::build().map(|dist| println(&dist)),
        ["engine"] => engine::build().map(|engine| println(&engine)),
        ["bench", "pack", ref options @ ..] => bench::pack(options),
        ["bench", "worker", ref options @ ..] => bench::worker(options),
        ["npm", ref options @ ..] => npm_packages::run(options),
        ["oracle", ref options @ ..] => oracle::run(options),
        ["rust-worker"] => rust_worker::build().map(|folder| println(&folder)),
        ["rust-worker", "--check"] => rust_worker::check(),
        ["tools"] => Tools::install().map(|tools| println(tools.folder())),
        ["chromium"] => npm_tools::chromium().map(|program| println(&program)),
        ["wasm-target"] => Toolchain::find().map(|toolchain| {
            toolchain.argument().iter().for_each(|argument| println(argument.as_ref()));
        }),
        ["node", ref arguments @ ..] => {
            Tools::install().and_then(|tools| run_for_output(tools.node().args(arguments)))
        }
        ["wrangler", ref arguments @ ..] => wrangler::run(arguments),
        ["workerd", ref arguments @ ..] => workerd::serve(arguments),
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

/// Prints a path or the like, which is what a task comes to.
fn println(path: &Path) {
    let _ = writeln!(std::io::stdout(), "{}", path.display());
}

fn say(text: &str) {
    let _ = std::io::stderr().write_all(text.as_bytes());
}
