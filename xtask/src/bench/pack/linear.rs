//! The time per file, in sites of a few and of very many files.

use anyhow::Result;

use super::{Bench, sites};
use crate::bench::report::{Report, float, median};

/// The sizes of the sites, and how often each is packed.
const SITES: [(usize, usize); 3] = [(1_000, 5), (10_000, 3), (100_000, 1)];
const SMOKE_SITES: [(usize, usize); 3] = [(5, 1), (10, 1), (20, 1)];

/// Maximum time per file of a site, compared with that of the smallest site.
const TARGET: f64 = 1.3;

/// Compressing a file takes the same time in every site. With the least effort, differences in the
/// rest of the work are clearer.
const OPTIONS: [&str; 2] = ["--effort", "fast"];

/// Measures runs without a cache.
pub(super) fn measure(bench: &Bench, report: &mut Report) -> Result<()> {
    let planned = bench.scale.pick(SITES, SMOKE_SITES);
    let mut dists = Vec::new();
    for (files, _) in planned {
        let dist = bench.fresh()?;
        sites::small_pages(&dist, files)?;
        dists.push(dist);
    }
    sites::settle(bench)?;

    let mut times = planned.map(|_| Vec::new());
    let most = planned.iter().map(|(_, runs)| *runs).max().unwrap_or_default();
    for round in 0..most {
        for (index, (dist, (files, runs))) in dists.iter().zip(planned).enumerate() {
            // The few runs of a large site are in the middle of the many of a small one.
            if round.abs_diff(most / 2) <= runs / 2 {
                let usage = bench.build(dist, &bench.place()?, &OPTIONS)?;
                times[index].push(usage.wall / float(files));
            }
        }
    }

    report.table(
        "Without a cache, `--effort fast`, small pages",
        &["files", "runs", "wall", "per file", "ratio"],
    );
    let first = median(times[0].iter().copied());
    for ((files, runs), times) in planned.into_iter().zip(times) {
        let time = median(times);
        report.row(&[
            files.to_string(),
            runs.to_string(),
            format!("{:.2} s", time * float(files)),
            format!("{:.0} µs", time * 1e6),
            format!("{:.2}", time / first),
        ]);
        report.at_most(TARGET, time / first, &format!("time per file with {files} files"));
    }
    Ok(())
}
