//! `worker-pack weigh`.

use std::io::Write as _;

use worker_pack::report::WeightReport;

use crate::cli::args::{Format, WeighArguments};
use crate::cli::config::Config;
use crate::cli::exit::Failure;
use crate::cli::print::weight::WeightSummary;
use crate::cli::print::{diagnostics, ignore_broken_pipe, json};
use crate::cli::terminal::Verbosity;

/// Weighs a built Worker, and prints the report.
pub(crate) fn run(arguments: &WeighArguments) -> Result<(), Failure> {
    let result = weigh(arguments);
    let verbosity = Verbosity::from_quiet_flag(arguments.quiet);
    let mut stdout = anstream::stdout().lock();
    let printed = match (&result, arguments.format, verbosity) {
        (Ok(report), Format::Json, _) => json::print_weight(&mut stdout, report),
        (Err(failure), Format::Json, _) => json::print_failure(&mut stdout, failure),
        (Ok(report), Format::Text, Verbosity::Normal) => {
            write!(stdout, "{}", WeightSummary(report))
        }
        (_, Format::Text, _) => Ok(()),
    };
    ignore_broken_pipe(printed.and_then(|()| stdout.flush()))?;
    drop(stdout);
    let report = result?;
    match verbosity {
        Verbosity::Normal => diagnostics::print_all(&report.diagnostics),
        Verbosity::Quiet => diagnostics::print_errors(&report.diagnostics),
    }
    match report.errors() {
        0 => Ok(()),
        errors => Err(Failure::Weight { errors }),
    }
}

fn weigh(arguments: &WeighArguments) -> Result<WeightReport, Failure> {
    let config = Config::load(arguments.config.as_deref())?;
    Ok(config.weigh(arguments)?.run()?)
}
