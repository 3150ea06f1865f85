//! The result of an inspection.

use serde::Serialize;

use super::subject::Subject;
use crate::feedback::diagnostic::{Diagnostic, Severity};

/// The findings of an inspection.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InspectionReport {
    /// The version of the form of this report. It changes when a field changes its meaning.
    pub version: u32,
    /// The project's folder.
    pub project: String,
    /// Number of public files that were looked at. Without a build there are none.
    pub files: usize,
    /// The findings, the worst first. Their files are relative to the project's folder.
    pub findings: Vec<Diagnostic>,
}

impl InspectionReport {
    /// The version of the form of this report.
    pub const VERSION: u32 = 1;

    pub(super) fn new(subject: &Subject, mut findings: Vec<Diagnostic>) -> Self {
        findings.sort_by(|a, b| a.severity.cmp(&b.severity).then_with(|| a.cmp(b)));
        findings.dedup();
        Self {
            version: Self::VERSION,
            project: subject.root.display().to_string(),
            files: subject.site().map_or(0, |site| site.files.len()),
            findings,
        }
    }

    /// Returns the number of findings of a severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|one| one.severity == severity).count()
    }
}
