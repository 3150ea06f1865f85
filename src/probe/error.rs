//! The reasons why a deployment cannot be probed at all.

use std::io;
use std::path::PathBuf;

use crate::feedback::error::PackError;
use crate::feedback::printable::{Printable, PrintableLines, PrintablePath};

/// The reason why a deployment cannot be probed. An answer that is not as expected is a finding, and not
/// an error.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProbeError {
    /// A URL cannot be asked.
    #[error("`{}` {message}", Printable(&without_password(url)))]
    Url {
        /// The URL, as it was given.
        url: String,
        /// The problem with it, and the remedy.
        message: String,
    },
    /// An option has an invalid value.
    #[error("option `{option}`: {}", PrintableLines(message))]
    Option {
        /// The option's name.
        option: &'static str,
        /// The problem with the value. It does not contain the value of a header field.
        message: String,
    },
    /// The manifest cannot be read.
    #[error(transparent)]
    Manifest(#[from] PackError),
    /// The first request has no answer.
    #[error("`{}` cannot be probed: {}", Printable(url), PrintableLines(message))]
    NoAnswer {
        /// The deployment.
        url: String,
        /// The cause, and the remedy if there is one.
        message: String,
    },
    /// The deployment redirects to another host.
    #[error("`{}` redirects to `{}`; {remedy}", Printable(url), Printable(to))]
    Elsewhere {
        /// The deployment.
        url: String,
        /// The origin that it redirects to.
        to: String,
        /// The next step.
        remedy: String,
    },
    /// A baseline cannot be read.
    #[error("`{}` is not a baseline: {}", PrintablePath(path), PrintableLines(message))]
    Baseline {
        /// The file.
        path: PathBuf,
        /// The problem with the file, and the remedy.
        message: String,
    },
    /// A file cannot be read or written.
    #[error("cannot {action} `{}`", PrintablePath(path))]
    Io {
        /// The operation, as a verb.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        #[source]
        source: io::Error,
    },
    /// The client cannot be started.
    #[error("the client cannot be started: {}", PrintableLines(message))]
    Client {
        /// The cause.
        message: String,
    },
}

/// Returns a URL whose password is not shown.
fn without_password(url: &str) -> String {
    match (url.split_once("://"), url.rfind('@')) {
        (Some((scheme, _)), Some(at)) => format!("{scheme}://…{}", &url[at..]),
        _ => url.to_owned(),
    }
}
