//! The arguments of `report`.

use std::path::PathBuf;

use clap::Args;

use super::{Format, PackArguments, RunArguments, SiteArguments};

#[derive(Debug, Args)]
pub(crate) struct ReportArguments {
    #[command(flatten)]
    pub(crate) site: SiteArguments,
    /// File to write the page into, or `-` for standard output [default: report.html].
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Site to compare with: a manifest, a folder with one, a build, or one of them in a revision of git,
    /// such as `main:manifest.json` [default: the last output of `build`].
    #[arg(long, value_name = "SITE")]
    pub(crate) since: Option<String>,
    /// Format of the report. With `json`, no page is written unless `--out` names one.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) run: RunArguments,
    #[command(flatten)]
    pub(crate) pack: PackArguments,
}
