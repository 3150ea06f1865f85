//! `cargo xtask bench worker`: the packed Worker for JavaScript hosts in the real `workerd`, against
//! one that is written by hand.

mod load;
mod memory;
mod rival;
mod server;
mod site;
mod startup;
mod throughput;

use std::path::PathBuf;
use std::process::Command;

use super::report::Report;
use super::{Options, cores};
use crate::files as tree;
use crate::sites::project::scratch;
use crate::tools::npm_tools::Tools;
use crate::tools::workerd::{Worker, Workerd};

/// How often a thing is measured where nobody says.
const ROUNDS: usize = 9;

/// Where things are that all measurements need.
struct Bench {
    /// The command that packs.
    binary: PathBuf,
    workerd: PathBuf,
    /// Where sites and Workers are written.
    folder: PathBuf,
    /// How often a thing is measured.
    rounds: usize,
}

impl Bench {
    /// Says what is measured with.
    fn line(&self) -> Result<String, String> {
        let output = Command::new(&self.workerd).arg("--version").output();
        let output = output.map_err(|error| format!("cannot run workerd: {error}"))?;
        let version = String::from_utf8_lossy(&output.stdout);
        Ok(format!(
            "{}, {} cores, {} connections, medians of {} rounds",
            version.trim(),
            cores(),
            load::CONNECTIONS,
            self.rounds,
        ))
    }

    /// Writes a Worker down as workerd starts it.
    fn subject(&self, name: &str, worker: &Worker) -> Result<Subject, String> {
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
    fn start(&self) -> Result<Workerd, String> {
        Workerd::start_compiled(&self.workerd, &self.config)
    }
}

/// Measures everything, and prints it in Markdown.
pub(crate) fn run(options: &[&str]) -> Result<(), String> {
    let options = Options::parse("worker", options, ROUNDS, &[])?;
    let binary = options.binary()?;
    let workerd = Tools::install()?.program("workerd");
    let folder = scratch().join("bench");
    tree::create_folder(&folder)?;
    let _lock = tree::lock(&scratch().join("bench.lock"))?;
    let bench = Bench { binary, workerd, folder, rounds: options.rounds };

    let mut report = Report::new(&bench.line()?);
    throughput::measure(&bench, &mut report)?;
    let sites = startup::sites(&bench)?;
    startup::measure(&bench, &sites, &mut report)?;
    memory::measure(&bench, &sites, &mut report)?;
    server::measure(&bench, &mut report)?;
    report.finish(options.check)
}
