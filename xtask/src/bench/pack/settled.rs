//! Runs with nothing kept from an earlier one, after which nothing has changed, and after which one
//! page has.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::sites::{self, Site};
use super::{Bench, Place};
use crate::bench::process::Usage;
use crate::bench::report::{Report, median, megabytes, ratio, seconds};
use crate::bench::rivals::{Brotli, Rivals};
use crate::files::failed;

/// How much of a processor's time worker-pack may take for that of the encoder in C.
const CPU_AIM: f64 = 1.15;

/// And how long, with both cores of a machine.
const WALL_AIM: f64 = 0.60;

/// How long runs may take for one from nothing: where nothing has changed, and one page.
const UNCHANGED_AIM: f64 = 0.02;
const CHANGED_AIM: f64 = 0.04;

/// How long a run without a change may take for a site of some files, in milliseconds.
const FILES: usize = 2_000;
const FILES_AIM: f64 = 150.0;

/// What the runs of a round took.
struct Round {
    cold: Usage,
    encoder: Option<Brotli>,
    unchanged: Option<Usage>,
    changed: Option<Usage>,
}

/// A site with what was measured with it.
struct Measured {
    site: Site,
    rounds: Vec<Round>,
}

impl Measured {
    fn each(&self, part: impl Fn(&Round) -> Option<f64>) -> Vec<f64> {
        self.rounds.iter().filter_map(part).collect()
    }

    fn cold(&self) -> Vec<f64> {
        self.each(|round| Some(round.cold.wall))
    }
}

/// Measures what is wanted of it.
pub(super) fn measure(bench: &Bench, report: &mut Report) -> Result<(), String> {
    let rivals = bench.wants("cold").then(Rivals::install).transpose()?;
    let mut sites =
        [Site::blog(bench)?, Site::docs(bench)?].map(|site| Measured { site, rounds: Vec::new() });
    sites::settle()?;
    for number in 0..bench.rounds {
        for Measured { site, rounds } in &mut sites {
            rounds.push(round(bench, site, number, rivals.as_ref())?);
        }
    }
    if bench.wants("cold") {
        cold(&sites, report);
    }
    if bench.wants("unchanged") {
        unchanged(&sites, report);
        small_files(bench, report)?;
    }
    if bench.wants("changed") {
        changed(&sites, report);
    }
    Ok(())
}

fn round(
    bench: &Bench,
    site: &Site,
    number: usize,
    rivals: Option<&Rivals>,
) -> Result<Round, String> {
    let place = bench.place()?;
    let cold = bench.build(&site.dist, &place, &[])?;
    let encoder = match rivals {
        Some(rivals) => Some(rivals.brotli(&compressible(bench, &place.out)?)?),
        None => None,
    };
    // What the second run makes of what the first one knows is kept for the third.
    bench.build(&site.dist, &place, &[])?;
    let wanted = bench.wants("unchanged");
    let unchanged = wanted.then(|| bench.build(&site.dist, &place, &[])).transpose()?;
    let wanted = bench.wants("changed");
    let changed = wanted.then(|| change(bench, site, &place, number)).transpose()?;
    Ok(Round { cold, encoder, unchanged, changed })
}

/// Packs a site after a page of it has changed.
fn change(bench: &Bench, site: &Site, place: &Place, number: usize) -> Result<Usage, String> {
    let page = site.page(number);
    let text = site.changed(page, &format!("changed{number}"))?;
    site.write(page, &text)?;
    bench.build(&site.dist, place, &[])
}

/// Copies what was compressed, once each, to a folder, and returns that.
fn compressible(bench: &Bench, out: &Path) -> Result<PathBuf, String> {
    let mut files = BTreeSet::new();
    for packed in sites::manifest(out)? {
        if packed.bodies.iter().any(|(coding, ..)| coding == "br") {
            let identity = packed.bodies.into_iter().find(|(coding, ..)| coding == "identity");
            let (_, file, _) =
                identity.ok_or_else(|| format!("{} is compressed only", packed.name))?;
            files.insert(file);
        }
    }
    let folder = bench.fresh()?;
    for (number, file) in files.iter().enumerate() {
        let to = folder.join(number.to_string());
        fs::copy(file, to).map_err(|error| failed("copy", file, &error))?;
    }
    Ok(folder)
}

fn cold(sites: &[Measured], report: &mut Report) {
    report.table(
        "From nothing, against the Brotli encoder in C at 11 for the same bodies",
        &["", "files", "compressed", "CPU in C", "CPU", "ratio", "wall", "to the CPU in C"],
    );
    for measured in sites {
        let name = measured.site.name;
        let encoder = measured.each(|round| Some(round.encoder.as_ref()?.cpu));
        let input = measured.each(|round| Some(round.encoder.as_ref()?.input));
        let cpu = measured.each(|round| Some(round.cold.cpu));
        let [more, longer] = [&cpu, &measured.cold()].map(|times| ratio(times, &encoder));
        report.row(&[
            name.to_owned(),
            measured.site.files.to_string(),
            megabytes(median(input)),
            seconds(&encoder),
            seconds(&cpu),
            format!("{more:.2}"),
            seconds(&measured.cold()),
            format!("{longer:.2}"),
        ]);
        report.at_most(CPU_AIM, more, &format!("CPU from nothing for {name}"));
        report.at_most(WALL_AIM, longer, &format!("wall time from nothing for {name}"));
    }
}

fn unchanged(sites: &[Measured], report: &mut Report) {
    let title = "Nothing has changed: the third run";
    report.table(title, &["", "files", "from nothing", "unchanged", "ratio"]);
    for measured in sites {
        let times = measured.each(|round| Some(round.unchanged?.wall));
        let name = measured.site.name.to_owned();
        let what = format!("a run without a change for {name}");
        row(name, measured.site.files, &measured.cold(), &times, report);
        report.at_most(UNCHANGED_AIM, ratio(&times, &measured.cold()), &what);
    }
}

/// Adds what is the same for a site of small files, in milliseconds.
fn small_files(bench: &Bench, report: &mut Report) -> Result<(), String> {
    let dist = bench.fresh()?;
    sites::small_pages(&dist, FILES)?;
    sites::settle()?;
    let (mut cold, mut times) = (Vec::new(), Vec::new());
    for _ in 0..bench.rounds {
        let place = bench.place()?;
        cold.push(bench.build(&dist, &place, &[])?.wall);
        bench.build(&dist, &place, &[])?;
        times.push(bench.build(&dist, &place, &[])?.wall);
    }
    row("small pages".to_owned(), FILES, &cold, &times, report);
    let what = format!("a run without a change for {FILES} files, in ms");
    report.at_most(FILES_AIM, median(times) * 1e3, &what);
    Ok(())
}

fn changed(sites: &[Measured], report: &mut Report) {
    let title = "One page has changed";
    report.table(title, &["", "files", "from nothing", "changed", "ratio"]);
    for measured in sites {
        let times = measured.each(|round| Some(round.changed?.wall));
        let name = measured.site.name.to_owned();
        row(name, measured.site.files, &measured.cold(), &times, report);
    }
    // To pack the blog takes too little for a ratio to say much.
    if let Some(docs) = sites.last() {
        let times = docs.each(|round| Some(round.changed?.wall));
        let what = format!("a run after a change of one page of {}", docs.site.name);
        report.at_most(CHANGED_AIM, ratio(&times, &docs.cold()), &what);
    }
}

fn row(name: String, files: usize, cold: &[f64], times: &[f64], report: &mut Report) {
    let share = ratio(times, cold);
    report.row(&[name, files.to_string(), seconds(cold), seconds(times), format!("{share:.4}")]);
}
