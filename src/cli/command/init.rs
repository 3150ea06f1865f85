//! `worker-pack init`.

use std::io::Write as _;
use std::path::PathBuf;

use worker_pack::Migration;

use crate::cli::args::InitArguments;
use crate::cli::exit::Failure;
use crate::cli::print::ignore_broken_pipe;
use crate::cli::print::migration::{Differences, Guide, WrittenFiles};

/// Plans the migration of a project, and shows or writes it.
pub(crate) fn run(arguments: &InitArguments) -> Result<(), Failure> {
    let folder = arguments.folder.clone().unwrap_or_else(|| PathBuf::from("."));
    let migration = Migration::of(folder).target(arguments.target.into());
    let plan = migration.answers(arguments.answers()).plan()?;
    if arguments.write {
        plan.write()?;
    }
    let mut stdout = anstream::stdout().lock();
    let printed = if arguments.write {
        write!(stdout, "{}", WrittenFiles(&plan))
    } else {
        write!(stdout, "{}", Differences(&plan))
    };
    let guide = Guide { plan: &plan, arguments };
    ignore_broken_pipe(
        printed.and_then(|()| write!(stdout, "{guide}")).and_then(|()| stdout.flush()),
    )
}
