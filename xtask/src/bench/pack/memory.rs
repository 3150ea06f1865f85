//! The most memory that a run takes.

use std::path::Path;

use super::Bench;
use super::sites::{self, Site};
use crate::bench::report::{Report, float, megabytes};
use crate::files as tree;

/// The made-up site that there is an aim for: 1,600 files with 100 MB, and how much it may take.
const PAGES: usize = 1_595;
const INCOMPRESSIBLE: usize = 5;
const AIM: f64 = 200e6;

/// The sizes of sites of small pages.
const SMALL: [usize; 2] = [10_000, 50_000];

/// Measures runs with nothing kept from an earlier one. Each is measured once: from one to the next
/// they differ by little.
pub(super) fn measure(bench: &Bench, report: &mut Report) -> Result<(), String> {
    let docs = Site::docs(bench)?;
    let size = tree::read(&docs.dist, &[])?.values().map(Vec::len).sum();
    let mixed = bench.fresh()?;
    let mixed_size = sites::mixed(&mixed, PAGES, INCOMPRESSIBLE)?;
    let mut small = Vec::new();
    for files in SMALL {
        let dist = bench.fresh()?;
        let size = sites::small_pages(&dist, files)?;
        small.push((dist, files, size));
    }
    sites::settle()?;

    let columns = ["", "files", "size", "wall", "most memory", "bytes for a file"];
    report.table("The most memory of a run from nothing", &columns);
    let mut run = |name: &str, dist: &Path, files: usize, size: usize| {
        let usage = bench.build(dist, &bench.place()?, &[])?;
        report.row(&[
            name.to_owned(),
            files.to_string(),
            megabytes(float(size)),
            format!("{:.1} s", usage.wall),
            megabytes(usage.peak),
            format!("{:.0}", usage.peak / float(files)),
        ]);
        Ok::<f64, String>(usage.peak)
    };
    run(docs.name, &docs.dist, docs.files, size)?;
    let peak = run("large pages", &mixed, PAGES + INCOMPRESSIBLE, mixed_size)?;
    for (dist, files, size) in small {
        run("small pages", &dist, files, size)?;
    }
    report.at_most(AIM / 1e6, peak / 1e6, "the most memory for 100 MB, in MB");
    Ok(())
}
