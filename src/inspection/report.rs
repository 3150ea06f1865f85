//! The result of an inspection.

use std::path::Path;

use serde::Serialize;

use super::allowance::AllowedFinding;
use super::subject::Subject;
use crate::feedback::diagnostic::{Diagnostic, Severity};

/// The findings of an inspection.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InspectionReport {
    /// The version of the form of this report. It changes when a field changes its meaning.
    pub version: u32,
    /// The project's folder below the root of its git repository. It ends with a slash, or is
    /// empty.
    pub project: String,
    /// Number of rules that were applied, besides those of packing.
    pub rules: usize,
    /// Number of public files that were looked at. Without a build there are none.
    pub files: usize,
    /// The packed folder, relative to the project's.
    pub dist: String,
    /// The file that stands for the configuration of the project: that for wrangler, else
    /// `package.json`, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub configuration: Option<String>,
    /// The findings, the worst first. Their files are relative to the project's folder.
    pub findings: Vec<Diagnostic>,
    /// The findings that the configuration allows.
    pub allowed: Vec<AllowedFinding>,
}

impl InspectionReport {
    /// The version of the form of this report.
    pub const VERSION: u32 = 1;

    pub(super) fn new(
        subject: &Subject,
        mut findings: Vec<Diagnostic>,
        allowed: Vec<AllowedFinding>,
    ) -> Self {
        findings.sort_by(|a, b| a.severity.cmp(&b.severity).then_with(|| a.cmp(b)));
        findings.dedup();
        Self {
            version: Self::VERSION,
            project: below_repository(subject),
            rules: super::rules().count(),
            files: subject.site().map_or(0, |site| site.files.len()),
            dist: subject.dist_name(""),
            configuration: subject
                .config
                .as_ref()
                .or(subject.package.as_ref())
                .map(|data| data.file.name.clone()),
            findings,
            allowed,
        }
    }

    /// Returns whether a file, relative to the project's folder, is a part of the build.
    pub fn is_in_build(&self, file: &str) -> bool {
        let below = file.strip_prefix(&self.dist);
        below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// Returns the path of a finding's file below the root of the repository.
    pub fn in_repository(&self, file: &str) -> String {
        let mut parts: Vec<&str> = self.project.split('/').filter(|it| !it.is_empty()).collect();
        let mut file = file;
        while let Some(rest) = file.strip_prefix("../") {
            parts.pop();
            file = rest;
        }
        parts.push(file);
        parts.join("/")
    }

    /// Returns the number of findings of a severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|one| one.severity == severity).count()
    }
}

/// Returns the path of the project's folder below the root of its git repository. Without a repository it
/// is empty.
fn below_repository(subject: &Subject) -> String {
    let below = subject.root.strip_prefix(subject.repository()).ok();
    let mut prefix = String::new();
    for part in below.into_iter().flat_map(Path::iter) {
        prefix.extend([&*part.to_string_lossy(), "/"]);
    }
    prefix
}
