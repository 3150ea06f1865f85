//! The time from the start of workerd to the first response.

use std::time::Instant;

use anyhow::Result;

use super::site::{self, Site};
use super::{Bench, Subject, get, rival};
use crate::bench::process;
use crate::bench::report::{Report, megabytes, milliseconds, ratio};

/// Maximum time of the packed Worker, compared with the handwritten one.
const TARGET: f64 = 1.1;

/// The numbers of routes of the sites, and the sizes of their pages.
const SITES: [(usize, usize); 2] = [(1_000, 8_000), (20_000, 1_500)];

/// A generated site as Workers of both kinds.
pub(super) struct Pair {
    pub(super) routes: usize,
    /// The size of the packed Worker, in bytes.
    pub(super) shipped: f64,
    pub(super) packed: Subject,
    pub(super) handwritten: Subject,
    /// The same with the flag of the packed one, which provides the decoder.
    handwritten_with_flags: Subject,
    /// The paths of all pages.
    pub(super) paths: Vec<String>,
}

/// Generates and packs the sites.
pub(super) fn sites(bench: &Bench) -> Result<Vec<Pair>> {
    let sites = bench.scale.pick(SITES, [(5, 2_000), (10, 2_000)]);
    sites.into_iter().map(|(routes, size)| pair(bench, routes, size)).collect()
}

fn pair(bench: &Bench, routes: usize, size: usize) -> Result<Pair> {
    let mut site = Site::new();
    let paths = site.add_pages("section", routes, size);
    let name = format!("routes-{routes}");
    let folder = site.pack(bench, &name)?;
    let (packed, shipped) = site::packed_worker(&folder)?;
    let (mut handwritten, _) = site::worker(&rival::write(&folder)?, "index.js")?;
    let bare = bench.subject(&format!("{name}-handwritten"), &handwritten)?;
    handwritten.compatibility_flags.clone_from(&packed.compatibility_flags);
    Ok(Pair {
        routes,
        shipped,
        packed: bench.subject(&format!("{name}-packed"), &packed)?,
        handwritten: bare,
        handwritten_with_flags: bench
            .subject(&format!("{name}-handwritten-flags"), &handwritten)?,
        paths,
    })
}

/// Measures all Workers of each site.
pub(super) fn measure(bench: &Bench, sites: &[Pair], report: &mut Report) -> Result<()> {
    report.table(
        "From the start of workerd to the first reply",
        &["routes", "modules", "handwritten", "with `nodejs_compat`", "packed", "ratios"],
    );
    for site in sites {
        let path = &site.paths[site.paths.len() / 2];
        let subjects = [&site.handwritten, &site.handwritten_with_flags, &site.packed];
        let [handwritten, with_flags, packed] = times(bench, subjects, path)?;
        let longer = ratio(&packed, &handwritten);
        report.row(&[
            site.routes.to_string(),
            megabytes(site.shipped),
            milliseconds(handwritten),
            milliseconds(with_flags.clone()),
            milliseconds(packed.clone()),
            format!("{longer:.2}, {:.2}", ratio(&packed, &with_flags)),
        ]);
        report.at_most(TARGET, longer, &format!("start with {} routes", site.routes));
    }
    Ok(())
}

/// Starts Workers in turn, and returns the times until each responds, in milliseconds.
pub(super) fn times<const N: usize>(
    bench: &Bench,
    subjects: [&Subject; N],
    path: &str,
) -> Result<[Vec<f64>; N]> {
    Ok(starts(bench, subjects, path)?.map(|starts| starts.iter().map(|start| start.wall).collect()))
}

/// The start of a Worker up to its first response.
pub(super) struct Start {
    /// The elapsed time, in milliseconds.
    pub(super) wall: f64,
    /// The CPU time of all threads, in milliseconds.
    pub(super) cpu: f64,
}

/// Starts Workers in turn.
pub(super) fn starts<const N: usize>(
    bench: &Bench,
    subjects: [&Subject; N],
    path: &str,
) -> Result<[Vec<Start>; N]> {
    let mut starts = [const { Vec::new() }; N];
    for round in 0..=bench.rounds {
        for index in 0..N {
            // Rotates, so that no Worker always runs after the largest one.
            let index = (index + round) % N;
            let started = Instant::now();
            let workerd = subjects[index].start()?;
            get(workerd.port(), path)?;
            let wall = started.elapsed().as_secs_f64() * 1e3;
            let cpu = process::cpu_time(workerd.id())? * 1e3;
            // In the first round, files may not be in the page cache.
            if round > 0 {
                starts[index].push(Start { wall, cpu });
            }
        }
    }
    Ok(starts)
}
