//! The size of Workers in Rust, and the cost of compiling them after a page has changed.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use fs_err as fs;

use super::Bench;
use super::site::{OPTIONS, Site};
use crate::bench::report::{Report, float, megabytes, ratio, seconds};
use crate::bench::rust_program::{RustProgram, Steps};
use crate::files::lock;
use crate::tools::rust_worker::Environment;

/// The numbers of pages. The times are compared with those of the first.
const SITES: [usize; 4] = [10, 100, 1_000, 10_000];

/// The size of a page, which is about 2 kB under Brotli.
const PAGE: usize = 5_000;

/// The index of the site whose time has a target, and the maximum, compared with the first site.
const JUDGED: usize = 2;
const TARGET: f64 = 1.15;

/// A Worker that is compiled.
struct Subject {
    routes: usize,
    program: RustProgram,
    dist: PathBuf,
    /// The page that changes.
    page: PathBuf,
}

impl Subject {
    fn new(bench: &Bench, routes: usize) -> Result<Self> {
        let name = format!("compile-{routes}");
        let mut site = Site::new();
        let paths = site.add_pages("section", routes, PAGE);
        let dist = site.write(bench, &name)?;
        let program = RustProgram::create(&bench.folder.join(&name).join("crate"), &name)?;
        let page = dist.join(paths[routes / 2].trim_start_matches('/')).join("index.html");
        Ok(Self { routes, program, dist, page })
    }

    /// Changes a page, and packs the site.
    fn change(&self, bench: &Bench, round: usize) -> Result<()> {
        let mut page = fs::read_to_string(&self.page)?;
        writeln!(page, "<!-- {round} -->")?;
        fs::write(&self.page, page)?;
        let options: Vec<&str> = OPTIONS.into_iter().chain(["--effort", "fast"]).collect();
        self.program.pack(&bench.program, &self.dist, &options)
    }
}

/// Compiles the Workers in turn.
pub(super) fn measure(bench: &Bench, report: &mut Report) -> Result<()> {
    let _lock = lock("rust-worker")?;
    let environment = Environment::prepare()?;
    let sites = bench.scale.pick(&SITES[..], &[2, 3]);
    let subjects = sites.iter().map(|&routes| Subject::new(bench, routes));
    let subjects = subjects.collect::<Result<Vec<_>>>()?;
    let mut steps: Vec<Vec<Steps>> = sites.iter().map(|_| Vec::new()).collect();
    let mut sizes = vec![(0.0, 0.0); sites.len()];
    for round in 0..=bench.rounds {
        for (index, subject) in subjects.iter().enumerate() {
            subject.change(bench, round)?;
            let (program, cost) = subject.program.build_in_steps(&environment)?;
            sizes[index] = weigh(&program)?;
            // The first round compiles what all of them depend on.
            if round > 0 {
                steps[index].push(cost);
            }
        }
    }
    report.table(
        "Compiling a Worker in Rust after a page has changed, CPU time",
        &["pages", "program", "under gzip", "cargo", "wasm-bindgen", "wasm-opt", "all", "ratio"],
    );
    let cpu: Vec<Vec<f64>> =
        steps.iter().map(|rounds| rounds.iter().map(Steps::cpu).collect()).collect();
    for (index, (subject, rounds)) in subjects.iter().zip(&steps).enumerate() {
        let part = |time: fn(&Steps) -> f64| seconds(&rounds.iter().map(time).collect::<Vec<_>>());
        let (size, gzip) = sizes[index];
        let longer = ratio(&cpu[index], &cpu[0]);
        report.row(&[
            subject.routes.to_string(),
            megabytes(size),
            megabytes(gzip),
            part(|steps| steps.cargo.cpu),
            part(|steps| steps.bindgen.cpu),
            part(|steps| steps.optimise.cpu),
            part(Steps::cpu),
            format!("{longer:.2}"),
        ]);
        if index == JUDGED {
            let what = format!("compiling {} pages in Rust", subject.routes);
            report.at_most(TARGET, longer, &what);
        }
    }
    Ok(())
}

/// Returns the size of a file, and that under gzip.
fn weigh(file: &Path) -> Result<(f64, f64)> {
    let gzip = Command::new("gzip").args(["-9", "--stdout"]).arg(file).output();
    let gzip = gzip.context("cannot run gzip")?.stdout.len();
    Ok((float(fs::read(file)?.len()), float(gzip)))
}
