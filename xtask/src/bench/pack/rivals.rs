//! What Astro's integrations take, and what they make of the same files.

use super::Bench;
use super::sites::{self, Site};
use crate::bench::report::{Report, megabytes, seconds};
use crate::bench::rivals::{Rivals, Time};

/// How many times as long as worker-pack they are to take.
const AIM: f64 = 3.0;

/// Measures each once: they take minutes.
pub(super) fn measure(bench: &Bench, report: &mut Report) -> Result<(), String> {
    let rivals = Rivals::install()?;
    let sites = [Site::blog(bench)?, Site::docs(bench)?];
    sites::settle()?;
    report.table(
        "Against @playform/compress and astro-compressor, once",
        &[
            "",
            "",
            "@playform/compress, wall and CPU",
            "astro-compressor, wall and CPU",
            "worker-pack, wall and CPU",
            "ratios",
            "files",
            "their bytes as sent",
            "worker-pack's",
            "ratio",
        ],
    );
    for site in &sites {
        for brotli_only in [false, true] {
            compare(bench, &rivals, site, brotli_only, report)?;
        }
    }
    Ok(())
}

fn compare(
    bench: &Bench,
    rivals: &Rivals,
    site: &Site,
    brotli_only: bool,
    report: &mut Report,
) -> Result<(), String> {
    let place = bench.place()?;
    let ours = bench.build(&site.dist, &place, &[])?;
    let theirs = rivals.integrations(&site.dist, brotli_only)?;

    let packed = sites::manifest(&place.out)?;
    let (mut our_bytes, mut their_bytes) = (0.0, 0.0);
    for file in &packed {
        let smallest = file.bodies.iter().map(|(.., size)| *size).min_by(f64::total_cmp);
        our_bytes += smallest.ok_or_else(|| format!("{} has no body", file.name))?;
        let size = theirs.sizes.get(&file.name);
        their_bytes += size.ok_or_else(|| format!("they have no {}", file.name))?;
    }

    let both = |time: &Time| format!("{}, {}", seconds(&[time.wall]), seconds(&[time.cpu]));
    let (playform, compressor) = (&theirs.playform, &theirs.astro_compressor);
    let longer = (playform.wall + compressor.wall) / ours.wall;
    let more = (playform.cpu + compressor.cpu) / ours.cpu;
    let larger = their_bytes / our_bytes;
    let options = if brotli_only { "Brotli only" } else { "by default" };
    report.row(&[
        site.name.to_owned(),
        options.to_owned(),
        both(playform),
        both(compressor),
        both(&Time { wall: ours.wall, cpu: ours.cpu }),
        format!("{longer:.1}, {more:.1}"),
        packed.len().to_string(),
        megabytes(their_bytes),
        megabytes(our_bytes),
        format!("{larger:.3}"),
    ]);
    let what = format!("{}, {options}", site.name);
    report.at_least(AIM, longer, &format!("their time for {what}"));
    report.at_most(their_bytes, our_bytes, &format!("bytes as sent for {what}"));
    Ok(())
}
