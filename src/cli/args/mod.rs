//! The arguments of the command line, as typed.

mod check;
mod init;
mod options;
mod probe;
mod report;

use std::net::IpAddr;
use std::path::PathBuf;

use bytesize::ByteSize;
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use serde::Deserialize;
use worker_pack::options::Strictness;
use worker_pack::report::Code;

use super::code_parser::CodeParser;
pub(crate) use check::{CheckArguments, CheckFormat};
pub(crate) use init::InitArguments;
pub(crate) use options::{LimitArguments, List, PackArguments, ResponseArguments, WorkerArguments};
pub(crate) use probe::ProbeArguments;
pub(crate) use report::ReportArguments;

const AFTER_HELP: &str = "\
Options can also be set in `worker-pack.toml`, under the same names; the command line wins.
Exit codes: 0 done, 1 the site could not be packed or served, a Worker is too heavy, or a check or
a deployment has errors, 2 wrong arguments or configuration.";

/// Pack an Astro build for a Cloudflare Worker that serves every asset itself.
#[derive(Debug, Parser)]
#[command(name = "worker-pack", version, after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Pack the site into a Rust module, or into a complete Worker that wrangler deploys.
    Build(BuildArguments),
    /// Serve the packed site on this machine, with the same responses as the Worker.
    Serve(ServeArguments),
    /// Weigh a built Worker of any kind against the limits of the platform.
    Weigh(WeighArguments),
    /// Check a project before it is deployed: its configuration, its build, and the packed Worker.
    Check(CheckArguments),
    /// Move a project to Workers: show the changes of its files, or write them.
    Init(InitArguments),
    /// Show what the site, its pages and its files cost, as a page that needs no network.
    Report(ReportArguments),
    /// Compare two packed sites: routes, what a returning visitor downloads, and rules.
    Diff(DiffArguments),
    /// Ask a running deployment for every file, and compare with what was packed.
    Probe(Box<ProbeArguments>),
    /// Show or empty the cache of results.
    Cache(CacheArguments),
    /// Explain the code of a diagnostic, or list all codes.
    Explain(ExplainArguments),
    /// Print the completions of this command for a shell.
    Completions(CompletionsArguments),
    /// Print the manual page of this command, or write those of all commands into a folder.
    Man(ManArguments),
}

#[derive(Debug, Args)]
pub(crate) struct BuildArguments {
    #[command(flatten)]
    pub(crate) site: SiteArguments,
    /// Output to make [default: rust].
    #[arg(long, value_enum)]
    pub(crate) target: Option<TargetKind>,
    /// Output folder [default with `--target worker`: dist-worker]. With `--target rust-worker`, the
    /// folder of the crate [default: the current one].
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Pack again after each change, until Ctrl-C; `--effort` is then `fast` by default.
    #[arg(long)]
    pub(crate) watch: bool,
    /// Format of the report.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    /// Print the duration of each stage, and the slowest files.
    #[arg(long)]
    pub(crate) timings: bool,
    #[command(flatten)]
    pub(crate) run: RunArguments,
    #[command(flatten)]
    pub(crate) pack: PackArguments,
    #[command(flatten)]
    pub(crate) worker: WorkerArguments,
}

#[derive(Debug, Args)]
pub(crate) struct ServeArguments {
    #[command(flatten)]
    pub(crate) site: SiteArguments,
    /// Port to listen on; 0 for any free port [default: 8787].
    #[arg(long)]
    pub(crate) port: Option<u16>,
    /// Address to listen on; any other than a loopback address exposes the site to the network
    /// [default: 127.0.0.1].
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) host: Option<IpAddr>,
    /// Pack again after each change; `--effort` is then `fast` by default.
    #[arg(long)]
    pub(crate) watch: bool,
    #[command(flatten)]
    pub(crate) run: RunArguments,
    #[command(flatten)]
    pub(crate) pack: PackArguments,
}

