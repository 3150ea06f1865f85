//! `worker-pack build`.

use std::io::Write as _;
use std::sync::Arc;

use worker_pack::{Changes, EmittedPack, Pack};

use crate::cli::args::{BuildArguments, Format};
use crate::cli::config::Config;
use crate::cli::exit::Failure;
use crate::cli::print::next_steps::NextSteps;
use crate::cli::print::progress_bar::ProgressBar;
use crate::cli::print::summary::{Summary, Times, Written};
use crate::cli::print::{diagnostics, ignore_broken_pipe, json};
use crate::cli::terminal::Verbosity;
use crate::cli::watch::Watch;

/// Packs the site, writes the output, and prints the report. With `--watch`, repeats that after
/// each change.
pub(crate) fn run(arguments: &BuildArguments) -> Result<(), Failure> {
    if arguments.watch {
        return watch(arguments);
    }
    let progress = Arc::new(ProgressBar::new(verbosity(arguments)));
    let result = pack(arguments, &progress).and_then(|pack| Ok(pack.emit()?));
    progress.finish();
    print(result.as_ref(), arguments)?;
    result.map(drop)
}

fn pack(arguments: &BuildArguments, progress: &Arc<ProgressBar>) -> Result<Pack, Failure> {
    let config = Config::load(arguments.run.place.config.as_deref())?;
    config.build(arguments, Arc::clone(progress))
}

fn verbosity(arguments: &BuildArguments) -> Verbosity {
    Verbosity::from_quiet_flag(arguments.run.quiet)
}

/// Packs again after each change. If that fails, the last output remains.
fn watch(arguments: &BuildArguments) -> Result<(), Failure> {
    let progress = Arc::new(ProgressBar::new(verbosity(arguments)));
    let config = Config::load(arguments.run.place.config.as_deref())?;
    let pack = config.build(arguments, Arc::clone(&progress))?;
    // Watching begins before packing, so that a change in between is not missed.
    let mut watch = Watch::new(&config.dist(&arguments.site))?;
    let mut pack = pack.live()?;
    let mut is_first = true;
    let mut changes = Changes::Anything;
    loop {
        let result = pack.emit(&changes);
        progress.finish();
        match result {
            Ok(emitted) => match arguments.format {
                Format::Text if !is_first => print_again(&emitted, arguments),
                Format::Text | Format::Json => {
                    print(Ok(&emitted), arguments)?;
                    is_first = false;
                }
            },
            Err(error) => diagnostics::print_failure(&error.into()),
        }
        match watch.wait() {
            Some(next) => changes = next,
            None => return Ok(()),
        }
    }
}

/// Prints the diagnostics and numbers of files of a repeated pack. The full summary is printed only
/// once.
fn print_again(emitted: &EmittedPack, arguments: &BuildArguments) {
    if let (Verbosity::Normal, Some(written)) = (verbosity(arguments), emitted.emitted()) {
        diagnostics::print_all(&emitted.report().diagnostics);
        let _ = write!(anstream::stdout(), "{}", Written(written));
    }
}

/// Prints the diagnostics and the report of a pack, in the format of the arguments.
fn print(
    result: Result<&EmittedPack, &Failure>,
    arguments: &BuildArguments,
) -> Result<(), Failure> {
    let verbosity = verbosity(arguments);
    if let (Ok(packed), Verbosity::Normal) = (result, verbosity) {
        diagnostics::print_all(&packed.report().diagnostics);
    }
    let mut stdout = anstream::stdout().lock();
    let printed = match (result, arguments.format, verbosity) {
        (Ok(packed), Format::Json, _) => {
            let timings = arguments.timings.then(|| packed.timings());
            json::print_report(&mut stdout, packed.report(), timings)
        }
        (Err(failure), Format::Json, _) => json::print_failure(&mut stdout, failure),
        (Ok(packed), Format::Text, Verbosity::Normal) => {
            let summary = Summary(packed.report()).to_string();
            let written = packed.emitted().map(|emitted| Written(emitted).to_string());
            let times = arguments.timings.then(|| Times(packed.timings()).to_string());
            let next = packed.emitted().map(|emitted| {
                let worker = packed.report().worker.as_ref();
                NextSteps { emitted, worker, dist: arguments.site.dist.as_deref() }.to_string()
            });
            let texts = [Some(summary), written, times, next];
            texts.into_iter().flatten().try_for_each(|text| write!(stdout, "{text}"))
        }
        (_, Format::Text, _) => Ok(()),
    };
    ignore_broken_pipe(printed.and_then(|()| stdout.flush()))
}
