//! `worker-pack build`.

use std::io::{self, Write};

use super::args::{BuildArguments, Format};
use super::config::Config;
use super::exit::Failure;
use super::progress_bar::ProgressBar;
use super::terminal::Verbosity;
use super::{diagnostics, summary};

/// Packs, writes, and prints the report.
pub(crate) fn run(arguments: &BuildArguments) -> Result<(), Failure> {
    let config = Config::load(arguments.pack.config.as_deref())?;
    let out = config.out(arguments.out.as_deref())?;
    let verbosity = Verbosity::from_quiet_flag(arguments.pack.quiet);

    let progress = ProgressBar::new(verbosity);
    let packed = config.pack(&arguments.pack).run_with_progress(&progress)?.emit(&out)?;
    progress.finish();

    let report = packed.report();
    if verbosity == Verbosity::Normal {
        diagnostics::print_all(&report.diagnostics);
    }
    let mut stdout = anstream::stdout().lock();
    let printed = match (arguments.format, verbosity) {
        (Format::Json, _) => serde_json::to_writer_pretty(&mut stdout, report)
            .map_err(io::Error::from)
            .and_then(|()| writeln!(stdout)),
        (Format::Text, Verbosity::Normal) => {
            write!(stdout, "{}{}", summary::Summary(report), summary::Written(packed.emitted()))
        }
        (Format::Text, Verbosity::Quiet) => Ok(()),
    };
    match printed.and_then(|()| stdout.flush()) {
        // Whoever reads has read enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        printed => printed.map_err(|source| Failure::Output { source }),
    }
}
