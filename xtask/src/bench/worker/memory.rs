//! The size of the engine, and the memory of Workers.

use std::process::Command;

use anyhow::{Context as _, Result};
use fs_err as fs;

use super::startup::Pair;
use super::{Bench, Subject, get, site};
use crate::bench::process::Memory;
use crate::bench::report::{Report, float, median, megabytes};

/// Maximum size of the engine under gzip, in bytes.
const ENGINE_TARGET: f64 = 60e3;

/// Maximum memory of the packed Worker beyond its modules, in bytes.
const MEMORY_TARGET: f64 = 8e6;

/// The number of pages that are requested before the memory is read, each twice. After many more
/// requests most of it is garbage that V8 has not collected yet.
const PAGES: usize = 1000;

/// The number of processes of each Worker.
const ROUNDS: usize = 3;

/// Measures both.
pub(super) fn measure(bench: &Bench, sites: &[Pair], report: &mut Report) -> Result<()> {
    engine(bench, report)?;
    let empty = bench.subject("empty", &site::empty_worker(bench)?)?;
    report.table(
        &format!("Memory after {} requests, beyond that of an empty Worker", 2 * PAGES),
        &[
            "routes",
            "modules",
            "handwritten",
            "packed",
            "packed, beyond the modules",
            "workerd's own code",
        ],
    );
    for site in sites {
        let memory = |subject: &Subject| after_requests(bench, subject, &site.paths);
        let (empty, handwritten) = (memory(&empty)?, memory(&site.handwritten)?);
        let packed = memory(&site.packed)?;
        // The modules are in memory twice, once in the configuration of workerd.
        let beyond = packed.own - empty.own - 2.0 * site.shipped;
        report.row(&[
            site.routes.to_string(),
            megabytes(site.shipped),
            megabytes(handwritten.own - empty.own),
            megabytes(packed.own - empty.own),
            megabytes(beyond),
            megabytes(packed.files - empty.files),
        ]);
        let what = format!("memory beyond the modules with {} routes, in MB", site.routes);
        report.at_most(MEMORY_TARGET / 1e6, beyond / 1e6, &what);
    }
    Ok(())
}

/// Returns the memory of a Worker after some requests.
pub(super) fn after_requests(bench: &Bench, subject: &Subject, paths: &[String]) -> Result<Memory> {
    let mut values = Vec::new();
    for _ in 0..bench.scale.pick(ROUNDS, 1) {
        let workerd = subject.start()?;
        for _ in 0..2 {
            for path in paths.iter().step_by((paths.len() / PAGES).max(1)) {
                get(workerd.port(), path)?;
            }
        }
        values.push(Memory::of(workerd.id())?);
    }
    let middle = |part: fn(&Memory) -> f64| median(values.iter().map(part));
    Ok(Memory { own: middle(|memory| memory.own), files: middle(|memory| memory.files) })
}

fn engine(bench: &Bench, report: &mut Report) -> Result<()> {
    let engine = bench.folder.join("throughput/packed/bundle/worker/engine.wasm");
    let gzip = Command::new("gzip").args(["-9", "--stdout"]).arg(&engine).output();
    let gzip = gzip.context("cannot run gzip")?.stdout.len();
    let size = fs::read(&engine)?.len();
    let (size, gzip) = (float(size), float(gzip));
    report.table("The engine", &["size", "under gzip"]);
    report.row(&[format!("{:.1} kB", size / 1e3), format!("{:.1} kB", gzip / 1e3)]);
    report.at_most(ENGINE_TARGET, gzip, "size of the engine under gzip, in bytes");
    Ok(())
}
