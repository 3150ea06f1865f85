//! `worker-pack build`.

use std::error::Error as _;
use std::io::{self, Write};
use std::path::PathBuf;

use serde::Serialize;
use worker_pack::{Diagnostic, EmittedPack, Engine, PackError, Report, Timings};

use crate::cli::args::{BuildArguments, Format, Host};
use crate::cli::config::{Config, engine};
use crate::cli::exit::Failure;
use crate::cli::print::diagnostics;
use crate::cli::print::progress_bar::ProgressBar;
use crate::cli::print::summary::{Summary, Times, Written};
use crate::cli::terminal::Verbosity;
use crate::cli::watch::{Changes, Watch};

/// Packs, writes, and prints the report; with `--watch`, again and again.
pub(crate) fn run(arguments: &BuildArguments) -> Result<(), Failure> {
    let verbosity = Verbosity::from_quiet_flag(arguments.pack.quiet);
    if arguments.watch {
        return watch(arguments, verbosity);
    }
    let progress = ProgressBar::new(verbosity);
    let result = Task::new(arguments).and_then(|task| {
        let pack = task.config.pack(&arguments.pack);
        Ok(match &task.engine {
            None => pack.emit_with_progress(&task.out, &progress)?,
            Some(engine) => {
                let options = task.config.worker(&arguments.worker);
                pack.emit_worker_with_progress(&task.out, engine, &options, &progress)?
            }
        })
    });
    progress.finish();
    print(result.as_ref(), arguments, verbosity)?;
    result.map(drop)
}

/// What is to be done, as far as it is the same each time.
struct Task {
    config: Config,
    out: PathBuf,
    /// The engine of a Worker for JavaScript hosts, if one is to be built.
    engine: Option<Engine>,
}

impl Task {
    fn new(arguments: &BuildArguments) -> Result<Self, Failure> {
        let config = Config::load(arguments.pack.place.config.as_deref())?;
        let out = config.out(arguments)?;
        // Before the work that takes long.
        let engine = match config.host(arguments) {
            Host::Rust => None,
            Host::Worker => Some(engine(&arguments.worker)?),
        };
        Ok(Self { config, out, engine })
    }
}

/// Packs again after each change. If that fails, what was written before still is there.
fn watch(arguments: &BuildArguments, verbosity: Verbosity) -> Result<(), Failure> {
    let task = Task::new(arguments)?;
    // Watched before it is packed, so that a change in between is not missed.
    let dist = task.config.dist(arguments.pack.dist.as_deref());
    let mut watch = Watch::new(&dist)?;
    let mut pack = task.config.pack_to_watch(&arguments.pack).live()?;
    let options = task.config.worker(&arguments.worker);
    let mut written: Option<EmittedPack> = None;
    let mut changes = Changes::Anything;
    loop {
        let packed = match &changes {
            Changes::Files(files) => pack.run_changed(files),
            Changes::Anything => {
                let progress = ProgressBar::new(verbosity);
                pack.run(&progress)
            }
        };
        let result = packed.and_then(|packed| match &task.engine {
            None => packed.emit_again(&task.out, written.as_ref()),
            Some(engine) => packed.emit_worker_again(&task.out, written.as_ref(), engine, &options),
        });
        match result {
            Ok(emitted) => {
                match (&written, arguments.format, verbosity) {
                    (Some(_), Format::Text, Verbosity::Normal) => {
                        diagnostics::print_all(&emitted.report().diagnostics);
                        // The table as a whole has been shown.
                        let _ = write!(anstream::stdout(), "{}", Written(emitted.emitted()));
                    }
                    _ => print(Ok(&emitted), arguments, verbosity)?,
                }
                written = Some(emitted);
            }
            Err(error) => diagnostics::print_failure(&error.into()),
        }
        match watch.wait() {
            Some(next) => changes = next,
            None => return Ok(()),
        }
    }
}

/// Prints what there is to say of a pack.
fn print(
    result: Result<&EmittedPack, &Failure>,
    arguments: &BuildArguments,
    verbosity: Verbosity,
) -> Result<(), Failure> {
    if let (Ok(packed), Verbosity::Normal) = (result, verbosity) {
        diagnostics::print_all(&packed.report().diagnostics);
    }
    let mut stdout = anstream::stdout().lock();
    let printed = match (result, arguments.format, verbosity) {
        (Ok(packed), Format::Json, _) => {
            let timings = arguments.timings.then(|| packed.timings());
            print_json(&mut stdout, &TimedReport { report: packed.report(), timings })
        }
        (Err(failure), Format::Json, _) => print_json(&mut stdout, &FailureReport::new(failure)),
        (Ok(packed), Format::Text, Verbosity::Normal) => {
            let written = Written(packed.emitted());
            write!(stdout, "{}{written}", Summary(packed.report())).and_then(|()| {
                if arguments.timings {
                    write!(stdout, "{}", Times(packed.timings()))
                } else {
                    Ok(())
                }
            })
        }
        (_, Format::Text, _) => Ok(()),
    };
    match printed.and_then(|()| stdout.flush()) {
        // Whoever reads has read enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        printed => printed.map_err(|source| Failure::Output { source }),
    }
}

/// A report, and where the time went if that was asked for.
#[derive(Serialize)]
struct TimedReport<'r> {
    #[serde(flatten)]
    report: &'r Report,
    #[serde(skip_serializing_if = "Option::is_none")]
    timings: Option<&'r Timings>,
}

fn print_json(out: &mut impl Write, document: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, document)?;
    writeln!(out)
}

/// What programs are told of a failure, in place of a report.
#[derive(Serialize)]
struct FailureReport<'f> {
    version: u32,
    error: String,
    /// What led to it, the nearest first.
    causes: Vec<String>,
    diagnostics: &'f [Diagnostic],
}

impl<'f> FailureReport<'f> {
    fn new(failure: &'f Failure) -> Self {
        let diagnostics = match failure {
            Failure::Pack(PackError::Files { diagnostics }) => diagnostics.as_slice(),
            _ => &[],
        };
        let mut causes = Vec::new();
        let mut next = failure.source();
        while let Some(cause) = next {
            causes.push(cause.to_string());
            next = cause.source();
        }
        Self { version: Report::VERSION, error: failure.to_string(), causes, diagnostics }
    }
}
