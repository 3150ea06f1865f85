//! Reports and failures as JSON, for programs.

use std::error::Error as _;
use std::io::{self, Write};

use serde::Serialize;
use worker_pack::report::{Diagnostic, Timings};
use worker_pack::{PackError, Report};

use crate::cli::exit::Failure;

/// Prints a report, with its timings if they are given.
pub(crate) fn print_report(
    out: &mut impl Write,
    report: &Report,
    timings: Option<&Timings>,
) -> io::Result<()> {
    print(out, &TimedReport { report, timings })
}

/// Prints a failure in place of a report.
pub(crate) fn print_failure(out: &mut impl Write, failure: &Failure) -> io::Result<()> {
    print(out, &FailureReport::new(failure))
}

#[derive(Serialize)]
struct TimedReport<'r> {
    #[serde(flatten)]
    report: &'r Report,
    #[serde(skip_serializing_if = "Option::is_none")]
    timings: Option<&'r Timings>,
}

#[derive(Serialize)]
struct FailureReport<'f> {
    version: u32,
    error: String,
    /// The causes of the failure, the nearest first.
    causes: Vec<String>,
    diagnostics: &'f [Diagnostic],
}

impl<'f> FailureReport<'f> {
    fn new(failure: &'f Failure) -> Self {
        let diagnostics = match failure {
            Failure::Pack(PackError::Files { diagnostics }) => diagnostics.as_slice(),
            _ => &[],
        };
        let mut causes = Vec::new();
        let mut next = failure.source();
        while let Some(cause) = next {
            causes.push(cause.to_string());
            next = cause.source();
        }
        Self { version: Report::VERSION, error: failure.to_string(), causes, diagnostics }
    }
}

fn print(out: &mut impl Write, document: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, document)?;
    writeln!(out)
}
