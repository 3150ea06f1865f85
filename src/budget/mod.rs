//! The comparison of a site with its budgets: those of the options, and those of size-limit in the project.

mod check;
mod size_limit;

use std::path::Path;

pub(crate) use check::check;
pub(crate) use size_limit::inputs;

use crate::feedback::diagnostic::Diagnostic;
use crate::feedback::error::PackError;
use crate::options::{Budget, Options};

/// A budget, and the file that it is written in, if that is one of size-limit.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    pub(crate) budget: Budget,
    pub(crate) source: Option<&'static str>,
}

/// Returns the budgets of the options and those of size-limit in the project of a packed folder, with notes on
/// those that are not supported.
///
/// # Errors
/// If a file of size-limit is not valid.
pub(crate) fn all(
    options: &Options,
    dist: &Path,
) -> Result<(Vec<Written>, Vec<Diagnostic>), PackError> {
    let (others, notes) = size_limit::read(dist)?;
    let own = options.budgets.iter().cloned().map(|budget| Written { budget, source: None });
    Ok((own.chain(others).collect(), notes))
}
