//! Requests per second.

use anyhow::{Result, ensure};

use super::load::Load;
use super::site::{self, Site};
use super::{Bench, get, rival};
use crate::bench::report::{Report, median, ratio};
use crate::bench::{Scale, process};
use crate::server::process::Server;

/// Minimum requests per second of the packed Worker, compared with the handwritten one.
const TARGET: f64 = 0.95;

/// The duration of each load.
const SECONDS: u32 = 2;

/// Measures pages of two sizes: one page alone, and many of them in turn.
pub(super) fn measure(bench: &Bench, report: &mut Report) -> Result<()> {
    let mut site = Site::new();
    let small = site.add_pages("small", bench.scale.pick(2_000, 5), 5_000);
    let large = site.add_pages("large", bench.scale.pick(100, 2), 118_000);
    let packed = site.pack(bench, "throughput")?;
    let (mut handwritten, _) = site::worker(&rival::write(&packed)?, "index.js")?;
    let bare = bench.subject("handwritten", &handwritten)?;
    let (packed, _) = site::packed_worker(&packed)?;
    handwritten.compatibility_flags.clone_from(&packed.compatibility_flags);
    let with_flags = bench.subject("handwritten-flags", &handwritten)?;
    let running = [bare.start()?, with_flags.start()?, bench.subject("packed", &packed)?.start()?];

    report.table(
        "Requests per second",
        &["pages", "body", "handwritten", "with `nodejs_compat`", "packed", "ratios", "CPU time"],
    );
    let loads = match bench.scale {
        Scale::Full => vec![&small[..1], &small[..500], &small, &large[..1], &large],
        Scale::Smoke => vec![&large[..]],
    };
    for paths in loads {
        for path in paths {
            let [expected, _, response] = running.each_ref().map(|one| get(one.port(), path));
            let ((expected, expected_body), (response, body)) = (expected?, response?);
            ensure!(
                expected.headers == response.headers && expected_body == body,
                "the responses to {path} differ"
            );
        }
        let load = Load::new(&bench.folder, paths)?;
        let Rates { rates, times } = self::rates(bench, &running, &load)?;
        let body = get(running[0].port(), &paths[0])?.1.len();
        let [handwritten, with_flags, packed] = &rates;
        let faster = ratio(packed, handwritten);
        let rate = |rates: &[f64]| format!("{:.0}", median(rates.iter().copied()));
        let [time_handwritten, time_with_flags, time] =
            times.map(|times| format!("{:.0}", median(times)));
        report.row(&[
            paths.len().to_string(),
            format!("{body} B"),
            rate(handwritten),
            rate(with_flags),
            rate(packed),
            format!("{faster:.2}, {:.2}", ratio(packed, with_flags)),
            format!("{time_handwritten}, {time_with_flags}, {time} µs"),
        ]);
        report.at_least(TARGET, faster, &format!("{} pages of {body} B", paths.len()));
    }
    Ok(())
}

/// The speed of Workers under a load, in each round.
pub(super) struct Rates<const N: usize> {
    /// Requests per second.
    pub(super) rates: [Vec<f64>; N],
    /// CPU times per request, in microseconds.
    pub(super) times: [Vec<f64>; N],
}

/// Sends the load to Workers in turn.
pub(super) fn rates<const N: usize>(
    bench: &Bench,
    running: &[Server; N],
    load: &Load,
) -> Result<Rates<N>> {
    let mut rates = [const { Vec::new() }; N];
    let mut times = [const { Vec::new() }; N];
    for round in 0..=bench.rounds {
        for index in 0..N {
            let index = (index + round) % N;
            let workerd = &running[index];
            let before = process::cpu_time(workerd.id())?;
            let answered = load.run(workerd.port(), bench.scale.pick(SECONDS, 1))?;
            let time = process::cpu_time(workerd.id())? - before;
            // The first round warms up.
            if round > 0 {
                rates[index].push(answered.per_second);
                times[index].push(time * 1e6 / f64::from(answered.count));
            }
        }
    }
    Ok(Rates { rates, times })
}
