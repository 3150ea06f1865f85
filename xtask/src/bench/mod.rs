//! `cargo xtask bench`: what packing costs, and what the packed Worker does.
//!
//! Whatever is compared is measured in turn, and what counts is the median of the ratios: the
//! machine may be busy with other things.

mod client;
mod pack;
mod process;
mod report;
mod rivals;
mod words;
mod worker;

use std::path::PathBuf;

use crate::tools::cargo::Workspace;
use crate::tools::engine;

pub(crate) use pack::run as pack;
pub(crate) use worker::run as worker;

/// What a task was asked for.
struct Options {
    binary: Option<PathBuf>,
    rounds: usize,
    check: bool,
    /// The sections that are to be measured, all if it is empty.
    only: Vec<String>,
}

impl Options {
    /// Reads the options of the task of some name, which may have sections.
    fn parse(task: &str, words: &[&str], rounds: usize, sections: &[&str]) -> Result<Self, String> {
        let mut options = Self { binary: None, rounds, check: false, only: Vec::new() };
        let mut words = words.iter();
        while let Some(&word) = words.next() {
            let mut value = || words.next().copied().ok_or_else(|| format!("{word} what?"));
            match word {
                "--binary" => options.binary = Some(absolute(value()?)?),
                "--rounds" => {
                    options.rounds =
                        value()?.parse().map_err(|error| format!("{word}: {error}"))?;
                }
                "--check" => options.check = true,
                "--only" if !sections.is_empty() => {
                    let section = value()?;
                    if !sections.contains(&section) {
                        let sections = sections.join(", ");
                        return Err(format!("`{section}` is none of {sections}"));
                    }
                    options.only.push(section.to_owned());
                }
                _ => return Err(format!("`{word}` is no option of `cargo xtask bench {task}`")),
            }
        }
        Ok(options)
    }

    /// The program, which is built if none was named.
    fn binary(&self) -> Result<PathBuf, String> {
        match &self.binary {
            Some(binary) => Ok(binary.clone()),
            None => Workspace::find()?.build(&engine::build()?),
        }
    }
}

/// Commands run in other folders than this one.
fn absolute(path: &str) -> Result<PathBuf, String> {
    std::path::absolute(path).map_err(|error| format!("cannot find `{path}`: {error}"))
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
