//! `cargo xtask bench bytes`: the bytes that a browser receives from a packed site, and from the same build
//! compressed in other ways.
//!
//! All bytes are counted by Chromium. Each contender serves the same build, with the same routes and cache
//! policies, so that only the bodies differ.

mod contender;
mod cost;
mod edits_report;
mod files;
mod packed;
mod pictures_report;
mod redeploy;
mod sites;
mod visits;
mod visits_report;

use std::cell::Cell;
use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, ValueEnum};
use fs_err as fs;

use self::packed::Known;
use self::sites::OtherBuild;
use super::report::Report;
use super::{Scale, cores};
use crate::command::version;
use crate::files::{lock, remove, scratch};
use crate::tools::npm_tools::Tools;
use crate::tools::system;

/// The number of packs of a full benchmark, whose CPU time is measured. Bytes are the same each time.
const ROUNDS: usize = 1;

/// Options of `cargo xtask bench bytes`.
#[derive(Args)]
pub(crate) struct BytesOptions {
    #[command(flatten)]
    common: super::Options,

    /// Measure only this section. Can be repeated
    #[arg(long, value_name = "SECTION")]
    only: Vec<Section>,

    /// Measure another build too, such as that of a starter. Can be repeated
    #[arg(long = "site", value_name = "NAME=FOLDER")]
    sites: Vec<OtherBuild>,
}

/// A part of the report.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Section {
    /// Visits in a browser, of all contenders
    Visits,
    /// All files of a site, with and without dictionaries and pictures
    Files,
    /// The CPU time and the memory of packing, and the size of the Worker
    Cost,
}

/// The conditions of all measurements.
struct Bench {
    /// The program `worker-pack`.
    program: PathBuf,
    known: Known,
    chromium: PathBuf,
    tools: Tools,
    /// The folder of sites, caches and output.
    folder: PathBuf,
    /// The number of folders in it.
    folders: Cell<usize>,
    rounds: usize,
    scale: Scale,
}

impl Bench {
    /// Creates a new folder.
    fn fresh(&self) -> Result<PathBuf> {
        self.folders.set(self.folders.get() + 1);
        let folder = self.folder.join(self.folders.get().to_string());
        fs::create_dir_all(&folder)?;
        Ok(folder)
    }

    /// Describes the conditions.
    fn line(&self) -> Result<String> {
        Ok(format!(
            "{}, {}, {} cores, CPU times of {} rounds",
            version(&self.program)?,
            version(&self.chromium)?,
            cores(),
            self.rounds,
        ))
    }
}

/// Measures all sections, or those that were chosen, and prints them in Markdown.
pub(crate) fn run_task(options: &BytesOptions) -> Result<()> {
    let BytesOptions { common, only, sites } = options;
    let program = common.program.path()?;
    let known = Known::of(&program)?;
    let chromium = system::find("chromium")?;
    let tools = Tools::install()?;
    let _lock = lock("bench")?;
    let parent = scratch("bench-bytes");
    let folder = parent.join(std::process::id().to_string());
    fs::create_dir_all(&folder)?;
    let (rounds, scale) = (common.rounds(ROUNDS), common.scale());
    let folders = Cell::new(0);
    let bench = Bench { program, known, chromium, tools, folder, folders, rounds, scale };

    let mut report = Report::new(&bench.line()?, scale);
    let measured = measure(&bench, only, sites, &mut report);
    if let Err(error) = measured {
        report.fail("the bytes", &error);
    }
    let result = report.finish(common.check);
    remove(&parent)?;
    result
}

fn measure(
    bench: &Bench,
    only: &[Section],
    others: &[OtherBuild],
    report: &mut Report,
) -> Result<()> {
    let wants = |section| only.is_empty() || only.contains(&section);
    let sites = sites::all(bench, others)?;
    let packs: Vec<packed::Packs> =
        sites.iter().map(|site| packed::Packs::of(bench, site)).collect::<Result<_>>()?;
    if wants(Section::Visits) {
        let visited = visits_report::visit_all(bench, &sites, &packs)?;
        visits_report::report(&visited, report)?;
        edits_report::report(&visited, report)?;
        pictures_report::report(&visited, report)?;
    }
    if wants(Section::Files) {
        files::report(&packs, report);
    }
    if wants(Section::Cost) {
        cost::report(&packs, report)?;
    }
    Ok(())
}
