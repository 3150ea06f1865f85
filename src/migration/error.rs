//! The reasons for which a migration stops. Nothing is written then, unless the error says so.

use std::io;
use std::path::PathBuf;

use crate::feedback::printable::{PrintableLines, PrintablePath};

/// The reason why a project cannot be migrated.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MigrationError {
    /// The folder is not that of an Astro project.
    #[error("`{}` {message}", PrintablePath(path))]
    NotAProject {
        /// The folder.
        path: PathBuf,
        /// The reason, and a remedy.
        message: String,
    },
    /// A file of the project cannot be read as what it should be.
    #[error(
        "`{}` is not valid: {}; correct it, and run `init` again",
        PrintablePath(path),
        PrintableLines(message)
    )]
    Invalid {
        /// The file.
        path: PathBuf,
        /// The problem with it.
        message: String,
    },
    /// A file of the project must not be written.
    #[error("cannot change `{}`: it {message}; nothing was written", PrintablePath(path))]
    Protected {
        /// The file.
        path: PathBuf,
        /// The reason, and a remedy.
        message: &'static str,
    },
    /// A file cannot be read.
    #[error("cannot read `{}`", PrintablePath(path))]
    Read {
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// A file cannot be written. All files are as they were.
    #[error("cannot write `{}`; no file was changed", PrintablePath(path))]
    Write {
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// A file could not be written, and the files that were written before it could not be restored.
    #[error(
        "cannot write `{}`, and these files are already changed: {}; restore them, for example by `git checkout`",
        PrintablePath(path),
        listed(written)
    )]
    HalfWritten {
        /// The file that cannot be written.
        path: PathBuf,
        /// The files that are changed.
        written: Vec<PathBuf>,
        /// The error of the operating system.
        source: io::Error,
    },
    /// An edit would not have the intended result.
    #[error(
        "the edit of `{}` would change more than it should ({message}); this is a fault of worker-pack, and nothing was written",
        PrintablePath(path)
    )]
    WrongEdit {
        /// The file.
        path: PathBuf,
        /// The difference.
        message: String,
    },
    /// An answer of the user is invalid.
    #[error("{}", PrintableLines(message))]
    Answer {
        /// The problem, and a remedy.
        message: String,
    },
}

fn listed(paths: &[PathBuf]) -> String {
    let names = paths.iter().map(|path| format!("`{}`", PrintablePath(path)));
    names.collect::<Vec<_>>().join(", ")
}
