//! The place in the project of what the stages of a pack report: their names are those of the
//! packed folder.

use std::path::{Path, PathBuf};

use super::subject::Subject;
use super::subject::data::DataFile;
use super::subject::text::TextFile;
use crate::feedback::code::{Code, CodeGroup};
use crate::feedback::diagnostic::Diagnostic;
use crate::feedback::error::PackError;
use crate::project::wrangler::WranglerConfig;

/// Returns the diagnostics of packing, with the names of files in the project, and the failures of
/// the pack as findings.
pub(super) fn in_project(subject: &Subject) -> Vec<Diagnostic> {
    let examined = &subject.examined;
    let found = examined.diagnostics.iter().map(|one| located(subject, one));
    found.chain(examined.failures.iter().map(|failure| finding(subject, failure))).collect()
}

/// Returns a diagnostic with the name of its file in the project.
fn located(subject: &Subject, found: &Diagnostic) -> Diagnostic {
    let is_in_build = match found.code.group() {
        CodeGroup::Cache | CodeGroup::Project => false,
        CodeGroup::Worker => subject.dist().join(&found.file).exists(),
        _ => !subject.root.join(&found.file).exists() || subject.dist().join(&found.file).exists(),
    };
    let file = if is_in_build { subject.source_name(&found.file) } else { found.file.clone() };
    Diagnostic { file, ..found.clone() }
}

/// Returns a failure of the pack as a finding.
fn finding(subject: &Subject, failure: &PackError) -> Diagnostic {
    let dist = subject.dist_name("");
    match failure {
        PackError::DistNotFound { .. } => {
            Diagnostic::error(Code::ProjectNotBuilt, dist, "is missing: the site is not built").with_help(
                "run `astro build` first, or name the folder that the site is built into; until then only \
                 the project is checked",
            )
        }
        PackError::Config { path, message } => invalid_config(subject, path.clone(), message),
        PackError::Io { path, source, .. } if is_configuration(path) => {
            invalid_config(subject, path.clone(), &format!("it cannot be read: {source}"))
        }
        other => Diagnostic::error(Code::ProjectNotBuilt, dist, format!("cannot be packed: {other}"))
            .with_help("build the site again; until then its files are not checked"),
    }
}

/// Returns the finding of a configuration that cannot be read.
pub(super) fn invalid_config(subject: &Subject, path: PathBuf, message: &str) -> Diagnostic {
    let name = subject.name_of(&path);
    let place = TextFile::read(&name, path)
        .ok()
        .and_then(|file| Some((DataFile::parse(&file).err()?, file)));
    let (message, excerpt) = match place {
        Some((error, file)) => (error.message, Some(file.excerpt(error.offset))),
        None => (message.trim_end().to_owned(), None),
    };
    let found =
        Diagnostic::error(Code::ProjectInvalidConfig, name, format!("is not valid: {message}"))
            .with_help("correct it; until then the rules on its settings are not checked");
    Diagnostic { excerpt, ..found }
}

/// Returns whether a file has a name that wrangler gives its configurations.
fn is_configuration(path: &Path) -> bool {
    path.file_name().is_some_and(|name| WranglerConfig::NAMES.iter().any(|one| name == *one))
}
