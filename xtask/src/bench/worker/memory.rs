//! The engine's size, and the memory that Workers take.

use std::fs;
use std::process::Command;

use super::startup::Pair;
use super::{Bench, Subject, site};
use crate::bench::client::Answer;
use crate::bench::process::Memory;
use crate::bench::report::{Report, float, median, megabytes};
use crate::files::failed;

/// How large the engine may be under gzip, in bytes.
const ENGINE_AIM: f64 = 60e3;

/// How much more memory than its modules have the packed Worker may take, in bytes.
const MEMORY_AIM: f64 = 8e6;

/// How many pages are asked for before a Worker is looked at, each twice. After many more requests
/// the garbage that V8 has not collected yet is larger than all else.
const PAGES: usize = 1000;

/// How often each is looked at.
const ROUNDS: usize = 3;

/// Measures both.
pub(super) fn measure(bench: &Bench, sites: &[Pair], report: &mut Report) -> Result<(), String> {
    engine(bench, report)?;
    let empty = site::worker_of(vec![site::empty_module(bench)?]);
    let empty = bench.subject("empty", &empty)?;
    report.table(
        &format!("Memory after {} requests, beyond that of an empty Worker", 2 * PAGES),
        &[
            "routes",
            "modules",
            "by hand",
            "packed",
            "of that beyond the modules",
            "code of workerd's",
        ],
    );
    for site in sites {
        let memory = |subject: &Subject| after_requests(subject, &site.paths);
        let (empty, by_hand) = (memory(&empty)?, memory(&site.by_hand)?);
        let packed = memory(&site.packed)?;
        // workerd has the modules twice, once in the configuration that it keeps.
        let beyond = packed.own - empty.own - 2.0 * site.shipped;
        report.row(&[
            site.routes.to_string(),
            megabytes(site.shipped),
            megabytes(by_hand.own - empty.own),
            megabytes(packed.own - empty.own),
            megabytes(beyond),
            megabytes(packed.files - empty.files),
        ]);
        let what = format!("memory beyond the modules with {} routes, in MB", site.routes);
        report.at_most(MEMORY_AIM / 1e6, beyond / 1e6, &what);
    }
    Ok(())
}

/// Returns what the process of a Worker takes after some requests.
fn after_requests(subject: &Subject, paths: &[String]) -> Result<Memory, String> {
    let mut values = Vec::new();
    for _ in 0..ROUNDS {
        let workerd = subject.start()?;
        for _ in 0..2 {
            for path in paths.iter().step_by(paths.len() / PAGES) {
                Answer::get(workerd.port(), path)?;
            }
        }
        values.push(Memory::of(workerd.id())?);
    }
    let middle = |part: fn(&Memory) -> f64| median(values.iter().map(part));
    Ok(Memory { own: middle(|memory| memory.own), files: middle(|memory| memory.files) })
}

fn engine(bench: &Bench, report: &mut Report) -> Result<(), String> {
    let engine = bench.folder.join("throughput/packed/bundle/worker/engine.wasm");
    let gzip = Command::new("gzip").args(["-9", "--stdout"]).arg(&engine).output();
    let gzip = gzip.map_err(|error| format!("cannot run gzip: {error}"))?.stdout.len();
    let size = fs::read(&engine).map_err(|error| failed("read", &engine, &error))?.len();
    let (size, gzip) = (float(size), float(gzip));
    report.table("The engine", &["size", "under gzip"]);
    report.row(&[format!("{:.1} kB", size / 1e3), format!("{:.1} kB", gzip / 1e3)]);
    report.at_most(ENGINE_AIM, gzip, "size of the engine under gzip, in bytes");
    Ok(())
}
