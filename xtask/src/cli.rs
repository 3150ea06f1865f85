//! The command line.

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::bench::Bench;
use crate::command::run_for_output;
use crate::oracle;
use crate::sites::{self, blog, docs_site};
use crate::tools::npm_tools::Tools;
use crate::tools::wasm_target::Toolchain;
use crate::tools::{
    deny, engine, npm_packages, rust_worker, system, voice_agent, workerd, wrangler,
};

/// Runs the tasks of the project that Cargo alone cannot do.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
pub(crate) struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build the example blog with Astro into examples/blog/dist
    Blog(blog::Options),

    /// Build the examples that render on the server, and print their output folders
    AstroSsr,

    /// Build the example with islands of five libraries, and print its output folder
    AstroIslands,

    /// Build a documentation site to measure with, and print its output folder
    DocsSite(docs_site::Options),

    /// Run a benchmark
    #[command(subcommand)]
    Bench(Bench),

    /// Compare Cloudflare's servers, run by wrangler, with `worker-pack serve`
    Oracle(oracle::Options),

    /// Compile the engine for Workers, and print its path
    Engine,

    /// Compare the dependencies with deny.toml and with known vulnerabilities
    Deny(deny::Options),

    /// Pack the npm packages for this machine, and print their paths
    Npm(npm_packages::Options),

    /// Build an example Worker in Rust, and print its folder
    RustWorker(rust_worker::Options),

    /// Serve the voice agent of the examples until standard input ends, or test it
    VoiceAgent(voice_agent::Options),

    /// Install the npm tools that tests need, and print their folder
    Tools,

    /// Find a browser, and print its path
    Chromium,
    /// Find a Firefox that knows dictionaries, and print its path, if there is one
    Firefox,

    /// Find the tracer of system calls, and print its path
    Strace,

    /// Find a Rust that compiles for Workers, and print the argument that makes Cargo use it, if any
    WasmTarget,

    /// Run Node.js, with the folder of the npm tools in `WORKER_PACK_TOOLS`
    #[command(disable_help_flag = true)]
    Node(Arguments),

    /// Run wrangler. `wrangler dev` runs until its standard input ends
    #[command(disable_help_flag = true)]
    Wrangler(Arguments),

    /// Run a Worker in workerd until standard input ends, and print its URL
    Workerd(workerd::Options),
}

/// Arguments that another program gets.
#[derive(clap::Args)]
struct Arguments {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENT")]
    arguments: Vec<String>,
}

