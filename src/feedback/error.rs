//! The errors of a pack.

use std::error::Error as _;
use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::feedback::budget::BudgetReport;
use crate::feedback::diagnostic::Diagnostic;
use crate::feedback::printable::{PrintableLines, PrintablePath};
use crate::feedback::stage::Stage;

/// The reason why a folder could not be packed. The output folder remains usable.
///
/// `Debug` prints all diagnostics and causes, one per line, since Cargo shows that text if a build
/// script returns the error.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum PackError {
    /// The folder to pack is missing.
    #[error(
        "`{}` is not a folder; build the site first (`astro build`), or name the folder it was built into",
        PrintablePath(path)
    )]
    DistNotFound {
        /// The missing folder.
        path: PathBuf,
    },
    /// The folder contains no public file.
    #[error(
        "`{}` contains no public file ({left_out} left out); name the folder that the site was built into",
        PrintablePath(path)
    )]
    EmptySite {
        /// The folder.
        path: PathBuf,
        /// Number of files in the folder, none of which is public.
        left_out: usize,
    },
    /// The folder may be a server build, or a site with a folder called `client`.
    #[error(
        "`{0}` contains pages and, next to `client`, what may be server code; name the folder to publish, such as `{0}/client`, or move the code out of `{0}`",
        PrintablePath(path)
    )]
    AmbiguousLayout {
        /// The folder.
        path: PathBuf,
    },
    /// An option has an invalid value.
    #[error("option `{option}`: {}", PrintableLines(message))]
    Option {
        /// The option's name.
        option: &'static str,
        /// The problem with the value.
        message: String,
    },
    /// Some files cannot be packed.
    #[error("{}", counted(.diagnostics))]
    Files {
        /// All errors, sorted by path.
        diagnostics: Vec<Diagnostic>,
    },
    /// A budget is exceeded. Nothing was written.
    #[error("over budget: {exceeded} of {} exceeded; the output is unchanged", budgets.len())]
    OverBudget {
        /// Number of exceeded budgets.
        exceeded: usize,
        /// The results of all budgets.
        budgets: Vec<BudgetReport>,
    },
    /// The build contains server code, but its layout is not that of a known version of the
    /// adapter.
    #[error(
        "`{}` is missing from the server build; supported are builds of @astrojs/cloudflare 12 to 14 (`server/entry.mjs` or `_worker.js`): build the site again, or pack only its public folder",
        PrintablePath(path)
    )]
    UnknownServer {
        /// The missing entry.
        path: PathBuf,
    },
    /// A Worker to weigh is not built.
    #[error("`{}` {}", PrintablePath(path), PrintableLines(message))]
    NotBuilt {
        /// The file or folder that should be a part of it.
        path: PathBuf,
        /// The problem with it, and the remedy.
        message: String,
    },
    /// A configuration file of the build or of the user is invalid.
    #[error("`{}` is not valid: {}", PrintablePath(path), PrintableLines(message))]
    Config {
        /// The file.
        path: PathBuf,
        /// The problem with the file.
        message: String,
    },
    /// A file that was given as the engine is not a WebAssembly module.
    #[error(
        "`{}` is not the engine, a WebAssembly module; the npm package and the released programs contain one",
        PrintablePath(path)
    )]
    NotAnEngine {
        /// The file.
        path: PathBuf,
    },
    /// The output folder contains files of another origin, or is inside the packed folder.
    #[error("cannot write to `{}`: {message}", PrintablePath(path))]
    OutputInTheWay {
        /// The path that cannot be written to.
        path: PathBuf,
        /// The reason, and a remedy.
        message: &'static str,
    },
    /// The worker threads cannot be started.
    #[error("cannot start the worker threads: {message}")]
    Threads {
        /// The error of the operating system.
        message: String,
    },
    /// A file is missing, or has changed since it was packed.
    #[error(
        "`{}` is missing, or has changed since it was packed; pack the site again",
        PrintablePath(path)
    )]
    BodyLost {
        /// The file, in the site or in the cache.
        path: PathBuf,
        /// The error of the operating system.
        #[source]
        source: io::Error,
    },
    /// An operation on a file or folder failed.
    #[error("{stage}: cannot {action} `{}`", PrintablePath(path))]
    Io {
        /// The stage of the operation.
        stage: Stage,
        /// The operation, as a verb.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The error of the operating system.
        #[source]
        source: io::Error,
    },
}

impl fmt::Debug for PackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")?;
        if let Self::Files { diagnostics } = self {
            diagnostics.iter().try_for_each(|diagnostic| write!(f, "\n  {diagnostic}"))?;
        }
        if let Self::OverBudget { budgets, .. } = self {
            let exceeded = budgets.iter().filter(|budget| budget.is_exceeded());
            exceeded.into_iter().try_for_each(|budget| write!(f, "\n  {budget}"))?;
        }
        let mut cause = self.source();
        while let Some(error) = cause {
            write!(f, "\n  caused by: {}", PrintableLines(&error.to_string()))?;
            cause = error.source();
        }
        Ok(())
    }
}

/// Renders the number of errors.
fn counted(diagnostics: &[Diagnostic]) -> String {
    match diagnostics.len() {
        1 => "the site could not be packed: 1 error".to_owned(),
        count => format!("the site could not be packed: {count} errors"),
    }
}

impl PackError {
    /// Wraps an error of the operating system about a path.
    pub(crate) fn io(
        stage: Stage,
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { stage, action, path, source }
    }
}
