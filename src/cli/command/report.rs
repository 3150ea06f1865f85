//! `worker-pack report`.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use worker_pack::report::{SiteWeight, WeightReport};

use crate::cli::args::{Format, ReportArguments};
use crate::cli::config::Config;
use crate::cli::exit::Failure;
use crate::cli::print::page::{WorkerPart, page};
use crate::cli::print::progress_bar::ProgressBar;
use crate::cli::print::site_weight::SiteWeightSummary;
use crate::cli::print::{diagnostics, ignore_broken_pipe, json};
use crate::cli::terminal::Verbosity;

/// The file of the page, unless another one is named.
const PAGE: &str = "report.html";

/// Weighs the site, writes the page, and prints where it is and what it says first.
pub(crate) fn run(arguments: &ReportArguments) -> Result<(), Failure> {
    let result = weigh(arguments);
    if let (Err(failure), Format::Json) = (&result, arguments.format) {
        let mut stdout = anstream::stdout().lock();
        ignore_broken_pipe(
            json::print_failure(&mut stdout, failure).and_then(|()| stdout.flush()),
        )?;
    }
    let Weighed { site, worker } = result?;
    let verbosity = Verbosity::from_quiet_flag(arguments.run.quiet);
    match verbosity {
        Verbosity::Normal => diagnostics::print_all(&site.report.diagnostics),
        Verbosity::Quiet => diagnostics::print_errors(&site.report.diagnostics),
    }
    let stdout_is_page = arguments.out.as_deref() == Some(Path::new("-"));
    let written = match (&arguments.out, arguments.format) {
        _ if stdout_is_page => {
            let mut stdout = std::io::stdout().lock();
            let written = stdout.write_all(page(&site, &worker).as_bytes());
            ignore_broken_pipe(written.and_then(|()| stdout.flush()))?;
            None
        }
        (None, Format::Json) => None,
        (out, _) => Some(write(out.as_deref().unwrap_or(Path::new(PAGE)), &site, &worker)?),
    };
    let mut stdout = anstream::stdout().lock();
    let printed = match (arguments.format, verbosity) {
        _ if stdout_is_page => Ok(()),
        (Format::Json, _) => json::print_site_weight(&mut stdout, &site, worker.weight()),
        (Format::Text, Verbosity::Normal) => {
            let summary = SiteWeightSummary { site: &site, worker: worker.weight() };
            let place = written.as_deref();
            write!(stdout, "{}", summary.with_place(place))
        }
        (Format::Text, Verbosity::Quiet) => Ok(()),
    };
    ignore_broken_pipe(printed.and_then(|()| stdout.flush()))?;
    drop(stdout);
    match site.budgets.iter().filter(|budget| budget.is_exceeded()).count() {
        0 => Ok(()),
        exceeded => Err(Failure::OverBudget { exceeded, budgets: site.budgets.len() }),
    }
}

struct Weighed {
    site: SiteWeight,
    worker: WorkerPart,
}

fn weigh(arguments: &ReportArguments) -> Result<Weighed, Failure> {
    let config = Config::load(arguments.run.place.config.as_deref())?;
    let out = match (&arguments.out, arguments.format) {
        (None, Format::Json) => None,
        (out, _) => Some(out.as_deref().unwrap_or(Path::new(PAGE))),
    };
    if let Some(out) = out {
        reject_out_in_dist(out, &config.dist(&arguments.site))?;
    }
    let verbosity = Verbosity::from_quiet_flag(arguments.run.quiet);
    let progress = Arc::new(ProgressBar::new(verbosity));
    let site = config.report(arguments, Arc::clone(&progress)).run();
    progress.finish();
    let site = site?;
    let worker = match config.built_worker() {
        None => WorkerPart::Missing,
        Some(weighing) => match weighing.run() {
            Ok(weight) => WorkerPart::Weighed(Box::new(weight)),
            Err(error) => WorkerPart::Unknown(error.to_string()),
        },
    };
    Ok(Weighed { site, worker })
}

/// Rejects a page inside the packed folder, which would be published with the site.
fn reject_out_in_dist(out: &Path, dist: &Path) -> Result<(), Failure> {
    let folder = out.parent().map_or(Path::new("."), |parent| {
        if parent.as_os_str().is_empty() { Path::new(".") } else { parent }
    });
    let (Ok(folder), Ok(dist)) = (folder.canonicalize(), dist.canonicalize()) else {
        return Ok(());
    };
    if folder.starts_with(dist) {
        return Err(Failure::PageInSite { path: out.to_owned() });
    }
    Ok(())
}

/// Writes the page beside its place, and renames it, so that an interrupted run leaves the old one.
fn write(path: &Path, site: &SiteWeight, worker: &WorkerPart) -> Result<PathBuf, Failure> {
    let failed = |source| Failure::PageUnwritable { path: path.to_owned(), source };
    let place = std::fs::metadata(path);
    if place.as_ref().is_ok_and(std::fs::Metadata::is_dir) {
        return Err(failed(std::io::ErrorKind::IsADirectory.into()));
    }
    // A device or a pipe is written to: a file in its place would replace it.
    if place.is_ok_and(|place| !place.is_file()) {
        std::fs::write(path, page(site, worker)).map_err(failed)?;
        return Ok(path.to_owned());
    }
    // A link stays a link.
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let folder = target.parent().filter(|parent| !parent.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let created = std::fs::metadata(folder).and_then(|_| tempfile::NamedTempFile::new_in(folder));
    let mut file = created.map_err(failed)?;
    file.write_all(page(site, worker).as_bytes()).map_err(failed)?;
    readable(file.as_file()).map_err(failed)?;
    file.persist(&target).map_err(|error| failed(error.error))?;
    Ok(path.to_owned())
}

/// Lets everyone read a file, as one that is created without ceremony.
#[cfg(unix)]
fn readable(file: &std::fs::File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_file: &std::fs::File) -> std::io::Result<()> {
    Ok(())
}

impl WorkerPart {
    fn weight(&self) -> Option<&WeightReport> {
        match self {
            Self::Weighed(weight) => Some(weight),
            Self::Missing | Self::Unknown(_) => None,
        }
    }
}
