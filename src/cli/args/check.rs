//! The arguments of `worker-pack check`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use worker_pack::Denied;
use worker_pack::check::Start;
use worker_pack::options::Strictness;

use super::{PlaceArguments, SiteArguments};

#[derive(Debug, Args)]
pub(crate) struct CheckArguments {
    #[command(flatten)]
    pub(crate) site: SiteArguments,
    /// Format of the findings.
    #[arg(long, value_enum, default_value_t = CheckFormat::Text)]
    pub(crate) format: CheckFormat,
    /// Findings that count as errors, besides errors: warnings or notes [default: errors].
    #[arg(long, value_name = "SEVERITY")]
    pub(crate) deny: Option<Denied>,
    /// Treatment of warnings, as for `build`: strict is another spelling of `--deny warnings`.
    #[arg(long, value_name = "STRICTNESS", conflicts_with = "deny")]
    pub(crate) strictness: Option<Strictness>,
    /// Start of the packed Worker in the workerd that npm has installed [default: auto].
    #[arg(long, value_name = "WHEN")]
    pub(crate) start: Option<Start>,
    /// Print only errors.
    #[arg(long, short)]
    pub(crate) quiet: bool,
    /// Engine of the Worker that is checked, a WebAssembly module [default: the embedded one].
    #[arg(long, value_name = "FILE", env = "WORKER_PACK_ENGINE", hide_env_values = true)]
    pub(crate) engine: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) place: PlaceArguments,
}

/// A format of findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CheckFormat {
    /// Text for people.
    Text,
    /// One JSON document for programs. Its `version` changes when a field changes its meaning.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Annotations of a workflow on GitHub, and its step summary.
    Github,
}
