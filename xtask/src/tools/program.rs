//! The program `worker-pack`.

use std::env::consts::EXE_SUFFIX;
use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use super::{cargo, engine};
use crate::command::run;
use crate::files::target;

/// The program that a task runs.
#[derive(Args)]
pub(crate) struct Program {
    /// Use this program, instead of a release build with the engine embedded
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
}

impl Program {
    /// Returns the absolute path of the program, which is compiled unless one was named.
    pub(crate) fn path(&self) -> Result<PathBuf> {
        match &self.binary {
            Some(binary) => Ok(std::path::absolute(binary)?),
            None => compile(),
        }
    }
}

fn compile() -> Result<PathBuf> {
    let mut build = cargo::build("worker-pack");
    run(build.arg("--release").env("WORKER_PACK_ENGINE", engine::build()?))?;
    Ok(target().join("release").join(name()))
}

/// Returns the file name of the program.
pub(crate) fn name() -> String {
    format!("worker-pack{EXE_SUFFIX}")
}
