//! The time from the start of workerd to the first reply.

use std::time::Instant;

use super::site::{self, Site};
use super::{Bench, Subject, rival};
use crate::bench::client::Answer;
use crate::bench::report::{Report, megabytes, milliseconds, ratio};

/// How much longer than the Worker by hand the packed one may take.
const AIM: f64 = 1.1;

/// How many routes the sites have, and how large their pages are.
const SITES: [(usize, usize); 2] = [(1_000, 8_000), (20_000, 1_500)];

/// A made-up site as a Worker in both ways.
pub(super) struct Pair {
    pub(super) routes: usize,
    /// The size of the packed Worker, in bytes.
    pub(super) shipped: f64,
    pub(super) packed: Subject,
    pub(super) by_hand: Subject,
    /// That one with the packed Worker's flags, which bring the decoder for clients without Brotli.
    by_hand_with_flags: Subject,
    /// All paths of the site.
    pub(super) paths: Vec<String>,
}

/// Makes the sites.
pub(super) fn sites(bench: &Bench) -> Result<Vec<Pair>, String> {
    SITES.into_iter().map(|(routes, size)| pair(bench, routes, size)).collect()
}

fn pair(bench: &Bench, routes: usize, size: usize) -> Result<Pair, String> {
    let mut site = Site::new();
    let paths = site.add_pages("section", routes, size);
    let name = format!("routes-{routes}");
    let folder = site.pack(bench, &name)?;
    let (packed, shipped) = site::packed_worker(&folder)?;
    let (mut by_hand, _) = site::worker(&rival::write(&folder)?, "index.js")?;
    let bare = bench.subject(&format!("{name}-by-hand"), &by_hand)?;
    by_hand.compatibility_flags.clone_from(&packed.compatibility_flags);
    Ok(Pair {
        routes,
        shipped,
        packed: bench.subject(&format!("{name}-packed"), &packed)?,
        by_hand: bare,
        by_hand_with_flags: bench.subject(&format!("{name}-by-hand-flags"), &by_hand)?,
        paths,
    })
}

/// Measures both ways.
pub(super) fn measure(bench: &Bench, sites: &[Pair], report: &mut Report) -> Result<(), String> {
    report.table(
        "Start of workerd to the first reply",
        &["routes", "modules", "by hand", "and with `nodejs_compat`", "packed", "ratios"],
    );
    for site in sites {
        let path = &site.paths[site.paths.len() / 2];
        let subjects = [&site.by_hand, &site.by_hand_with_flags, &site.packed];
        let [by_hand, with_flags, packed] = times(bench, subjects, path)?;
        let longer = ratio(&packed, &by_hand);
        report.row(&[
            site.routes.to_string(),
            megabytes(site.shipped),
            milliseconds(by_hand),
            milliseconds(with_flags.clone()),
            milliseconds(packed.clone()),
            format!("{longer:.2}, {:.2}", ratio(&packed, &with_flags)),
        ]);
        report.at_most(AIM, longer, &format!("start with {} routes", site.routes));
    }
    Ok(())
}

/// Starts Workers in turn, and returns how long each took to answer, in milliseconds.
pub(super) fn times<const N: usize>(
    bench: &Bench,
    subjects: [&Subject; N],
    path: &str,
) -> Result<[Vec<f64>; N], String> {
    let mut times = [const { Vec::new() }; N];
    for round in 0..=bench.rounds {
        for index in 0..N {
            // None of them is always the one that comes after the largest.
            let index = (index + round) % N;
            let started = Instant::now();
            let workerd = subjects[index].start()?;
            Answer::get(workerd.port(), path)?;
            let time = started.elapsed().as_secs_f64() * 1e3;
            // In the first round, files are read for the first time.
            if round > 0 {
                times[index].push(time);
            }
        }
    }
    Ok(times)
}
