//! The command line.

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::bench::Bench;
use crate::command::run_for_output;
use crate::oracle;
use crate::sites::{self, blog, docs_site};
use crate::tools::npm_tools::Tools;
use crate::tools::wasm_target::Toolchain;
use crate::tools::{engine, npm_packages, rust_worker, system, workerd, wrangler};

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

    /// Build a documentation site to measure with, and print its output folder
    DocsSite(docs_site::Options),

    /// Run a benchmark
    #[command(subcommand)]
    Bench(Bench),

    /// Compare Cloudflare's servers, run by wrangler, with `worker-pack serve`
    Oracle(oracle::Options),

    /// Compile the engine for Workers, and print its path
    Engine,

    /// Pack the npm packages for this machine, and print their paths
    Npm(npm_packages::Options),

    /// Build the example Worker in Rust, and print its folder
    RustWorker(rust_worker::Options),

    /// Install the npm tools that tests need, and print their folder
    Tools,

    /// Find a browser, and print its path
    Chromium,

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
            Task::DocsSite(options) => docs_site::run_task(options)?,
            Task::Bench(bench) => bench.run()?,
            Task::Oracle(options) => oracle::run_task(options)?,
            Task::Engine => println!("{}", engine::build()?.display()),
            Task::Npm(options) => npm_packages::run_task(options)?,
            Task::RustWorker(options) => rust_worker::run_task(options)?,
            Task::Tools => println!("{}", Tools::install()?.folder().display()),
            Task::Chromium => println!("{}", system::find("chromium")?.display()),
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
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        <Cli as clap::CommandFactory>::command().debug_assert();
    }
}
