//! `cargo xtask oracle`: Cloudflare's own servers, from npm, against `worker-pack serve`.
//!
//! Sites are made up from a seed: files with names that have a meaning to somebody, and rules for
//! them. Both servers are asked the same, and have to answer the same under the strict rules. A
//! difference is cut down to a small site and one request.

mod client;
mod difference;
mod requests;
mod servers;
mod shrink;
mod site;

use std::fmt::Write as _;
use std::path::PathBuf;

use crate::files as tree;
use crate::random::Random;
use crate::sites::project::scratch;
use crate::tools::cargo::Workspace;
use crate::tools::engine;
use crate::tools::npm_tools::Tools;

use difference::Difference;
use requests::Asked;
use servers::{Engine, Programs};
use site::Site;

/// How many differences are shown.
const SHOWN: usize = 8;

/// Compares the servers over made-up sites, and over the example blog.
pub(crate) fn run(options: &[&str]) -> Result<(), String> {
    let options = Options::parse(options)?;
    let worker_pack = match options.binary {
        Some(binary) => binary,
        None => Workspace::find()?.build(&engine::build()?)?,
    };
    let folder = scratch().join("oracle");
    let _lock = tree::lock(&scratch().join("oracle.lock"))?;
    let programs = Programs { worker_pack, tools: Tools::install()?, folder };
    let mut compared = 0;
    for round in 0..options.rounds {
        let mut random = Random::new(options.seed.wrapping_add(round));
        let (name, site) = match round {
            0 => ("the blog".to_owned(), Site::blog()?),
            _ => (format!("seed {}", random.seed()), Site::random(&mut random)),
        };
        let asked = requests::for_site(&site, &mut random, options.requests);
        for engine in Engine::of_round(round) {
            compared += asked.len();
            let differences = compare(&programs, engine, &site, &asked)?;
            if !differences.is_empty() {
                return Err(explain(&programs, engine, &name, &site, &differences));
            }
            crate::println(format!("{engine}, {name}: {} requests", asked.len()).as_ref());
        }
    }
    crate::println(format!("{compared} answers are the same").as_ref());
    Ok(())
}

/// Asks both servers, and returns what differs.
fn compare(
    programs: &Programs,
    engine: Engine,
    site: &Site,
    asked: &[Asked],
) -> Result<Vec<Difference>, String> {
    let dist = programs.folder.join("dist");
    tree::create_folder(&dist)?;
    tree::write(&site.files(), &dist, &[])?;
    let theirs = programs.start_theirs(engine)?;
    let ours = programs.start_ours(engine)?;
    let mut differences = Vec::new();
    for asked in asked {
        let (theirs, ours) = (theirs.ask(asked)?, ours.ask(asked)?);
        differences.extend(Difference::find(engine, asked, &theirs, &ours));
    }
    Ok(differences)
}

fn explain(
    programs: &Programs,
    engine: Engine,
    name: &str,
    site: &Site,
    differences: &[Difference],
) -> String {
    let count = differences.len();
    let mut text = format!("{engine}, {name}: {count} answers differ, the first of them:\n\n");
    for difference in differences.iter().take(SHOWN) {
        let _ = writeln!(text, "{difference}");
    }
    let Some(first) = differences.first() else { return text };
    match shrink::shrink(site, |site| {
        compare(programs, engine, site, std::slice::from_ref(&first.asked))
            .is_ok_and(|found| !found.is_empty())
    }) {
        Some(small) => {
            let _ = writeln!(text, "the very first differs with these files and rules alone:");
            for part in [&small.pages, &small.redirects, &small.headers] {
                for line in part {
                    text.extend(["  ", line, "\n"]);
                }
            }
        }
        None => text.push_str("it does not differ when it is asked alone\n"),
    }
    text
}

/// What the task was asked for.
struct Options {
    binary: Option<PathBuf>,
    seed: u64,
    rounds: u64,
    requests: usize,
}

impl Options {
    fn parse(words: &[&str]) -> Result<Self, String> {
        let mut options = Self { binary: None, seed: 1, rounds: 3, requests: 600 };
        let mut words = words.iter();
        while let Some(&word) = words.next() {
            let value = words.next().ok_or_else(|| format!("{word} what?"))?;
            let failed = |error: std::num::ParseIntError| format!("{word}: {error}");
            match word {
                "--binary" => options.binary = Some(value.into()),
                "--seed" => options.seed = value.parse().map_err(failed)?,
                "--rounds" => options.rounds = value.parse().map_err(failed)?,
                "--requests" => options.requests = value.parse().map_err(failed)?,
                _ => return Err(format!("`{word}` is no option of `cargo xtask oracle`")),
            }
        }
        Ok(options)
    }
}
