//! The arguments as typed.

use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Parser, Subcommand, ValueEnum};
use worker_pack::{CacheRule, Coding, Dotfiles, MinifiedLanguage, SourceMaps};

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
    /// Writes the table as a Rust module, with the bodies it includes and a manifest.
    Build(BuildArguments),
    /// Serves the site as the Worker will, on this machine.
    Serve(ServeArguments),
}

#[derive(Debug, Args)]
pub(crate) struct BuildArguments {
    #[command(flatten)]
    pub(crate) pack: PackArguments,
    /// The folder to write into.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// How to print the report.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
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
    /// Packs again whenever the folder changes.
    #[arg(long)]
    pub(crate) watch: bool,
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
    /// The configuration file [default: `worker-pack.toml`, if there is one].
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
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
