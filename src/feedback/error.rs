//! Why a folder could not be packed.

use std::error::Error as _;
use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::feedback::diagnostic::Diagnostic;
use crate::feedback::stage::Stage;

/// Why a folder could not be packed. An earlier output is as it was, or whole all the same.
///
/// `Debug` tells all there is to know in lines, since that is what Cargo shows of a build script that
/// returns it.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum PackError {
    /// There is nothing to pack.
    #[error("`{}` is not a folder; build the site first (`astro build`), or name the folder it was built into", path.display())]
    DistNotFound {
        /// The folder that was looked for.
        path: PathBuf,
    },
    /// The folder has no file that could be served.
    #[error("`{}` contains no public file ({left_out} left out); name the folder that the site was built into", path.display())]
    EmptySite {
        /// The folder.
        path: PathBuf,
        /// How many files the folder has all the same.
        left_out: usize,
    },
    /// The folder can be read as a server build and as a site.
    #[error("`{0}` contains pages and, next to `client`, what may be server code; name the folder to publish, such as `{0}/client`, or move the code out of `{0}`", path.display())]
    AmbiguousLayout {
        /// The folder.
        path: PathBuf,
    },
    /// An option has a value that cannot be used.
    #[error("option `{option}`: {message}")]
    Option {
        /// The option's name.
        option: &'static str,
        /// What is wrong with its value.
        message: String,
    },
    /// Files that cannot be packed, all that there are, sorted by path.
    #[error("{}", counted(.diagnostics))]
    Files {
        /// What is wrong with each.
        diagnostics: Vec<Diagnostic>,
    },
    /// There is server code, and not where the known versions of the adapter put it.
    #[error("`{}` is missing from the server build; supported are builds of @astrojs/cloudflare 12 to 14 (`server/entry.mjs` or `_worker.js`): build the site again, or pack only its public folder", path.display())]
    UnknownServer {
        /// The entry that was looked for.
        path: PathBuf,
    },
    /// A configuration that the build or the user wrote cannot be read.
    #[error("`{}` is not valid: {message}", path.display())]
    Config {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        message: String,
    },
    /// A file that should be the engine is something else.
    #[error("`{}` is not the engine, a WebAssembly module; the npm package and the released programs contain one", path.display())]
    NotAnEngine {
        /// The file.
        path: PathBuf,
    },
    /// The output folder belongs to somebody else.
    #[error("cannot write to `{}`: {message}", path.display())]
    OutputInTheWay {
        /// The path in question.
        path: PathBuf,
        /// What is wrong with it.
        message: &'static str,
    },
    /// There are no threads to work on.
    #[error("cannot start the worker threads: {message}")]
    Threads {
        /// What the operating system says.
        message: String,
    },
    /// The bytes of a file are not what they were when it was packed.
    #[error("`{}` is missing, or has changed since it was packed; pack the site again", path.display())]
    BodyLost {
        /// The file, of the site or of the cache.
        path: PathBuf,
        /// What the operating system says.
        #[source]
        source: io::Error,
    },
    /// The operating system refused.
    #[error("{stage}: cannot {action} `{}`", path.display())]
    Io {
        /// The stage that tried.
        stage: Stage,
        /// What was tried.
        action: &'static str,
        /// The path it was tried on.
        path: PathBuf,
        /// What the operating system says.
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
        let mut cause = self.source();
        while let Some(error) = cause {
            write!(f, "\n  caused by: {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

fn counted(diagnostics: &[Diagnostic]) -> String {
    match diagnostics.len() {
        1 => "the site could not be packed: 1 error".to_owned(),
        count => format!("the site could not be packed: {count} errors"),
    }
}

impl PackError {
    /// Wraps what the operating system says of a path.
    pub(crate) fn io(
        stage: Stage,
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { stage, action, path, source }
    }
}
