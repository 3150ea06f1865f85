//! The peak memory of a run.

use std::path::Path;

use anyhow::Result;
use fs_err as fs;

use super::Bench;
use super::sites::{self, Site};
use crate::bench::report::{Report, float, megabytes};

/// The generated site that the target is for: 1,600 files with 100 MB.
const PAGES: usize = 1_595;
const INCOMPRESSIBLE: usize = 5;

/// Maximum memory for that site, in bytes.
const TARGET: f64 = 200e6;

/// The sizes of sites of small pages.
const SMALL: [usize; 2] = [10_000, 50_000];

/// Measures runs without a cache, each once: their peaks hardly vary.
pub(super) fn measure(bench: &Bench, report: &mut Report) -> Result<()> {
    let docs = Site::docs(bench)?;
    let size = docs.names.iter().map(|name| Ok(fs::metadata(docs.dist.join(name))?.len()));
    let size = size.sum::<Result<u64>>()?;
    let mixed = bench.fresh()?;
    let [pages, incompressible] = bench.scale.pick([PAGES, INCOMPRESSIBLE], [2, 1]);
    let mixed_size = sites::mixed(&mixed, pages, incompressible)?;
    let mut small = Vec::new();
    for files in bench.scale.pick(SMALL, [5, 10]) {
        let dist = bench.fresh()?;
        let size = sites::small_pages(&dist, files)?;
        small.push((dist, files, size));
    }
    sites::settle(bench)?;

    let columns = ["", "files", "size", "wall", "peak", "bytes per file"];
    report.table("Peak memory without a cache", &columns);
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
        Ok::<f64, anyhow::Error>(usage.peak)
    };
    run(docs.name, &docs.dist, docs.names.len(), usize::try_from(size)?)?;
    let peak = run("large pages", &mixed, pages + incompressible, mixed_size)?;
    for (dist, files, size) in small {
        run("small pages", &dist, files, size)?;
    }
    report.at_most(TARGET / 1e6, peak / 1e6, "peak memory for 100 MB, in MB");
    Ok(())
}
