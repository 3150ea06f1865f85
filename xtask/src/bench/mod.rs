//! `cargo xtask bench worker`: the packed Worker for JavaScript hosts in the real `workerd`, against
//! one that is written by hand.
//!
//! Whatever is compared is measured in turn, and what counts is the median of the ratios: the
//! machine may be busy with other things.

mod client;
mod memory;
mod process;
mod report;
mod rival;
mod server;
mod site;
mod startup;
mod throughput;

use std::path::PathBuf;

use crate::astro::scratch;
use crate::engine;
use crate::tools::Tools;
use crate::tree;
use crate::workerd::{Worker, Workerd};
use crate::workspace::Workspace;

use report::Report;

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
pub(crate) fn worker(options: &[&str]) -> Result<(), String> {
    let options = Options::parse(options)?;
    let binary = match options.binary {
        Some(binary) => binary,
        None => Workspace::find()?.build(&engine::build()?)?,
    };
    let workerd = Tools::install()?.program("workerd");
    let folder = scratch().join("bench");
    tree::create_folder(&folder)?;
    let _lock = tree::lock(&scratch().join("bench.lock"))?;
    let bench = Bench { binary, workerd, folder, rounds: options.rounds };

    let mut report = Report::new(&bench)?;
    throughput::measure(&bench, &mut report)?;
    let sites = startup::sites(&bench)?;
    startup::measure(&bench, &sites, &mut report)?;
    memory::measure(&bench, &sites, &mut report)?;
    server::measure(&bench, &mut report)?;
    report.finish(options.check)
}

/// What the task was asked for.
struct Options {
    binary: Option<PathBuf>,
    rounds: usize,
    check: bool,
}

impl Options {
    fn parse(words: &[&str]) -> Result<Self, String> {
        let mut options = Self { binary: None, rounds: 9, check: false };
        let mut words = words.iter();
        while let Some(&word) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("{word} what?"));
            match word {
                "--binary" => options.binary = Some(value()?.into()),
                "--rounds" => {
                    options.rounds =
                        value()?.parse().map_err(|error| format!("{word}: {error}"))?;
                }
                "--check" => options.check = true,
                _ => return Err(format!("`{word}` is no option of `cargo xtask bench worker`")),
            }
        }
        Ok(options)
    }
}
