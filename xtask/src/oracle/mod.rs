//! `cargo xtask oracle`: compares Cloudflare's own servers, from npm, with `worker-pack serve`, and, for
//! sites with a server, with a packed Worker.
//!
//! Sites are generated from a seed: files whose names mean something to a server, and rules for
//! them. Both servers get the same requests, and under the strict rules have to send the same
//! responses. A difference is reduced to a small site and one request.

mod difference;
mod requests;
mod servers;
mod shrink;
mod site;
mod with_server;

use std::fmt::Write as _;

use anyhow::{Result, bail};
use clap::Args;
use fastrand::Rng;

use crate::files::{lock, scratch};
use crate::tools::engine;
use crate::tools::npm_tools::Tools;
use crate::tools::program::Program;

use difference::Difference;
use requests::Question;
use servers::{Cloudflare, Programs};
use site::Site;

/// Maximum number of differences to print.
const MAX_PRINTED: usize = 8;

/// Options of `cargo xtask oracle`.
#[derive(Args)]
pub(crate) struct Options {
    #[command(flatten)]
    program: Program,

    /// Generate sites from this number and the following ones
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,

    /// Compare this number of sites, each on Workers, on Pages, and on Workers with a server
    #[arg(long, value_name = "N", default_value_t = 3)]
    rounds: u64,

    /// Send this number of requests for each
    #[arg(long, value_name = "N", default_value_t = 600)]
    requests: usize,
}

/// Compares the servers over the example blog and generated sites.
pub(crate) fn run_task(options: &Options) -> Result<()> {
    let worker_pack = options.program.path()?;
    let _lock = lock("oracle")?;
    let (tools, engine) = (Tools::install()?, engine::build()?);
    let programs = Programs { worker_pack, tools, engine, folder: scratch("oracle") };
    let mut compared = 0;
    for round in 0..options.rounds {
        let seed = options.seed.wrapping_add(round);
        let mut random = Rng::with_seed(seed);
        let (name, site) = match round {
            0 => ("the blog".to_owned(), Site::blog()?),
            _ => (format!("seed {seed}"), Site::random(&mut random)),
        };
        let questions = requests::for_site(&site, &mut random, options.requests);
        for cloudflare in Cloudflare::of_round(round) {
            compared += questions.len();
            let differences = compare(&programs, cloudflare, &site, &questions)?;
            if !differences.is_empty() {
                bail!(explain(&programs, cloudflare, &name, &site, &differences));
            }
            println!("{cloudflare}, {name}: {} requests", questions.len());
        }
    }
    println!("{compared} answers are the same");
    Ok(())
}

/// Asks both servers, and returns the differences.
fn compare(
    programs: &Programs,
    cloudflare: Cloudflare,
    site: &Site,
    questions: &[Question],
) -> Result<Vec<Difference>> {
    programs.write(cloudflare, site.files())?;
    let theirs = programs.start_theirs(cloudflare)?;
    let ours = programs.start_ours(cloudflare)?;
    let mut differences = Vec::new();
    for question in questions {
        let (theirs, ours) = (question.ask(theirs.port())?, question.ask(ours.port())?);
        differences.extend(Difference::find(cloudflare, question, &theirs, &ours));
    }
    Ok(differences)
}

/// Prints differences, and the smallest site found that has the first of them.
fn explain(
    programs: &Programs,
    cloudflare: Cloudflare,
    name: &str,
    site: &Site,
    differences: &[Difference],
) -> String {
    let count = differences.len();
    let mut text = format!("{cloudflare}, {name}: {count} answers differ, the first of them:\n\n");
    for difference in differences.iter().take(MAX_PRINTED) {
        let _ = writeln!(text, "{difference}");
    }
    let Some(first) = differences.first() else { return text };
    match shrink::shrink(site, |site| {
        compare(programs, cloudflare, site, std::slice::from_ref(&first.question))
            .is_ok_and(|found| !found.is_empty())
    }) {
        Some(small) => {
            let _ = writeln!(text, "the first one needs only these files and rules:");
            for line in [&small.pages, &small.redirects, &small.headers].into_iter().flatten() {
                let _ = writeln!(text, "  {line}");
            }
        }
        None => text.push_str("the first one disappears when it is asked alone\n"),
    }
    text
}
