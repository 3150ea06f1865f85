//! The cost of fewer bytes: the resources of a pack without a cache, and the size of the Worker.

use std::path::Path;

use anyhow::Result;

use super::packed::{Pack, Packs};
use crate::bench::report::{Report, float, kilobytes, median, megabytes, ratio, seconds};
use crate::files;

/// The files of a Worker that are its table.
const TABLE: [&str; 2] = ["table.bin", "plain.bin"];

/// The sizes of a packed Worker, in bytes.
struct Sizes {
    table: f64,
    all: f64,
}

/// Compares the packs of each site.
pub(super) fn report(packs: &[Packs], report: &mut Report) -> Result<()> {
    let columns =
        ["", "", "CPU", "ratio", "wall", "peak memory", "table", "ratio", "Worker", "ratio"];
    report.table("The cost: a pack without a cache, and the Worker that it makes", &columns);
    for site in packs {
        let plain_sizes = sizes(&site.plain)?;
        for (name, pack) in
            [("plain", &site.plain), ("pictures and dictionaries", &site.everything)]
        {
            let cpu = |pack: &Pack| pack.usages.iter().map(|usage| usage.cpu).collect::<Vec<_>>();
            let wall: Vec<f64> = pack.usages.iter().map(|usage| usage.wall).collect();
            let sizes = sizes(pack)?;
            report.row(&[
                site.name.clone(),
                name.to_owned(),
                seconds(&cpu(pack)),
                format!("{:.2}", ratio(&cpu(pack), &cpu(&site.plain))),
                seconds(&wall),
                megabytes(median(pack.usages.iter().map(|usage| usage.peak))),
                kilobytes(sizes.table),
                format!("{:.2}", sizes.table / plain_sizes.table),
                megabytes(sizes.all),
                format!("{:.2}", sizes.all / plain_sizes.all),
            ]);
        }
    }
    Ok(())
}

fn sizes(pack: &Pack) -> Result<Sizes> {
    let mut sizes = Sizes { table: 0.0, all: 0.0 };
    for (name, bytes) in files::read(&pack.worker, &[])? {
        let bytes = float(bytes.len());
        sizes.all += bytes;
        if TABLE.iter().any(|table| name == Path::new(table)) {
            sizes.table += bytes;
        }
    }
    Ok(sizes)
}
