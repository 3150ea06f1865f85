//! The comparison of a site with its budgets: those of the options, and those of size-limit in the project.

mod check;
mod size_limit;

use std::path::Path;

pub(crate) use check::check;
pub(crate) use size_limit::inputs;

use crate::feedback::diagnostic::Diagnostic;
use crate::feedback::error::PackError;
use crate::options::{Budget, Options};

/// Returns the budgets of the options and those of size-limit in the project of a packed folder, with notes on
/// those that are not supported.
///
/// # Errors
/// If a file of size-limit is not valid.
pub(crate) fn all(
    options: &Options,
    dist: &Path,
) -> Result<(Vec<Budget>, Vec<Diagnostic>), PackError> {
    let (others, notes) = size_limit::read(dist)?;
    Ok((options.budgets.iter().cloned().chain(others).collect(), notes))
}