impl Cli {
    /// Runs the task.
    pub(crate) fn run(&self) -> Result<()> {
        match &self.task {
            Task::Blog(options) => blog::run_task(options)?,
            Task::AstroSsr => sites::build_servers()?,
            Task::AstroIslands => sites::build_islands()?,
            Task::DocsSite(options) => docs_site::run_task(options)?,
            Task::Bench(bench) => bench.run()?,
            Task::Oracle(options) => oracle::run_task(options)?,
            Task::Engine => println!("{}", engine::build()?.display()),
            Task::Deny(options) => deny::run_task(options)?,
            Task::Npm(options) => npm_packages::run_task(options)?,
            Task::RustWorker(options) => rust_worker::run_task(options)?,
            Task::VoiceAgent(options) => voice_agent::run_task(options)?,
            Task::Tools => println!("{}", Tools::install()?.folder().display()),
            Task::Chromium => println!("{}", system::find("chromium")?.display()),
            Task::Firefox => {
                system::find_firefox()?.iter().for_each(|path| println!("{}", path.display()));
            }
            Task::Strace => println!("{}", system::find("strace")?.display()),
            Task::WasmTarget => {
                Toolchain::find()?.argument().iter().for_each(|argument| println!("{argument}"));
            }
            Task::Node(Arguments { arguments }) => {
                run_for_output(Tools::install()?.node().args(arguments))?;
            }
            Task::Wrangler(Arguments { arguments }) => wrangler::run(arguments)?,
            Task::Workerd(options) => workerd::serve(options)?,
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::fs;
    use std::path::{Path, PathBuf};

    use clap::{Command, CommandFactory as _};
    use regex::Regex;
    use walkdir::WalkDir;

    use super::*;
    use crate::files::repository;

    /// The part of CI that runs a command.
    #[derive(Clone, Copy)]
    enum RunBy {
        /// A line of `.ci/run`.
        Ci,
        /// A test in `tests/integration`.
        Test,
    }

    /// Every command. One that neither tests nor CI run would break unnoticed.
    const COMMANDS: [(&str, RunBy); 21] = [
        ("astro-islands", RunBy::Test),
        ("astro-ssr", RunBy::Test),
        ("bench bytes", RunBy::Ci),
        ("bench pack", RunBy::Ci),
        ("bench worker", RunBy::Ci),
        ("blog", RunBy::Test),
        ("chromium", RunBy::Test),
        ("deny", RunBy::Ci),
        ("docs-site", RunBy::Ci),
        ("engine", RunBy::Ci),
        ("firefox", RunBy::Test),
        ("node", RunBy::Test),
        ("npm", RunBy::Ci),
        ("oracle", RunBy::Ci),
        ("rust-worker", RunBy::Test),
        ("strace", RunBy::Test),
        ("tools", RunBy::Ci),
        ("voice-agent", RunBy::Test),
        ("wasm-target", RunBy::Ci),
        ("workerd", RunBy::Test),
        ("wrangler", RunBy::Test),
    ];

    /// Returns the names of all commands without subcommands.
    fn leaves(command: &Command, name: &str) -> Vec<String> {
        if !command.has_subcommands() {
            return vec![name.to_owned()];
        }
        let name_of = |command: &Command| format!("{name} {}", command.get_name());
        let leaves = command.get_subcommands().flat_map(|one| leaves(one, name_of(one).trim()));
        leaves.collect()
    }

    fn texts(folder: &str, extension: &str) -> Vec<(PathBuf, String)> {
        let files = WalkDir::new(repository(folder)).into_iter().filter_entry(|entry| {
            let name = entry.file_name();
            !["node_modules", "target", "dist", ".git"].iter().any(|skipped| name == *skipped)
        });
        let paths = files.map(|entry| entry.unwrap().into_path());
        let paths = paths.filter(|path| path.extension() == Some(OsStr::new(extension)));
        paths.map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
    }

    /// Finds the commands in a text, each up to the end of its line or quotation.
    fn commands_in(text: &str) -> Vec<Vec<&str>> {
        let command = Regex::new(r"cargo xtask ([^\n`)]+)").unwrap();
        let commands = command.captures_iter(text).map(|found| found.extract::<1>().1[0]);
        commands.map(|words| words.split_whitespace().collect()).collect()
    }

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_is_run_by_ci_or_a_test() {
        let mut leaves = leaves(&Cli::command(), "");
        leaves.sort();
        assert_eq!(leaves, COMMANDS.map(|(name, _)| name), "new commands need an entry");

        let ci = fs::read_to_string(repository(".ci/run")).unwrap();
        let tests = texts("tests/integration", "rs");
        for (name, run_by) in COMMANDS {
            let words: Vec<&str> = name.split(' ').collect();
            let is_run = match run_by {
                RunBy::Ci => commands_in(&ci).iter().any(|run| run.starts_with(&words)),
                RunBy::Test => {
                    let start = format!("[\"{}\"", words.join("\", \""));
                    tests.iter().any(|(_, test)| test.contains(&start))
                }
            };
            assert!(is_run, "`cargo xtask {name}` is not run");
        }
    }

    #[test]
    fn documented_commands_are_valid() {
        let documents = texts("", "md");
        let readme = |(path, _): &(PathBuf, String)| path.ends_with(Path::new("benches/README.md"));
        assert!(documents.iter().any(readme));
        let ci = (repository(".ci/run"), fs::read_to_string(repository(".ci/run")).unwrap());
        for (path, text) in documents.iter().chain([&ci]) {
            for words in commands_in(text) {
                let parsed = Cli::try_parse_from(["xtask"].iter().chain(&words));
                let error = parsed.err().map(|error| error.to_string());
                assert!(error.is_none(), "{} has {words:?}: {error:?}", path.display());
            }
        }
    }
}
