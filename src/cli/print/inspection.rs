//! The findings of an inspection as text: the answer, the findings, the next step.

use std::collections::BTreeSet;
use std::io::{self, Write};

use worker_pack::report::{Diagnostic, InspectionReport, Severity};

use super::diagnostics::write_all;
use crate::cli::terminal::{DIM, ERROR, SUCCESS, Verbosity, WARNING};

/// The findings of an inspection, for people.
pub(crate) struct InspectionText<'r> {
    pub(crate) report: &'r InspectionReport,
    pub(crate) verbosity: Verbosity,
}

impl InspectionText<'_> {
    /// Writes the answer, the findings with the worst first, and the next step.
    pub(crate) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let InspectionReport { findings, allowed, .. } = self.report;
        let of = |severity: Severity| -> Vec<Diagnostic> {
            findings.iter().filter(|one| one.severity == severity).cloned().collect()
        };
        if self.verbosity == Verbosity::Quiet {
            return write_all(out, &of(Severity::Error));
        }
        let style = match findings.first().map(|worst| worst.severity) {
            Some(Severity::Error) => ERROR,
            Some(Severity::Warning) => WARNING,
            Some(Severity::Note) | None => SUCCESS,
        };
        write!(out, "{style}{}{style:#}", Answer(self.report))?;
        match allowed.len() {
            0 => writeln!(out)?,
            count => writeln!(out, "{DIM}; {count} allowed by worker-pack.toml{DIM:#}")?,
        }
        if !findings.is_empty() {
            writeln!(out)?;
        }
        for severity in [Severity::Error, Severity::Warning, Severity::Note] {
            let found = of(severity);
            write_all(out, &found)?;
        }
        let codes: BTreeSet<&str> = findings.iter().map(|one| one.code.name()).collect();
        if let Some(first) = findings.first() {
            let code = if codes.len() == 1 { first.code.name() } else { "CODE" };
            writeln!(
                out,
                "{DIM}`worker-pack explain {code}` tells the cause and the remedy; a finding that \
                 is meant is allowed\nby `[[check.allow]]` in worker-pack.toml{DIM:#}"
            )?;
        }
        Ok(())
    }
}

/// The first line: the numbers of findings.
pub(crate) struct Answer<'r>(pub(crate) &'r InspectionReport);

impl std::fmt::Display for Answer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let InspectionReport { findings, files, rules, .. } = self.0;
        if findings.is_empty() {
            let files = counted(*files, "file");
            return write!(f, "nothing found: {files}, {}", counted(*rules, "rule"));
        }
        let kinds =
            [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Note, "note")];
        let counts = kinds.map(|(severity, name)| (self.0.count(severity), name));
        let counts: Vec<String> = counts
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, name)| counted(count, name))
            .collect();
        f.write_str(&counts.join(", "))
    }
}

/// Returns a number with its noun.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
