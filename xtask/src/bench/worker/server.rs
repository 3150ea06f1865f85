//! An Astro server: as Astro wrote it, without unused modules, and minified.

use anyhow::Result;

use super::startup::times;
use super::{Bench, site};
use crate::bench::report::{Report, float, milliseconds, ratio};
use crate::files;
use crate::sites::project::{Project, Rebuild};

/// A page that is rendered on request.
const PAGE: &str = "/desk";

/// Measures the start of the example in all three forms.
pub(super) fn measure(bench: &Bench, report: &mut Report) -> Result<()> {
    let project = Project::example("astro-ssr").build_copy(Rebuild::IfChanged)?;
    let server = project.dist().join("server");
    let packed = |code: &str| {
        let name = format!("server-{code}");
        let folder = site::pack(bench, &name, &project.dist(), &["--server-code", code])?;
        let (worker, _) = site::packed_worker(&folder)?;
        let (_, size) = site::worker(&folder.join("server"), "entry.mjs")?;
        Ok::<_, anyhow::Error>((bench.subject(&name, &worker)?, size))
    };
    let (written, written_size) = site::worker(&server, "entry.mjs")?;
    let written = bench.subject("server-written", &written)?;
    let (original, original_size) = packed("original")?;
    let (minified, minified_size) = packed("minified")?;

    let all = times(bench, [&written, &original, &minified], PAGE)?;
    report.table(
        "From the start of workerd to the first page of an Astro server",
        &["", "its modules", "start", "ratio"],
    );
    let maps = files::read(&server, &[])?.into_iter().filter(|(name, _)| is_map(name));
    let maps: f64 = maps.map(|(_, bytes)| float(bytes.len())).sum();
    let maps_size = kilobytes(maps);
    let names = [
        format!("as Astro wrote it, besides {maps_size} of source maps"),
        "packed, `--server-code original`".to_owned(),
        "packed, `--server-code minified`".to_owned(),
    ];
    let sizes = [written_size, original_size, minified_size];
    for ((name, size), start) in names.into_iter().zip(sizes).zip(&all) {
        report.row(&[
            name,
            kilobytes(size),
            milliseconds(start.clone()),
            format!("{:.2}", ratio(start, &all[0])),
        ]);
    }
    Ok(())
}

fn is_map(name: &std::path::Path) -> bool {
    name.extension().is_some_and(|extension| extension == "map")
}

fn kilobytes(bytes: f64) -> String {
    format!("{:.0} kB", bytes / 1e3)
}
