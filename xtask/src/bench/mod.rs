//! `cargo xtask bench`: the cost of packing, the speed of the packed Worker, and the bytes of its site.
//!
//! Things that are compared are measured in turn, and the median of their ratios counts: the
//! machine may be busy with other work.

mod bytes;
mod pack;
mod process;
mod report;
mod rivals;
mod rust_program;
mod words;
mod worker;

use anyhow::Result;
use clap::{Args, Subcommand};

use crate::tools::program::Program;

/// A benchmark.
#[derive(Subcommand)]
pub(crate) enum Bench {
    /// Measure packing: without and with a cache, with many files, and against Astro integrations
    Pack(pack::PackOptions),
    /// Measure packed Workers in workerd against a handwritten one
    Worker(worker::WorkerOptions),
    /// Measure the bytes that a browser receives, against other ways to compress the same site
    Bytes(bytes::BytesOptions),
}

impl Bench {
    /// Measures and prints the results in Markdown.
    pub(crate) fn run(&self) -> Result<()> {
        match self {
            Self::Pack(options) => pack::run_task(options),
            Self::Worker(options) => worker::run_task(options),
            Self::Bytes(options) => bytes::run_task(options),
        }
    }
}

/// Options of every benchmark.
#[derive(Args)]
pub(crate) struct Options {
    #[command(flatten)]
    program: Program,

    /// Measure everything this number of times; the median counts
    #[arg(long, value_name = "N")]
    rounds: Option<usize>,

    /// Fail if a target is missed
    #[arg(long)]
    check: bool,

    /// Measure tiny sites once, without targets, only to show that the benchmark works
    #[arg(long, conflicts_with_all = ["check", "rounds"])]
    smoke: bool,
}

impl Options {
    fn scale(&self) -> Scale {
        if self.smoke { Scale::Smoke } else { Scale::Full }
    }

    /// Returns the number of rounds, given that of a full benchmark.
    fn rounds(&self, full: usize) -> usize {
        self.rounds.unwrap_or_else(|| self.scale().pick(full, 1))
    }
}

/// The size of the sites that are measured.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scale {
    Full,
    /// Tiny sites, whose figures have no meaning.
    Smoke,
}

impl Scale {
    /// Returns one of two values.
    fn pick<T>(self, full: T, smoke: T) -> T {
        match self {
            Self::Full => full,
            Self::Smoke => smoke,
        }
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
