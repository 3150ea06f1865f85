//! The rule that the configurations of a project can be read.

use crate::feedback::diagnostic::Diagnostic;
use crate::feedback::error::PackError;
use crate::inspection::location::invalid_config;
use crate::inspection::subject::{Data, Subject};

/// Finds configurations that cannot be read. One that stopped the pack is reported with its
/// failure.
pub(super) fn invalid(subject: &Subject) -> Vec<Diagnostic> {
    let all = [&subject.config, &subject.package];
    let reported: Vec<String> = subject
        .examined
        .failures
        .iter()
        .filter_map(|failure| {
            let (PackError::Config { path, .. } | PackError::Io { path, .. }) = failure else {
                return None;
            };
            Some(subject.name_of(path))
        })
        .collect();
    let invalid = |data: &Data| {
        let error = data.parsed.as_ref().err()?;
        if reported.contains(&data.file.name) {
            return None;
        }
        Some(invalid_config(subject, data.file.path.clone(), &error.message))
    };
    all.into_iter().flatten().filter_map(invalid).collect()
}
