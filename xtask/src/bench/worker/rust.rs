//! The Worker in Rust, beside the handwritten one and the one for JavaScript hosts.

use anyhow::{Result, ensure};

use super::load::Load;
use super::memory::after_requests;
use super::site::{self, OPTIONS, Site};
use super::startup::{Start, starts};
use super::throughput::{self, Rates};
use super::{Bench, Subject, get, rival};
use crate::bench::Scale;
use crate::bench::report::{Report, median, megabytes, ratio};
use crate::bench::rust_program::RustProgram;
use crate::files::lock;
use crate::tools::rust_worker::Environment;

/// Minimum requests per second, compared with the handwritten Worker.
const RATE_TARGET: f64 = 0.95;

/// Maximum time to the first reply, compared with the handwritten Worker.
const START_TARGET: f64 = 1.1;

/// The numbers of small and of large pages of the sites. Those of the first are requested.
const SITES: [(usize, usize); 3] = [(2_000, 100), (1_000, 0), (100, 0)];

/// The sizes of pages that are about 2 and 40 kB under Brotli.
const SMALL: usize = 5_000;
const LARGE: usize = 118_000;

/// The Workers, in the order of all results.
const NAMES: [&str; 4] = ["handwritten", "packed", "in Rust", "in Rust, site in modules"];

/// A generated site as Workers of all kinds.
struct Workers {
    routes: usize,
    subjects: [Subject; NAMES.len()],
    /// The size of the Worker in Rust, in bytes.
    shipped: f64,
    small: Vec<String>,
    large: Vec<String>,
}

/// Measures all of it.
pub(super) fn measure(bench: &Bench, report: &mut Report) -> Result<()> {
    let _lock = lock("rust-worker")?;
    let environment = Environment::prepare()?;
    let sites = bench.scale.pick(&SITES[..], &[(5, 2)]);
    let sites = sites.iter().map(|&(small, large)| workers(bench, &environment, small, large));
    let sites = sites.collect::<Result<Vec<Workers>>>()?;
    measure_rates(bench, &sites[0], report)?;
    measure_starts(bench, &sites, report)?;
    measure_memory(bench, &sites, report)
}

fn workers(
    bench: &Bench,
    environment: &Environment,
    small: usize,
    large: usize,
) -> Result<Workers> {
    let mut site = Site::new();
    let (routes, name) = (small + large, format!("rust-{small}-{large}"));
    let small = site.add_pages("small", small, SMALL);
    let large = site.add_pages("large", large, LARGE);
    let packed = site.pack(bench, &name)?;
    let folder = bench.folder.join(&name);
    let build = |site_data: &str| {
        let program = RustProgram::create(&folder.join(site_data), &format!("{name}-{site_data}"))?;
        let options: Vec<&str> = OPTIONS.into_iter().chain(["--site-data", site_data]).collect();
        program.pack(&bench.program, &folder.join("dist"), &options)?;
        site::rust_worker(&program.build(environment)?)
    };
    let (compiled, shipped) = build("compiled")?;
    let (with_modules, _) = build("modules")?;
    let (handwritten, _) = site::worker(&rival::write(&packed)?, "index.js")?;
    let (packed, _) = site::packed_worker(&packed)?;
    Ok(Workers {
        routes,
        subjects: [
            bench.subject(&format!("{name}-handwritten"), &handwritten)?,
            bench.subject(&format!("{name}-packed"), &packed)?,
            bench.subject(&format!("{name}-compiled"), &compiled)?,
            bench.subject(&format!("{name}-modules"), &with_modules)?,
        ],
        shipped,
        small,
        large,
    })
}

