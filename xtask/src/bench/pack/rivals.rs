//! The time and results of Astro integrations for the same files.

use anyhow::{Context as _, Result};

use super::Bench;
use super::sites::{self, Manifest, Site};
use crate::bench::Scale;
use crate::bench::report::{Report, float, megabytes, seconds};
use crate::bench::rivals::{self, Codings, Time};
use crate::tools::npm_tools::Tools;

/// Minimum time of the integrations, compared with that of worker-pack.
const TARGET: f64 = 3.0;

/// Measures each site once, since the integrations take minutes.
pub(super) fn measure(bench: &Bench, report: &mut Report) -> Result<()> {
    let tools = Tools::install_from("rivals")?;
    let mut sites = vec![Site::docs(bench)?];
    if bench.scale == Scale::Full {
        sites.insert(0, Site::blog(bench)?);
    }
    sites::settle(bench)?;
    report.table(
        "Compared with @playform/compress followed by astro-compressor, one round",
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
        for codings in [Codings::Default, Codings::BrotliOnly] {
            compare(bench, &tools, site, codings, report)?;
        }
    }
    Ok(())
}

fn compare(
    bench: &Bench,
    tools: &Tools,
    site: &Site,
    codings: Codings,
    report: &mut Report,
) -> Result<()> {
    let place = bench.place()?;
    let ours = bench.build(&site.dist, &place, &[])?;
    let theirs = rivals::integrations(tools, &site.dist, codings)?;

    let assets = Manifest::read(&place.out)?.assets;
    let (mut our_bytes, mut their_bytes) = (0.0, 0.0);
    for (path, asset) in &assets {
        let sizes = asset.representations.iter().map(|body| body.bytes);
        our_bytes += float(sizes.min().with_context(|| format!("{path} has no body"))?);
        let size = theirs.sizes.get(path.trim_start_matches('/'));
        their_bytes += size.with_context(|| format!("the integrations have no {path}"))?;
    }

    let both = |time: &Time| format!("{}, {}", seconds(&[time.wall]), seconds(&[time.cpu]));
    let (playform, compressor) = (&theirs.playform, &theirs.astro_compressor);
    let longer = (playform.wall + compressor.wall) / ours.wall;
    let more = (playform.cpu + compressor.cpu) / ours.cpu;
    let larger = their_bytes / our_bytes;
    let options = match codings {
        Codings::Default => "by default",
        Codings::BrotliOnly => "Brotli only",
    };
    report.row(&[
        site.name.to_owned(),
        options.to_owned(),
        both(playform),
        both(compressor),
        both(&Time { wall: ours.wall, cpu: ours.cpu }),
        format!("{longer:.1}, {more:.1}"),
        assets.len().to_string(),
        megabytes(their_bytes),
        megabytes(our_bytes),
        format!("{larger:.3}"),
    ]);
    let what = format!("{}, {options}", site.name);
    report.at_least(TARGET, longer, &format!("their time for {what}"));
    report.at_most(their_bytes, our_bytes, &format!("bytes as sent for {what}"));
    Ok(())
}
