//! Runs without a cache, and later runs on the same site, unchanged or with one changed page.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use fs_err as fs;

use super::sites::{self, Manifest, Site};
use super::{Bench, Place, Section};
use crate::bench::process::Usage;
use crate::bench::report::{Report, median, megabytes, ratio, seconds};
use crate::bench::rivals::{self, Encoder};

/// Maximum CPU time of a run without a cache, compared with that of the encoder in C. This target and the next are
/// those of the docs site: on a small one, everything but Brotli counts too.
const CPU_TARGET: f64 = 0.80;

/// Its maximum elapsed time on two cores, compared with the same.
const WALL_TARGET: f64 = 0.45;

/// Maximum times of runs on an unchanged site and with one changed page, compared with a run
/// without a cache.
const UNCHANGED_TARGET: f64 = 0.02;
const CHANGED_TARGET: f64 = 0.04;

/// The size of the site of small files, and the maximum time without a change, in milliseconds.
const FILES: usize = 2_000;
const FILES_TARGET: f64 = 150.0;

/// The runs of a round.
struct Round {
    cold: Usage,
    encoder: Option<Encoder>,
    unchanged: Option<Usage>,
    changed: Option<Usage>,
}

/// A site with its rounds.
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

/// Measures the chosen ones of the three sections.
pub(super) fn measure(bench: &Bench, report: &mut Report) -> Result<()> {
    let mut sites =
        [Site::blog(bench)?, Site::docs(bench)?].map(|site| Measured { site, rounds: Vec::new() });
    sites::settle(bench)?;
    for number in 0..bench.rounds {
        for Measured { site, rounds } in &mut sites {
            rounds.push(round(bench, site, number)?);
        }
    }
    if bench.wants(Section::Cold) {
        cold(&sites, report);
    }
    if bench.wants(Section::Unchanged) {
        unchanged(&sites, report);
        small_files(bench, report)?;
    }
    if bench.wants(Section::Changed) {
        changed(&sites, report);
    }
    Ok(())
}

fn round(bench: &Bench, site: &Site, number: usize) -> Result<Round> {
    let place = bench.place()?;
    let cold = bench.build(&site.dist, &place, &[])?;
    let compress = || rivals::encode(&compressible(bench, &place.out)?);
    let encoder = bench.wants(Section::Cold).then(compress).transpose()?;
    // The second run caches what it learns about the files of the first, for the third.
    bench.build(&site.dist, &place, &[])?;
    let unchanged = || bench.build(&site.dist, &place, &[]);
    let unchanged = bench.wants(Section::Unchanged).then(unchanged).transpose()?;
    let changed = || change(bench, site, &place, number);
    let changed = bench.wants(Section::Changed).then(changed).transpose()?;
    Ok(Round { cold, encoder, unchanged, changed })
}

/// Packs a site after a change of one page.
fn change(bench: &Bench, site: &Site, place: &Place, number: usize) -> Result<Usage> {
    site.change(number, &format!("changed{number}"))?;
    bench.build(&site.dist, place, &[])
}

/// Copies the bodies that were compressed to a folder, each once.
fn compressible(bench: &Bench, out: &Path) -> Result<PathBuf> {
    let mut bodies = BTreeSet::new();
    for (name, asset) in Manifest::read(out)?.assets {
        let find = |coding: &str| asset.representations.iter().find(|body| body.encoding == coding);
        if find("br").is_some() {
            let identity = find("identity").with_context(|| format!("{name} has no identity"))?;
            bodies.insert((out.join(&identity.file), identity.offset, identity.bytes));
        }
    }
    let folder = bench.fresh()?;
    for (number, (file, offset, len)) in bodies.iter().enumerate() {
        let file = fs::read(file)?;
        let body = file.get(*offset..offset + len).context("the manifest names a missing body")?;
        fs::write(folder.join(number.to_string()), body)?;
    }
    Ok(folder)
}

fn cold(sites: &[Measured], report: &mut Report) {
    report.table(
        "Without a cache, compared with the encoder in C at level 11, same bodies",
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
            measured.site.names.len().to_string(),
            megabytes(median(input)),
            seconds(&encoder),
            seconds(&cpu),
            format!("{more:.2}"),
            seconds(&measured.cold()),
            format!("{longer:.2}"),
        ]);
        if name == sites::DOCS {
            report.at_most(CPU_TARGET, more, &format!("CPU time without a cache for {name}"));
            report.at_most(WALL_TARGET, longer, &format!("wall time without a cache for {name}"));
        }
    }
}

fn unchanged(sites: &[Measured], report: &mut Report) {
    let title = "Unchanged: the third run";
    report.table(title, &["", "files", "empty cache", "unchanged", "ratio"]);
    for measured in sites {
        let times = measured.each(|round| Some(round.unchanged?.wall));
        let name = measured.site.name;
        row(name, measured.site.names.len(), &measured.cold(), &times, report);
        let what = format!("an unchanged run for {name}");
        report.at_most(UNCHANGED_TARGET, ratio(&times, &measured.cold()), &what);
    }
}

/// Adds a row for a site of small files, whose target is in milliseconds.
fn small_files(bench: &Bench, report: &mut Report) -> Result<()> {
    let dist = bench.fresh()?;
    let files = bench.scale.pick(FILES, 10);
    sites::small_pages(&dist, files)?;
    sites::settle(bench)?;
    let (mut cold, mut times) = (Vec::new(), Vec::new());
    for _ in 0..bench.rounds {
        let place = bench.place()?;
        cold.push(bench.build(&dist, &place, &[])?.wall);
        bench.build(&dist, &place, &[])?;
        times.push(bench.build(&dist, &place, &[])?.wall);
    }
    row("small pages", files, &cold, &times, report);
    let what = format!("an unchanged run for {files} files, in ms");
    report.at_most(FILES_TARGET, median(times) * 1e3, &what);
    Ok(())
}

fn changed(sites: &[Measured], report: &mut Report) {
    let title = "One page changed";
    report.table(title, &["", "files", "empty cache", "changed", "ratio"]);
    for measured in sites {
        let times = measured.each(|round| Some(round.changed?.wall));
        row(measured.site.name, measured.site.names.len(), &measured.cold(), &times, report);
    }
    // Packing the blog takes too little time for a meaningful ratio.
    if let Some(docs) = sites.last() {
        let times = docs.each(|round| Some(round.changed?.wall));
        let what = format!("a run with one changed page of {}", docs.site.name);
        report.at_most(CHANGED_TARGET, ratio(&times, &docs.cold()), &what);
    }
}

fn row(name: &str, files: usize, cold: &[f64], times: &[f64], report: &mut Report) {
    let share = format!("{:.4}", ratio(times, cold));
    report.row(&[name.to_owned(), files.to_string(), seconds(cold), seconds(times), share]);
}
