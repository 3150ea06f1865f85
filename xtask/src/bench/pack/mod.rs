//! `cargo xtask bench pack`: what `worker-pack build` takes, with nothing kept from an earlier run
//! and with everything, against the Brotli encoder in C and against Astro's integrations.

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

use super::process::Usage;
use super::report::Report;
use super::{Options, cores};
use crate::files as tree;
use crate::sites::project::scratch;

/// How often a thing is measured where nobody says.
const ROUNDS: usize = 3;

/// The parts of the report. That of the rivals, who remove their copies of sites, comes after those
/// that write many files; the last compiles a lot, and is the likeliest to fail.
const SECTIONS: [&str; 9] = [
    "cold",
    "unchanged",
    "changed",
    "memory",
    "linear",
    "start",
    "watch",
    "rivals",
    "build-script",
];

/// Where things are that all measurements need.
struct Bench {
    /// The command that packs.
    binary: PathBuf,
    /// Where sites, results and what is packed are written. Nothing in it is removed before the
    /// end: for minutes after much was, ext4 takes far longer to make a file.
    folder: PathBuf,
    /// How many folders there are in it.
    folders: Cell<usize>,
    rounds: usize,
    only: Vec<String>,
}

/// Where a site is packed to, and the results are kept.
struct Place {
    out: PathBuf,
    cache: PathBuf,
}

impl Bench {
    fn wants(&self, section: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == section)
    }

    /// Makes a folder that was not there before.
    fn fresh(&self) -> Result<PathBuf, String> {
        self.folders.set(self.folders.get() + 1);
        let folder = self.folder.join(self.folders.get().to_string());
        tree::create_folder(&folder)?;
        Ok(folder)
    }

    /// Makes a place without results.
    fn place(&self) -> Result<Place, String> {
        let folder = self.fresh()?;
        Ok(Place { out: folder.join("out"), cache: folder.join("cache") })
    }

    /// Packs a site.
    fn build(&self, dist: &Path, place: &Place, options: &[&str]) -> Result<Usage, String> {
        let mut command = Command::new(&self.binary);
        command.arg("build").arg(dist).arg("--quiet").args(options);
        command.arg("--out").arg(&place.out).arg("--cache-dir").arg(&place.cache);
        // Where there is no configuration.
        Usage::of(command.current_dir(&self.folder))
    }

    /// Says what is measured with.
    fn line(&self) -> Result<String, String> {
        Ok(format!(
            "{}, {}, {} cores, medians of {} rounds",
            version(&self.binary)?,
            version("rustc".as_ref())?,
            cores(),
            self.rounds,
        ))
    }
}

/// Asks a program for its version.
fn version(program: &Path) -> Result<String, String> {
    let output = Command::new(program).arg("--version").output();
    let output = output.map_err(|error| tree::failed("run", program, &error))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Measures everything, or a part, and prints it in Markdown.
pub(crate) fn run(options: &[&str]) -> Result<(), String> {
    let options = Options::parse("pack", options, ROUNDS, &SECTIONS)?;
    let binary = options.binary()?;
    let _lock = tree::lock(&scratch().join("bench.lock"))?;
    let parent = scratch().join("bench-pack");
    let folder = parent.join(std::process::id().to_string());
    tree::create_folder(&folder)?;
    let (rounds, only) = (options.rounds, options.only);
    let bench = Bench { binary, folder, folders: Cell::new(0), rounds, only };

    let mut report = Report::new(&bench.line()?);
    sections(&bench, &mut report);
    let result = report.finish(options.check);
    tree::remove(&parent)?;
    result
}

/// Measures a section, and adds it to the report.
type Measure = fn(&Bench, &mut Report) -> Result<(), String>;

fn sections(bench: &Bench, report: &mut Report) {
    // The first three share runs that take long.
    if SECTIONS[..3].iter().any(|section| bench.wants(section)) {
        let result = settled::measure(bench, report);
        note(result, &SECTIONS[..3].join(", "), report);
    }
    let rest: [Measure; 6] = [
        memory::measure,
        linear::measure,
        start::measure,
        watch::measure,
        rivals::measure,
        start::measure_build_script,
    ];
    for (section, measure) in SECTIONS[3..].iter().zip(rest) {
        if bench.wants(section) {
            let result = measure(bench, report);
            note(result, section, report);
        }
    }
}

/// What fails is no reason to do without the rest.
fn note(result: Result<(), String>, section: &str, report: &mut Report) {
    if let Err(error) = result {
        report.fail(section, &error);
    }
}
