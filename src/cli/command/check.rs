//! `worker-pack check`.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use worker_pack::check::Date;
use worker_pack::report::{InspectionReport, Severity};

use crate::cli::args::{CheckArguments, CheckFormat};
use crate::cli::config::Config;
use crate::cli::exit::Failure;
use crate::cli::print::annotations::{Annotations, StepSummary};
use crate::cli::print::inspection::InspectionText;
use crate::cli::print::progress_bar::ProgressBar;
use crate::cli::print::sarif::Log;
use crate::cli::print::{ignore_broken_pipe, json};
use crate::cli::terminal::Verbosity;

/// The variable in which GitHub names the file of the summary of a step.
const STEP_SUMMARY: &str = "GITHUB_STEP_SUMMARY";

/// Checks the project, and prints the findings.
pub(crate) fn run(arguments: &CheckArguments) -> Result<(), Failure> {
    let verbosity = Verbosity::from_quiet_flag(arguments.quiet);
    let progress = Arc::new(ProgressBar::new(verbosity));
    let result = check(arguments, &progress);
    progress.finish();
    let mut stdout = anstream::stdout().lock();
    let printed = match (&result, arguments.format) {
        (Ok(report), CheckFormat::Json) => json::print_inspection(&mut stdout, report),
        (Err(failure), CheckFormat::Json) => json::print_failure(&mut stdout, failure),
        (Ok(report), CheckFormat::Sarif) => print_sarif(&mut stdout, report),
        (Ok(report), CheckFormat::Github) => write!(stdout, "{}", Annotations(report)),
        (Ok(report), CheckFormat::Text) => InspectionText { report, verbosity }.write(&mut stdout),
        (Err(_), _) => Ok(()),
    };
    ignore_broken_pipe(printed.and_then(|()| stdout.flush()))?;
    drop(stdout);
    let report = result?;
    if arguments.format == CheckFormat::Github {
        summarise(&report)?;
    }
    match report.count(Severity::Error) {
        0 => Ok(()),
        errors => Err(Failure::Inspection { errors }),
    }
}

fn check(
    arguments: &CheckArguments,
    progress: &Arc<ProgressBar>,
) -> Result<InspectionReport, Failure> {
    let config = Config::load(arguments.place.config.as_deref())?;
    Ok(config.check(arguments, Arc::clone(progress))?.today(today()?).run()?)
}

/// Prints the findings in SARIF, and on standard error how many of them it leaves out.
fn print_sarif(out: &mut impl io::Write, report: &InspectionReport) -> io::Result<()> {
    let log = Log::of(report);
    if log.left_out > 0 {
        let left_out = log.left_out;
        writeln!(
            anstream::stderr().lock(),
            "{left_out} findings are left out: GitHub accepts {} in a file",
            Log::MAX_RESULTS
        )?;
    }
    json::print_sarif(out, &log.sarif)
}

/// Appends all findings to the summary of the step, if GitHub names a file for it.
fn summarise(report: &InspectionReport) -> Result<(), Failure> {
    let Some(path) = std::env::var_os(STEP_SUMMARY).filter(|path| !path.is_empty()) else {
        return Ok(());
    };
    let path = PathBuf::from(path);
    let append = || {
        let mut file = OpenOptions::new().append(true).create(true).open(&path)?;
        let written = file.metadata()?.len();
        write!(file, "{}", StepSummary::new(report, written))
    };
    append().map_err(|source| Failure::StepSummary { path: path.clone(), source })
}

/// Returns the day by which allowances expire: that of `SOURCE_DATE_EPOCH` if it is set.
fn today() -> Result<Date, Failure> {
    if let Some(value) = std::env::var_os("SOURCE_DATE_EPOCH") {
        let value = value.to_string_lossy().into_owned();
        let seconds = value.trim().parse().map_err(|_| Failure::SourceDate { value });
        return seconds.map(Date::of_unix_time);
    }
    #[expect(clippy::disallowed_methods, reason = "an allowance ends on a day of the calendar")]
    let now = SystemTime::now();
    let seconds = now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    Ok(Date::of_unix_time(seconds))
}
