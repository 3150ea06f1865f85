//! The Worker in Rust, beside the handwritten one and the one for JavaScript hosts.

use anyhow::{Result, ensure};

use super::load::Load;
use super::memory::after_requests;
use super::site::{self, OPTIONS, Site};
use super::startup::times;
use super::throughput::{self, Rates};
use super::{Bench, Subject, get, rival};
use crate::bench::Scale;
use crate::bench::report::{Report, median, megabytes, milliseconds, ratio};
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

/// A generated site as Workers of three kinds.
struct Trio {
    routes: usize,
    handwritten: Subject,
    packed: Subject,
    rust: Subject,
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
    let sites = sites.iter().map(|&(small, large)| trio(bench, &environment, small, large));
    let sites = sites.collect::<Result<Vec<Trio>>>()?;
    rates(bench, &sites[0], report)?;
    starts(bench, &sites, report)?;
    memory(bench, &sites, report)
}

fn trio(bench: &Bench, environment: &Environment, small: usize, large: usize) -> Result<Trio> {
    let mut site = Site::new();
    let (routes, name) = (small + large, format!("rust-{small}-{large}"));
    let small = site.add_pages("small", small, SMALL);
    let large = site.add_pages("large", large, LARGE);
    let packed = site.pack(bench, &name)?;
    let program = RustProgram::create(&bench.folder.join(&name).join("crate"), &name)?;
    program.pack(&bench.program, &bench.folder.join(&name).join("dist"), &OPTIONS)?;
    let (rust, shipped) = site::rust_worker(&program.build(environment)?)?;
    let (handwritten, _) = site::worker(&rival::write(&packed)?, "index.js")?;
    let (packed, _) = site::packed_worker(&packed)?;
    Ok(Trio {
        routes,
        handwritten: bench.subject(&format!("{name}-handwritten"), &handwritten)?,
        packed: bench.subject(&format!("{name}-packed"), &packed)?,
        rust: bench.subject(&format!("{name}-rust"), &rust)?,
        shipped,
        small,
        large,
    })
}

fn rates(bench: &Bench, site: &Trio, report: &mut Report) -> Result<()> {
    let running = [site.handwritten.start()?, site.packed.start()?, site.rust.start()?];
    report.table(
        "Requests per second of a Worker in Rust",
        &["pages", "body", "handwritten", "packed", "in Rust", "ratios", "CPU time"],
    );
    let Trio { small, large, .. } = site;
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
        let Rates { rates: [handwritten, packed, rust], times } =
            throughput::rates(bench, &running, &load)?;
        let body = get(running[0].port(), &paths[0])?.1.len();
        let faster = ratio(&rust, &handwritten);
        let rate = |rates: &[f64]| format!("{:.0}", median(rates.iter().copied()));
        let times = times.map(|times| format!("{:.0}", median(times)));
        report.row(&[
            paths.len().to_string(),
            format!("{body} B"),
            rate(&handwritten),
            rate(&packed),
            rate(&rust),
            format!("{faster:.2}, {:.2}", ratio(&rust, &packed)),
            format!("{} µs", times.join(", ")),
        ]);
        let what = format!("{} pages of {body} B in Rust", paths.len());
        report.at_least(RATE_TARGET, faster, &what);
    }
    Ok(())
}

fn starts(bench: &Bench, sites: &[Trio], report: &mut Report) -> Result<()> {
    report.table(
        "From the start of workerd to the first reply of a Worker in Rust",
        &["routes", "modules", "handwritten", "packed", "in Rust", "ratios"],
    );
    for site in sites {
        let path = &site.small[site.small.len() / 2];
        let subjects = [&site.handwritten, &site.packed, &site.rust];
        let [handwritten, packed, rust] = times(bench, subjects, path)?;
        let longer = ratio(&rust, &handwritten);
        report.row(&[
            site.routes.to_string(),
            megabytes(site.shipped),
            milliseconds(handwritten),
            milliseconds(packed.clone()),
            milliseconds(rust.clone()),
            format!("{longer:.2}, {:.2}", ratio(&rust, &packed)),
        ]);
        let what = format!("start in Rust with {} routes", site.routes);
        report.at_most(START_TARGET, longer, &what);
    }
    Ok(())
}

fn memory(bench: &Bench, sites: &[Trio], report: &mut Report) -> Result<()> {
    let empty = bench.subject("empty", &site::empty_worker(bench)?)?;
    report.table(
        "Memory of a Worker in Rust, beyond that of an empty Worker",
        &["routes", "modules", "handwritten", "packed", "in Rust", "workerd's own code"],
    );
    for site in sites {
        let memory = |subject: &Subject| after_requests(bench, subject, &site.small);
        let (empty, rust) = (memory(&empty)?, memory(&site.rust)?);
        report.row(&[
            site.routes.to_string(),
            megabytes(site.shipped),
            megabytes(memory(&site.handwritten)?.own - empty.own),
            megabytes(memory(&site.packed)?.own - empty.own),
            megabytes(rust.own - empty.own),
            megabytes(rust.files - empty.files),
        ]);
    }
    Ok(())
}
