//! The arguments as typed.

use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;

use bytesize::ByteSize;
use clap::{Args, Parser, Subcommand, ValueEnum};
use serde::Deserialize;
use worker_pack::{
    CacheRule, Coding, Compat, Dotfiles, Effort, HtmlHandling, IdentityBodies, MinifiedLanguage,
    NotFoundHandling, ServerCode, SourceMaps,
};

const AFTER_HELP: &str = "\
Options can also be set in `worker-pack.toml`; those of the command line win.
Exit codes: 0 done, 1 the site could not be packed or served, 2 wrong arguments or configuration.";

/// Packs an Astro build into a Rust asset table that a Cloudflare Worker serves by itself.
#[derive(Debug, Parser)]
#[command(name = "worker-pack", version, after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Writes the table as a Rust module, or a whole Worker for wrangler to deploy.
    Build(BuildArguments),
    /// Serves the site as the Worker will, on this machine.
    Serve(ServeArguments),
    /// Shows or empties the cache of results.
    Cache(CacheArguments),
}

#[derive(Debug, Args)]
pub(crate) struct BuildArguments {
    #[command(flatten)]
    pub(crate) pack: PackArguments,
    /// What the site is packed for [default: rust].
    #[arg(long, value_enum)]
    pub(crate) host: Option<Host>,
    /// The folder to write into [default with `--host worker`: dist-worker].
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// How to print the report.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    /// Prints how long each stage took, and the slowest files.
    #[arg(long)]
    pub(crate) timings: bool,
    /// Packs again whenever the folder changes, until Ctrl-C; `--effort` is fast unless given.
    #[arg(long)]
    pub(crate) watch: bool,
    #[command(flatten)]
    pub(crate) worker: WorkerArguments,
}

#[derive(Debug, Args)]
pub(crate) struct ServeArguments {
    #[command(flatten)]
    pub(crate) pack: PackArguments,
    /// The port to listen on; 0 takes any that is free [default: 8787].
    #[arg(long)]
    pub(crate) port: Option<u16>,
    /// The address to listen on; any but a loopback one opens the site to the network
    /// [default: 127.0.0.1].
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) host: Option<IpAddr>,
    /// Packs again whenever the folder changes; `--effort` is fast unless given.
    #[arg(long)]
    pub(crate) watch: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CacheArguments {
    /// What to do with it.
    #[arg(value_enum)]
    pub(crate) task: CacheTask,
    /// The folder whose cache it is [default: as for `build`].
    #[arg(value_name = "DIST")]
    pub(crate) dist: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) place: PlaceArguments,
}

/// What to do with the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CacheTask {
    /// Prints where it is.
    Path,
    /// Empties it.
    Clean,
    /// Prints how much there is in it.
    Stats,
}

