//! `cargo xtask bench worker`: the packed Worker for JavaScript hosts, and the one in Rust, in the real
//! `workerd`, compared with a handwritten one.

mod compile;
mod load;
mod memory;
mod rival;
mod rust;
mod server;
mod site;
mod startup;
mod throughput;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, ValueEnum};
use fs_err as fs;

use super::report::Report;
use super::{Scale, cores};
use crate::command::version;
use crate::files::{lock, scratch};
use crate::server::client::{self, Response};
use crate::server::process::Server;
use crate::tools::npm_tools::Tools;
use crate::tools::workerd::{self, Worker};

/// The number of rounds of a full benchmark.
const ROUNDS: usize = 9;

/// The content codings that browsers accept.
const ACCEPT_ENCODING: &str = "gzip, deflate, br, zstd";

/// Options of `cargo xtask bench worker`.
#[derive(Args)]
pub(crate) struct WorkerOptions {
    #[command(flatten)]
    common: super::Options,

    /// Measure only this section. Can be repeated
    #[arg(long, value_name = "SECTION")]
    only: Vec<Section>,
}

/// A part of the report, in the order of measuring.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Section {
    /// The Worker for JavaScript hosts
    Javascript,
    /// An Astro server
    Server,
    /// The Worker in Rust
    Rust,
    /// The size of Workers in Rust, and the cost of compiling them after a page has changed
    Compile,
}

impl Section {
    fn measure(self, bench: &Bench, report: &mut Report) -> Result<()> {
        match self {
            Self::Javascript => {
                throughput::measure(bench, report)?;
                let sites = startup::sites(bench)?;
                startup::measure(bench, &sites, report)?;
                memory::measure(bench, &sites, report)
            }
            Self::Server => server::measure(bench, report),
            Self::Rust => rust::measure(bench, report),
            Self::Compile => compile::measure(bench, report),
        }
    }
}

/// The conditions of all measurements.
struct Bench {
    /// The program `worker-pack`.
    program: PathBuf,
    workerd: PathBuf,
    /// The folder of sites and Workers.
    folder: PathBuf,
    rounds: usize,
    scale: Scale,
}

impl Bench {
    /// Describes the conditions.
    fn line(&self) -> Result<String> {
        Ok(format!(
            "{}, {} cores, {} connections, medians of {} rounds",
            version(&self.workerd)?,
            cores(),
            load::CONNECTIONS,
            self.rounds,
        ))
    }

    /// Writes a Worker in the form in which workerd starts it.
    fn subject(&self, name: &str, worker: &Worker) -> Result<Subject> {
        let config = self.folder.join(format!("{name}.config"));
        worker.compile(&self.workerd, &config)?;
        Ok(Subject { workerd: self.workerd.clone(), config })
    }
}

/// A Worker that is measured.
struct Subject {
    workerd: PathBuf,
    config: PathBuf,
}

impl Subject {
    fn start(&self) -> Result<Server> {
        workerd::start_compiled(&self.workerd, &self.config)
    }
}

/// Requests a page as a browser does. Fails if it is not found or empty.
fn get(port: u16, path: &str) -> Result<(Response, Vec<u8>)> {
    let mut response = client::send(port, "GET", path, [("Accept-Encoding", ACCEPT_ENCODING)])?;
    let body = response.body()?;
    anyhow::ensure!(
        response.status == 200 && !body.is_empty(),
        "the response to {path} is {} {:?} with {} bytes",
        response.status,
        response.headers,
        body.len(),
    );
    Ok((response, body))
}

/// Measures all sections, or those that were chosen, and prints them in Markdown.
pub(crate) fn run_task(options: &WorkerOptions) -> Result<()> {
    let WorkerOptions { common, only } = options;
    let program = common.program.path()?;
    let workerd = Tools::install()?.program("workerd");
    let folder = scratch("bench");
    fs::create_dir_all(&folder)?;
    let _lock = lock("bench")?;
    let (rounds, scale) = (common.rounds(ROUNDS), common.scale());
    let bench = Bench { program, workerd, folder, rounds, scale };

    let mut report = Report::new(&bench.line()?, scale);
    for section in Section::value_variants() {
        if only.is_empty() || only.contains(section) {
            section.measure(&bench, &mut report)?;
        }
    }
    report.finish(common.check)
}
