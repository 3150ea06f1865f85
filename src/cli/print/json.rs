//! Reports and failures as JSON, for programs.

use std::error::Error as _;
use std::fmt::{self, Display, Formatter};
use std::io::{self, Write};

use serde::Serialize;
use serde_sarif::sarif::Sarif;
use worker_pack::report::{
    BudgetReport, Diagnostic, DifferenceReport, InspectionReport, Printable, SiteWeight, Timings,
    WeightReport,
};
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

/// Prints the report on a built Worker.
pub(crate) fn print_weight(out: &mut impl Write, report: &WeightReport) -> io::Result<()> {
    print(out, report)
}

/// Prints the difference between two sites.
pub(crate) fn print_difference(out: &mut impl Write, report: &DifferenceReport) -> io::Result<()> {
    print(out, report)
}

/// Prints the findings of an inspection.
pub(crate) fn print_inspection(out: &mut impl Write, report: &InspectionReport) -> io::Result<()> {
    print(out, report)
}

/// Prints findings in SARIF.
pub(crate) fn print_sarif(out: &mut impl Write, log: &Sarif) -> io::Result<()> {
    print(out, log)
}

/// Prints the report on a deployment, or on a canary.
pub(crate) fn print_probe(out: &mut impl Write, report: &impl Serialize) -> io::Result<()> {
    print(out, report)
}

/// Prints the weight of a site, with that of its Worker if one is built.
pub(crate) fn print_site_weight(
    out: &mut impl Write,
    site: &SiteWeight,
    worker: Option<&WeightReport>,
) -> io::Result<()> {
    print(out, &WeighedSite { site, worker })
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
struct WeighedSite<'r> {
    #[serde(flatten)]
    site: &'r SiteWeight,
    #[serde(skip_serializing_if = "Option::is_none")]
    worker: Option<&'r WeightReport>,
}

#[derive(Serialize)]
struct FailureReport<'f> {
    version: u32,
    error: String,
    /// The causes of the failure, the nearest first.
    causes: Vec<String>,
    diagnostics: &'f [Diagnostic],
    /// The results of all budgets, if one is exceeded.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    budgets: &'f [BudgetReport],
}

impl<'f> FailureReport<'f> {
    fn new(failure: &'f Failure) -> Self {
        let diagnostics = match failure {
            Failure::Pack(PackError::Files { diagnostics }) => diagnostics.as_slice(),
            _ => &[],
        };
        let budgets = match failure {
            Failure::Pack(PackError::OverBudget { budgets, .. }) => budgets.as_slice(),
            _ => &[],
        };
        let mut causes = Vec::new();
        let mut next = failure.source();
        while let Some(cause) = next {
            causes.push(cause.to_string());
            next = cause.source();
        }
        Self { version: Report::VERSION, error: failure.to_string(), causes, diagnostics, budgets }
    }
}

fn print(out: &mut impl Write, document: &impl Serialize) -> io::Result<()> {
    let json = serde_json::to_string_pretty(document)?;
    writeln!(out, "{}", InertJson(&json))
}

/// JSON in which characters and commands that a terminal or a CI server would obey are escaped. The
/// values stay the same: outside of strings there are no such characters.
struct InertJson<'j>(&'j str);

impl Display for InertJson<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self(json) = *self;
        let mut written = 0;
        for (index, c) in json.char_indices() {
            let is_escaped = c != '\n' && Printable::is_active(c)
                || c == '#' && Printable::begins_command(&json[index..]);
            if is_escaped {
                f.write_str(&json[written..index])?;
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(f, "\\u{unit:04x}")?;
                }
                written = index + c.len_utf8();
            }
        }
        f.write_str(&json[written..])
    }
}
