//! Exit codes, and the failures that lead to them.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use worker_pack::report::{PrintableLines, PrintablePath};
use worker_pack::{MigrationError, PackError, ProbeError};

/// An exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// 0: the command succeeded.
    Success,
    /// 1: the site could not be packed, written or served, or a Worker exceeds a limit.
    Failure,
    /// 2: the arguments or the configuration file are invalid, and nothing was packed.
    Usage,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Success => 0,
            Exit::Failure => 1,
            Exit::Usage => 2,
        })
    }
}

/// The reason why the command failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error(transparent)]
    Pack(#[from] PackError),
    #[error(transparent)]
    Migration(#[from] MigrationError),
    #[error("cannot read `{}`", PrintablePath(path))]
    ConfigUnreadable { path: PathBuf, source: io::Error },
    #[error("`{}` is not a valid configuration of worker-pack:\n{}{}", PrintablePath(path), PrintableLines(&source.to_string()), hint(source))]
    ConfigInvalid { path: PathBuf, source: Box<toml::de::Error> },
    #[error("no output folder given: pass `--out DIR`, or set `out` in worker-pack.toml")]
    NoOut,
    #[error(
        "this program was built without an engine: use the npm package or a released program, or name an engine with `--engine FILE`, `engine` in worker-pack.toml or WORKER_PACK_ENGINE (`cargo xtask engine` builds one in a checkout of worker-pack)"
    )]
    NoEngine,
    #[error("cannot listen on {address}; choose another `--port` (0 picks a free one)")]
    Listen { address: std::net::SocketAddr, source: io::Error },
    #[error("cannot watch `{}`", PrintablePath(path))]
    Watch { path: PathBuf, source: notify::Error },
    #[error("there is no cache: `cache-dir` is `none`")]
    NoCache,
    #[error(
        "the cache in `{}` is in use; stop `serve` and `build --watch`, and try again",
        PrintablePath(path)
    )]
    CacheInUse { path: PathBuf },
    #[error("cannot read or empty the cache in `{}`", PrintablePath(path))]
    Cache { path: PathBuf, source: io::Error },
    #[error("the server failed")]
    Serve { source: io::Error },
    #[error(transparent)]
    Probe(#[from] ProbeError),
    #[error("{0}")]
    NotInOrder(&'static str),
    #[error("weighing the Worker found {errors} error{}", if *errors == 1 { "" } else { "s" })]
    Weight { errors: usize },
    #[error("checking the project found {errors} error{}", if *errors == 1 { "" } else { "s" })]
    Inspection { errors: usize },
    #[error("cannot append to `{}`, which `GITHUB_STEP_SUMMARY` names", PrintablePath(path))]
    StepSummary { path: PathBuf, source: io::Error },
    #[error("`SOURCE_DATE_EPOCH` is `{value}`, which is not a number of seconds since 1970")]
    SourceDate { value: String },
    #[error(
        "there is no Worker to weigh: this folder has no configuration for wrangler with `main`, and `{}` does not exist; name a configuration or a folder, or pack a site with `--target worker`",
        PrintablePath(out)
    )]
    NoWorker { out: PathBuf },
    #[error("cannot write into `{}`", PrintablePath(path))]
    Unwritable { path: PathBuf, source: io::Error },
    #[error("over budget: {exceeded} of {budgets} exceeded")]
    OverBudget { exceeded: usize, budgets: usize },
    #[error(
        "`{}` would be published with the site, since it is inside the packed folder; choose another file with `--out`",
        PrintablePath(path)
    )]
    PageInSite { path: PathBuf },
    #[error(
        "cannot write the report to `{}`; choose another file with `--out`",
        PrintablePath(path)
    )]
    PageUnwritable { path: PathBuf, source: io::Error },
    #[error("cannot write the result")]
    Output { source: io::Error },
}

/// Returns a remedy for a key that is written in another way.
fn hint(error: &toml::de::Error) -> String {
    let message = error.message();
    if message.starts_with("unknown field `cache-policy`") {
        let text =
            "\nfor the cache policy of some files, write `[[pack.rule]]` with `paths` and `cache`";
        return text.to_owned();
    }
    if !message.starts_with("unknown field `") {
        return String::new();
    }
    // The names in backticks: the unknown one, and those that are expected.
    let mut names = message.split('`').skip(1).step_by(2);
    let unknown = names.next().unwrap_or_default();
    let rated = names.map(|name| (strsim::damerau_levenshtein(unknown, name), name));
    match rated.min_by_key(|(distance, _)| *distance) {
        Some((distance, name)) if distance <= 2 && distance < name.len() => {
            format!("\ndid you mean `{name}`?")
        }
        _ => String::new(),
    }
}

impl Failure {
    /// Returns the exit code of the failure.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Pack(PackError::Option { .. })
            | Self::Migration(MigrationError::Answer { .. } | MigrationError::NotAProject { .. })
            | Self::Probe(ProbeError::Url { .. } | ProbeError::Option { .. })
            | Self::ConfigUnreadable { .. }
            | Self::ConfigInvalid { .. }
            | Self::NoCache
            | Self::NoEngine
            | Self::NoWorker { .. }
            | Self::SourceDate { .. }
            | Self::PageInSite { .. }
            | Self::NoOut => Exit::Usage,
            Self::Pack(_)
            | Self::Migration(_)
            | Self::Cache { .. }
            | Self::CacheInUse { .. }
            | Self::Listen { .. }
            | Self::Watch { .. }
            | Self::Serve { .. }
            | Self::Weight { .. }
            | Self::Unwritable { .. }
            | Self::Inspection { .. }
            | Self::StepSummary { .. }
            | Self::Probe(_)
            | Self::NotInOrder(_)
            | Self::OverBudget { .. }
            | Self::PageUnwritable { .. }
            | Self::Output { .. } => Exit::Failure,
        }
    }
}
