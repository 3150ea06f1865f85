//! `cargo xtask bench pack`: the cost of `worker-pack build` without and with a cache, compared
//! with the Brotli encoder in C and Astro integrations.

mod compile;
mod linear;
mod memory;
mod rivals;
mod settled;
mod sites;
mod start;
mod watch;

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;
use clap::{Args, ValueEnum};
use fs_err as fs;

use super::process::Usage;
use super::report::Report;
use super::{Scale, cores};
use crate::command::version;
use crate::files::{lock, remove, scratch};

/// The number of rounds of a full benchmark.
const ROUNDS: usize = 3;

/// Options of `cargo xtask bench pack`.
#[derive(Args)]
pub(crate) struct PackOptions {
    #[command(flatten)]
    common: super::Options,

    /// Measure only this section. Can be repeated
    #[arg(long, value_name = "SECTION")]
    only: Vec<Section>,
}

/// A part of the report, in the order of measuring. The rivals remove their copies of sites, so
/// they come after the sections that write many files; the last section compiles a lot, and is the
/// most likely to fail.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Section {
    /// Runs without a cache, against the encoder in C
    Cold,
    /// Runs on an unchanged site
    Unchanged,
    /// Runs with one changed page
    Changed,
    /// The peak memory
    Memory,
    /// The time per file in small and large sites
    Linear,
    /// The compilation of the emitted module
    Compile,
    /// The start of the program
    Start,
    /// The time from a change to the first response with it
    Watch,
    /// The Astro integrations
    Rivals,
    /// Runs of a build script on an unchanged site
    BuildScript,
}

impl Section {
    /// Returns the sections of a benchmark for which none were chosen. The shortest one leaves out
    /// those for which a lot is installed or compiled.
    fn of_scale(scale: Scale) -> Vec<Self> {
        let is_quick = |section: &Self| !matches!(section, Self::Rivals | Self::BuildScript);
        let sections = Self::value_variants().iter().copied();
        sections.filter(|section| scale == Scale::Full || is_quick(section)).collect()
    }

    /// Measures the section. The first three are measured together, since they share long runs.
    fn measure(self, bench: &Bench, report: &mut Report) -> Result<()> {
        match self {
            Self::Cold | Self::Unchanged | Self::Changed => settled::measure(bench, report),
            Self::Memory => memory::measure(bench, report),
            Self::Linear => linear::measure(bench, report),
            Self::Compile => compile::measure(bench, report),
            Self::Start => start::measure(bench, report),
            Self::Watch => watch::measure(bench, report),
            Self::Rivals => rivals::measure(bench, report),
            Self::BuildScript => start::measure_build_script(bench, report),
        }
    }

    fn is_settled(self) -> bool {
        matches!(self, Self::Cold | Self::Unchanged | Self::Changed)
    }
}

/// The conditions of all measurements.
struct Bench {
    /// The program `worker-pack`.
    program: PathBuf,
    /// The folder of sites, caches and output. Nothing in it is removed before the end: for minutes
    /// after many files were removed, ext4 takes far longer to create one.
    folder: PathBuf,
    /// The number of folders in it.
    folders: Cell<usize>,
    rounds: usize,
    scale: Scale,
    sections: Vec<Section>,
}

/// The folders of a run.
struct Place {
    out: PathBuf,
    cache: PathBuf,
}

impl Bench {
    fn wants(&self, section: Section) -> bool {
        self.sections.contains(&section)
    }

    /// Creates a new folder.
    fn fresh(&self) -> Result<PathBuf> {
        self.folders.set(self.folders.get() + 1);
        let folder = self.folder.join(self.folders.get().to_string());
        fs::create_dir_all(&folder)?;
        Ok(folder)
    }

    /// Creates a place without a cache.
    fn place(&self) -> Result<Place> {
        let folder = self.fresh()?;
        Ok(Place { out: folder.join("out"), cache: folder.join("cache") })
    }

    /// Packs a site.
    fn build(&self, dist: &Path, place: &Place, options: &[&str]) -> Result<Usage> {
        let mut command = Command::new(&self.program);
        command.arg("build").arg(dist).arg("--quiet").args(options);
        command.arg("--out").arg(&place.out).arg("--cache-dir").arg(&place.cache);
        // This folder contains no configuration.
        Usage::of(command.current_dir(&self.folder))
    }

    /// Describes the conditions.
    fn line(&self) -> Result<String> {
        Ok(format!(
            "{}, {}, {} cores, medians of {} rounds",
            version(&self.program)?,
            version("rustc".as_ref())?,
            cores(),
            self.rounds,
        ))
    }
}

/// Measures all sections, or those that were chosen, and prints them in Markdown.
pub(crate) fn run_task(options: &PackOptions) -> Result<()> {
    let program = options.common.program.path()?;
    let _lock = lock("bench")?;
    let parent = scratch("bench-pack");
    let folder = parent.join(std::process::id().to_string());
    fs::create_dir_all(&folder)?;
    let scale = options.common.scale();
    let sections =
        if options.only.is_empty() { Section::of_scale(scale) } else { options.only.clone() };
    let rounds = options.common.rounds(ROUNDS);
    let bench = Bench { program, folder, folders: Cell::new(0), rounds, scale, sections };

    let mut report = Report::new(&bench.line()?, scale);
    let mut settled = false;
    for &section in Section::value_variants().iter().filter(|section| bench.wants(**section)) {
        if section.is_settled() && std::mem::replace(&mut settled, true) {
            continue;
        }
        // A failed section does not stop the others.
        if let Err(error) = section.measure(&bench, &mut report) {
            let name = section.to_possible_value();
            report.fail(name.as_ref().map_or("", |name| name.get_name()), &error);
        }
    }
    let result = report.finish(options.common.check);
    remove(&parent)?;
    result
}