/// Returns the columns of a table: some, the values of all Workers, and what follows them.
fn columns<'c>(first: &[&'c str], last: &[&'c str]) -> Vec<&'c str> {
    first.iter().chain(&NAMES).chain(last).copied().collect()
}

/// Returns the ratios of Workers to the first one, as a cell of a table.
fn ratios(values: &[Vec<f64>; NAMES.len()]) -> String {
    let ratios = values.iter().skip(1).map(|one| format!("{:.2}", ratio(one, &values[0])));
    ratios.collect::<Vec<_>>().join(", ")
}

fn medians(values: &[Vec<f64>], unit: &str) -> Vec<String> {
    values.iter().map(|values| format!("{:.0}{unit}", median(values.iter().copied()))).collect()
}

fn measure_rates(bench: &Bench, site: &Workers, report: &mut Report) -> Result<()> {
    let mut running = Vec::new();
    for subject in &site.subjects {
        running.push(subject.start()?);
    }
    let Ok(running) = <[_; NAMES.len()]>::try_from(running) else { unreachable!("one for each") };
    let title = "Requests per second of a Worker in Rust";
    report.table(title, &columns(&["pages", "body"], &["ratios", "CPU time in µs"]));
    let Workers { small, large, .. } = site;
    let loads = match bench.scale {
        Scale::Full => vec![&small[..1], &small[..500], &small, &large[..1], &large],
        Scale::Smoke => vec![&large[..]],
    };
    for paths in loads {
        for path in paths {
            let (expected, expected_body) = get(running[0].port(), path)?;
            for one in &running[2..] {
                let (response, body) = get(one.port(), path)?;
                ensure!(
                    expected.headers == response.headers && expected_body == body,
                    "the responses to {path} differ"
                );
            }
        }
        let load = Load::new(&bench.folder, paths)?;
        let Rates { rates, times } = throughput::rates(bench, &running, &load)?;
        let body = get(running[0].port(), &paths[0])?.1.len();
        let mut row = vec![paths.len().to_string(), format!("{body} B")];
        row.extend(medians(&rates, ""));
        row.extend([ratios(&rates), medians(&times, "").join(", ")]);
        report.row(&row);
        let what = format!("{} pages of {body} B in Rust", paths.len());
        report.at_least(RATE_TARGET, ratio(&rates[2], &rates[0]), &what);
    }
    Ok(())
}

fn measure_starts(bench: &Bench, sites: &[Workers], report: &mut Report) -> Result<()> {
    let title = "From the start of workerd to the first reply of a Worker in Rust";
    let last = ["ratios", "CPU time in ms", "ratios"];
    report.table(title, &columns(&["routes", "modules"], &last));
    for site in sites {
        let path = &site.small[site.small.len() / 2];
        let starts = starts(bench, site.subjects.each_ref(), path)?;
        let part =
            |part: fn(&Start) -> f64| starts.each_ref().map(|all| all.iter().map(part).collect());
        let (walls, cpus) = (part(|start| start.wall), part(|start| start.cpu));
        let mut row = vec![site.routes.to_string(), megabytes(site.shipped)];
        row.extend(medians(&walls, " ms"));
        row.extend([ratios(&walls), medians(&cpus, "").join(", "), ratios(&cpus)]);
        report.row(&row);
        let what = format!("start in Rust with {} routes", site.routes);
        report.at_most(START_TARGET, ratio(&walls[2], &walls[0]), &what);
    }
    Ok(())
}

fn measure_memory(bench: &Bench, sites: &[Workers], report: &mut Report) -> Result<()> {
    let empty = bench.subject("empty", &site::empty_worker(bench)?)?;
    let title = "Memory of a Worker in Rust, beyond that of an empty Worker";
    report.table(title, &columns(&["routes", "modules"], &["workerd's own code"]));
    for site in sites {
        let empty = after_requests(bench, &empty, &site.small)?;
        let mut row = vec![site.routes.to_string(), megabytes(site.shipped)];
        let mut files = 0.0;
        for subject in &site.subjects {
            let memory = after_requests(bench, subject, &site.small)?;
            row.push(megabytes(memory.own - empty.own));
            files = memory.files - empty.files;
        }
        row.push(megabytes(files));
        report.row(&row);
    }
    Ok(())
}