#[derive(Debug, Args)]
pub(crate) struct WeighArguments {
    /// Configuration for wrangler, or folder with one or with modules [default: the configuration in
    /// this folder if it has a `main`, else `dist-worker`].
    #[arg(value_name = "CONFIG-OR-FOLDER")]
    pub(crate) path: Option<PathBuf>,
    /// Environment in the configuration.
    #[arg(long, value_name = "NAME")]
    pub(crate) env: Option<String>,
    /// Manifest of the packed site, which tells the names of its files [default: the one beside the
    /// Worker, or in what Cargo built].
    #[arg(long, value_name = "FILE")]
    pub(crate) manifest: Option<PathBuf>,
    /// Format of the report.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    /// Print only errors.
    #[arg(long, short)]
    pub(crate) quiet: bool,
    /// Treatment of warnings: lenient, or strict to fail on them [default: lenient].
    #[arg(long, value_name = "STRICTNESS")]
    pub(crate) strictness: Option<Strictness>,
    /// Configuration file [default: `worker-pack.toml`, if it exists].
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    #[command(flatten, next_help_heading = "Limits of the platform")]
    pub(crate) limits: LimitArguments,
}

#[derive(Debug, Args)]
pub(crate) struct DiffArguments {
    /// Site before: a manifest, a folder with one, a build, or one of them in a revision of git, such as
    /// `main:manifest.json`.
    #[arg(value_name = "OLD")]
    pub(crate) old: String,
    /// Site after.
    #[arg(value_name = "NEW")]
    pub(crate) new: String,
    /// Format of the difference.
    #[arg(long, value_enum, default_value_t = DiffFormat::Text)]
    pub(crate) format: DiffFormat,
    #[command(flatten)]
    pub(crate) place: PlaceArguments,
}

#[derive(Debug, Args)]
pub(crate) struct CacheArguments {
    /// Action.
    #[arg(value_enum)]
    pub(crate) task: CacheTask,
    #[command(flatten)]
    pub(crate) site: SiteArguments,
    #[command(flatten)]
    pub(crate) place: PlaceArguments,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArguments {
    /// Code of a diagnostic, such as `css/lost-declaration` [default: list all codes].
    #[arg(value_parser = CodeParser)]
    pub(crate) code: Option<Code>,
}

#[derive(Debug, Args)]
pub(crate) struct CompletionsArguments {
    /// Shell whose completions to print.
    #[arg(value_enum)]
    pub(crate) shell: Shell,
}

#[derive(Debug, Args)]
pub(crate) struct ManArguments {
    /// Folder for the pages of all commands, made if it is missing [default: print one page].
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

/// An action on the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CacheTask {
    /// Print its folder.
    Path,
    /// Remove all results.
    Clean,
    /// Print the number and size of the results.
    Stats,
}

#[derive(Debug, Args)]
pub(crate) struct SiteArguments {
    /// Folder of the build, which may contain `client` and `server` [default: `dist`].
    #[arg(value_name = "DIST")]
    pub(crate) dist: Option<PathBuf>,
}

/// The places of files outside of the site.
#[derive(Debug, Args)]
pub(crate) struct PlaceArguments {
    /// Configuration file [default: `worker-pack.toml`, if it exists].
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Folder of the cache, or `none` for no cache [default: `WORKER_PACK_CACHE_DIR`, else
    /// `node_modules/.cache/worker-pack`, else the platform's cache folder].
    #[arg(long, value_name = "DIR")]
    pub(crate) cache_dir: Option<PathBuf>,
}

/// The options of a run that do not change its result.
#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    /// Print only errors, and the URL of `serve`.
    #[arg(long, short)]
    pub(crate) quiet: bool,
    /// Treatment of warnings: lenient, or strict to fail on them [default: lenient].
    #[arg(long, value_name = "STRICTNESS")]
    pub(crate) strictness: Option<Strictness>,
    #[command(flatten)]
    pub(crate) place: PlaceArguments,
    /// Size of the cache above which old results are removed, such as `500 MB` [default: 1 GB].
    #[arg(long, value_name = "SIZE")]
    pub(crate) cache_size: Option<ByteSize>,
}

/// A kind of target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum TargetKind {
    /// A Rust module, to compile into a Worker in Rust.
    #[default]
    Rust,
    /// A complete Worker in JavaScript and WebAssembly, with the site's server, if any.
    Worker,
    /// All of a Worker in Rust but its program: that module, the site's server, if any, and the
    /// configuration for wrangler.
    RustWorker,
}

/// A format of a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiffFormat {
    /// Text for people.
    Text,
    /// One JSON document for programs. Its `version` changes when a field changes its meaning.
    Json,
    /// A comment on a pull request.
    Markdown,
}

/// A format of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Text for people.
    Text,
    /// One JSON document for programs. Its `version` changes when a field changes its meaning.
    Json,
}