/// Where files are that are not the site's.
#[derive(Debug, Args)]
pub(crate) struct PlaceArguments {
    /// The configuration file [default: `worker-pack.toml`, if there is one].
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The folder to keep results in from one run to the next; `none` for none [default:
    /// `WORKER_PACK_CACHE_DIR`, else `node_modules/.cache/worker-pack`, else one of the platform's].
    #[arg(long, value_name = "DIR")]
    pub(crate) cache_dir: Option<PathBuf>,
}

/// What a site is packed for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Host {
    /// A Rust module, compiled into a Worker written in Rust.
    #[default]
    Rust,
    /// A Worker in JavaScript with the site's own server, if it has one: needs no Rust.
    Worker,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Options of --host worker")]
pub(crate) struct WorkerArguments {
    /// The engine, a WebAssembly module [default: the one this command was compiled with].
    #[arg(long, value_name = "FILE", env = "WORKER_PACK_ENGINE", hide_env_values = true)]
    pub(crate) engine: Option<PathBuf>,
    /// Applies the rules of `_headers` to the server's answers too.
    #[arg(long)]
    pub(crate) headers_on_ssr: bool,
    /// What becomes of the server's modules: minified or kept [default: minified].
    #[arg(long, value_name = "HOW")]
    pub(crate) server_code: Option<ServerCode>,
    /// Files of at least this size, such as `1 MB`, go to Workers Static Assets.
    #[arg(long, value_name = "SIZE")]
    pub(crate) spill_above: Option<ByteSize>,
    /// How many bytes of files the Worker may hold; what is beyond goes to Workers Static Assets
    /// [default: what the limit of its size leaves].
    #[arg(long, value_name = "SIZE")]
    pub(crate) budget: Option<ByteSize>,
}

/// How a report is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// For programs: one JSON document, whose `version` changes with its meaning.
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct PackArguments {
    /// What the build wrote [default: `dist`, with `client` and `server` told apart in it].
    #[arg(value_name = "DIST")]
    pub(crate) dist: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) place: PlaceArguments,
    /// Prints errors only, and where `serve` listens.
    #[arg(long, short)]
    pub(crate) quiet: bool,
    /// Languages to minify, of html, css, js, json, svg and xml; `none` for none [default: all].
    /// Code in pages is minified if its own language and html are.
    #[arg(long, value_name = "LANGUAGES", value_parser = parse_names::<MinifiedLanguage>)]
    pub(crate) minify: Option<Names<MinifiedLanguage>>,
    /// Browsers to compile style sheets for, as a Browserslist query; may be given several times.
    #[arg(long = "css-target", value_name = "QUERY")]
    pub(crate) css_targets: Vec<String>,
    /// Content codings to make, of br and gzip; `none` for none [default: br].
    #[arg(long, value_name = "CODINGS", value_parser = parse_names::<Coding>)]
    pub(crate) encodings: Option<Names<Coding>>,
    /// How much work a smaller body is worth: fast, balanced or max [default: max].
    #[arg(long, value_name = "EFFORT")]
    pub(crate) effort: Option<Effort>,
    /// How clients that take no content coding are served: auto, stored or decoded [default: auto,
    /// decoded by JavaScript hosts, stored for Rust].
    #[arg(long, value_name = "HOW")]
    pub(crate) identity: Option<IdentityBodies>,
    /// What becomes of source maps: leave-out or publish [default: leave-out].
    #[arg(long, value_name = "WHAT")]
    pub(crate) source_maps: Option<SourceMaps>,
    /// What becomes of hidden files outside `.well-known`: leave-out or publish
    /// [default: leave-out].
    #[arg(long, value_name = "WHAT")]
    pub(crate) dotfiles: Option<Dotfiles>,
    /// Takes warnings for errors.
    #[arg(long)]
    pub(crate) strict: bool,
    /// The cache policy of some paths, such as `/fonts/*=immutable` or `/*.pdf=public,
    /// max-age=60`; may be given several times, and the last that matches counts.
    #[arg(long, value_name = "PATHS=POLICY")]
    pub(crate) cache: Vec<CacheRule>,
    /// Sends ahead what pages load, as Early Hints.
    #[arg(long)]
    pub(crate) early_hints: bool,
    #[command(flatten)]
    pub(crate) rules: RuleArguments,
}

/// Whose rules a site follows.
#[derive(Debug, Args)]
#[command(next_help_heading = "Rules for URLs")]
pub(crate) struct RuleArguments {
    /// Whose rules are followed: those of workers (Workers Static Assets) or of pages
    /// [default: workers for `client` and with `assets` in wrangler.jsonc, else pages].
    #[arg(long, value_name = "SERVER")]
    pub(crate) compat: Option<Compat>,
    /// Which URLs a page has: auto-trailing-slash, force-trailing-slash, drop-trailing-slash or none
    /// [default: as in wrangler.jsonc, else auto-trailing-slash].
    #[arg(long, value_name = "HOW")]
    pub(crate) html_handling: Option<HtmlHandling>,
    /// What is answered where nothing is: 404-page, single-page-application or none
    /// [default: as in wrangler.jsonc, else 404-page].
    #[arg(long, value_name = "HOW")]
    pub(crate) not_found_handling: Option<NotFoundHandling>,
    /// Follows Cloudflare to the letter, in what worker-pack does better, too.
    #[arg(long)]
    pub(crate) strict_compat: bool,
}

/// A list of names, which may be empty.
#[derive(Clone, Debug)]
pub(crate) struct Names<T>(pub(crate) Vec<T>);

fn parse_names<T: FromStr<Err = String>>(text: &str) -> Result<Names<T>, String> {
    match text {
        "none" => Ok(Names(Vec::new())),
        list => list.split(',').map(str::parse).collect::<Result<_, _>>().map(Names),
    }
}
