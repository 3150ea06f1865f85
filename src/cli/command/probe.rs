//! `worker-pack probe`.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use serde::Serialize;
use worker_pack::Probe;
use worker_pack::probing::{Bounds, CanaryReport, CanaryState, Pause, ProbeReport, Watch};

use crate::cli::args::{Format, ProbeArguments};
use crate::cli::config::Config;
use crate::cli::exit::Failure;
use crate::cli::print::probe::{CanarySummary, ProbeSummary, Round};
use crate::cli::print::progress_bar::ProgressBar;
use crate::cli::print::{ignore_broken_pipe, json};
use crate::cli::terminal::Verbosity;

/// Probes a deployment, and prints the report.
pub(crate) fn run(arguments: &ProbeArguments) -> Result<(), Failure> {
    let verbosity = Verbosity::from_quiet_flag(arguments.quiet);
    let bar = Arc::new(ProgressBar::new(verbosity));
    let probe = Config::load(arguments.place.config.as_deref())
        .and_then(|config| config.probe(arguments))
        .map(|probe| probe.progress(Arc::clone(&bar) as _));
    match arguments.watch() {
        None => {
            let report = probe.and_then(|probe| Ok(probe.run()?));
            bar.finish();
            let text = report.as_ref().ok().map(|report| ProbeSummary(report).to_string());
            print(arguments, &report, text)?;
            in_order(&report?)
        }
        Some((watch, bounds)) => {
            let report = probe.and_then(|probe| observe(&probe, watch, bounds, verbosity, &bar));
            bar.finish();
            let config = arguments.manifest.as_deref().map(Path::new);
            let text = |report| CanarySummary { report, manifest: config }.to_string();
            print(arguments, &report, report.as_ref().ok().map(text))?;
            is_healthy(&report?)
        }
    }
}

fn observe(
    probe: &Probe,
    watch: Watch,
    bounds: Bounds,
    verbosity: Verbosity,
    bar: &ProgressBar,
) -> Result<CanaryReport, Failure> {
    let report = probe.watch(watch, bounds, &Clock(Instant::now()), &mut |round| {
        bar.finish();
        if verbosity == Verbosity::Normal {
            let mut stderr = anstream::stderr().lock();
            let _ = writeln!(stderr, "{}", Round(round));
        }
    });
    Ok(report?)
}

/// The clock of this machine.
struct Clock(Instant);

impl Pause for Clock {
    fn wait(&self, time: Duration) {
        thread::sleep(time);
    }

    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

fn print<T: Serialize>(
    arguments: &ProbeArguments,
    report: &Result<T, Failure>,
    text: Option<String>,
) -> Result<(), Failure> {
    let mut stdout = anstream::stdout().lock();
    let verbosity = Verbosity::from_quiet_flag(arguments.quiet);
    let printed = match (report, arguments.format, verbosity) {
        (Ok(report), Format::Json, _) => json::print_probe(&mut stdout, report),
        (Err(failure), Format::Json, _) => json::print_failure(&mut stdout, failure),
        (_, Format::Text, Verbosity::Normal) => {
            write!(stdout, "{}", text.unwrap_or_default())
        }
        (_, Format::Text, Verbosity::Quiet) => Ok(()),
    };
    ignore_broken_pipe(printed.and_then(|()| stdout.flush()))
}

fn in_order(report: &ProbeReport) -> Result<(), Failure> {
    if report.is_in_order() {
        return Ok(());
    }
    Err(Failure::NotInOrder("the deployment is not in order"))
}

fn is_healthy(report: &CanaryReport) -> Result<(), Failure> {
    match report.state {
        CanaryState::Healthy => Ok(()),
        CanaryState::RollBack => Err(Failure::NotInOrder("the canary exceeds a bound")),
    }
}
