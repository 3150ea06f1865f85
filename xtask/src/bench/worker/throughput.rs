//! Requests per second.

use super::load::Load;
use super::site::{self, Site};
use super::{Bench, rival};
use crate::bench::client::Answer;
use crate::bench::process;
use crate::bench::report::{Report, median, ratio};

/// How much of what the Worker by hand answers the packed one has to answer.
const AIM: f64 = 0.95;

/// How long the load lasts each time.
const SECONDS: u32 = 2;

/// Measures pages of two sizes: one page alone, and many of them in turn.
pub(super) fn measure(bench: &Bench, report: &mut Report) -> Result<(), String> {
    let mut site = Site::new();
    let small = site.add_pages("small", 2_000, 5_000);
    let large = site.add_pages("large", 100, 118_000);
    let packed = site.pack(bench, "throughput")?;
    let (mut by_hand, _) = site::worker(&rival::write(&packed)?, "index.js")?;
    let bare = bench.subject("by-hand", &by_hand)?;
    let (packed, _) = site::packed_worker(&packed)?;
    by_hand.compatibility_flags.clone_from(&packed.compatibility_flags);
    let with_flags = bench.subject("by-hand-flags", &by_hand)?;
    let running = [bare.start()?, with_flags.start()?, bench.subject("packed", &packed)?.start()?];

    report.table(
        "Requests per second",
        &["pages", "body", "by hand", "and with `nodejs_compat`", "packed", "ratios", "CPU time"],
    );
    for paths in [&small[..1], &small[..500], &small, &large[..1], &large] {
        for path in paths {
            let [expected, _, answer] = running.each_ref().map(|one| Answer::get(one.port(), path));
            if expected? != answer? {
                return Err(format!("the answers to {path} differ"));
            }
        }
        let load = Load::new(&bench.folder, paths)?;
        let mut rates = [const { Vec::new() }; 3];
        let mut times = [const { Vec::new() }; 3];
        for round in 0..=bench.rounds {
            for index in 0..running.len() {
                let index = (index + round) % running.len();
                let workerd = &running[index];
                let before = process::cpu_time(workerd.id())?;
                let answered = load.run(workerd.port(), SECONDS)?;
                let time = process::cpu_time(workerd.id())? - before;
                // The first round warms up.
                if round > 0 {
                    rates[index].push(answered.per_second);
                    times[index].push(time * 1e6 / f64::from(answered.count));
                }
            }
        }
        let body = Answer::get(running[0].port(), &paths[0])?.len();
        let [by_hand, with_flags, packed] = &rates;
        let faster = ratio(packed, by_hand);
        let rate = |rates: &[f64]| format!("{:.0}", median(rates.iter().copied()));
        let [time_by_hand, time_with_flags, time] =
            times.map(|times| format!("{:.0}", median(times)));
        report.row(&[
            paths.len().to_string(),
            format!("{body} B"),
            rate(by_hand),
            rate(with_flags),
            rate(packed),
            format!("{faster:.2}, {:.2}", ratio(packed, with_flags)),
            format!("{time_by_hand}, {time_with_flags}, {time} µs"),
        ]);
        report.at_least(AIM, faster, &format!("{} pages of {body} B", paths.len()));
    }
    Ok(())
}
