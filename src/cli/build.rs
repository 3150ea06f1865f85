//! `worker-pack build`.

use std::error::Error as _;
use std::io::{self, Write};

use serde::Serialize;
use worker_pack::{Diagnostic, EmittedPack, PackError, Report};

use super::args::{BuildArguments, Format, Host};
use super::config::{Config, engine};
use super::diagnostics;
use super::exit::Failure;
use super::progress_bar::ProgressBar;
use super::summary::{Summary, Written};
use super::terminal::Verbosity;

/// Packs, writes, and prints the report.
pub(crate) fn run(arguments: &BuildArguments) -> Result<(), Failure> {
    let result = pack(arguments);
    let verbosity = Verbosity::from_quiet_flag(arguments.pack.quiet);
    if let (Ok(packed), Verbosity::Normal) = (&result, verbosity) {
        diagnostics::print_all(&packed.report().diagnostics);
    }
    let mut stdout = anstream::stdout().lock();
    let printed = match (&result, arguments.format, verbosity) {
        (Ok(packed), Format::Json, _) => print_json(&mut stdout, packed.report()),
        (Err(failure), Format::Json, _) => print_json(&mut stdout, &FailureReport::new(failure)),
        (Ok(packed), Format::Text, Verbosity::Normal) => {
            write!(stdout, "{}{}", Summary(packed.report()), Written(packed.emitted()))
        }
        (_, Format::Text, _) => Ok(()),
    };
    result?;
    match printed.and_then(|()| stdout.flush()) {
        // Whoever reads has read enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        printed => printed.map_err(|source| Failure::Output { source }),
    }
}

fn pack(arguments: &BuildArguments) -> Result<EmittedPack, Failure> {
    let config = Config::load(arguments.pack.config.as_deref())?;
    let out = config.out(arguments)?;
    // Before the work that takes long.
    let engine = match config.host(arguments) {
        Host::Rust => None,
        Host::Worker => Some(engine(&arguments.worker)?),
    };
    let progress = ProgressBar::new(Verbosity::from_quiet_flag(arguments.pack.quiet));
    let packed = config.pack(&arguments.pack).run_with_progress(&progress)?;
    progress.finish();
    Ok(match engine {
        None => packed.emit(&out)?,
        Some(engine) => packed.emit_worker(&out, &engine, &config.worker(&arguments.worker))?,
    })
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
