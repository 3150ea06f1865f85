//! The time for a file, in sites of some files and of very many.

use super::Bench;
use super::sites;
use crate::bench::report::{Report, float, median};

/// How many files the sites have, and how often each is packed.
const SITES: [(usize, usize); 3] = [(1_000, 5), (10_000, 3), (100_000, 1)];

/// How much longer a file of the largest may take than one of the smallest.
const AIM: f64 = 1.3;

/// Compressing is the same work for a file wherever it is. The less there is of it, the clearer it
/// is whether the rest is so, too.
const OPTIONS: [&str; 2] = ["--effort", "fast"];

/// Measures runs with nothing kept from an earlier one.
pub(super) fn measure(bench: &Bench, report: &mut Report) -> Result<(), String> {
    let mut dists = Vec::new();
    for (files, _) in SITES {
        let dist = bench.fresh()?;
        sites::small_pages(&dist, files)?;
        dists.push(dist);
    }
    sites::settle()?;

    let mut times = SITES.map(|_| Vec::new());
    let most = SITES.iter().map(|(_, runs)| *runs).max().unwrap_or_default();
    for round in 0..most {
        for (index, (dist, (files, runs))) in dists.iter().zip(SITES).enumerate() {
            // The few runs of a large site are amid the many of a small one.
            if round.abs_diff(most / 2) <= runs / 2 {
                let usage = bench.build(dist, &bench.place()?, &OPTIONS)?;
                times[index].push(usage.wall / float(files));
            }
        }
    }

    report.table(
        "From nothing with `--effort fast`, small pages",
        &["files", "runs", "wall", "for a file", "ratio"],
    );
    let first = median(times[0].iter().copied());
    for ((files, runs), times) in SITES.into_iter().zip(times) {
        let time = median(times);
        report.row(&[
            files.to_string(),
            runs.to_string(),
            format!("{:.2} s", time * float(files)),
            format!("{:.0} µs", time * 1e6),
            format!("{:.2}", time / first),
        ]);
        report.at_most(AIM, time / first, &format!("time for a file with {files} of them"));
    }
    Ok(())
}
