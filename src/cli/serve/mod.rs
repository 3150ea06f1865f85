//! `worker-pack serve`: the site as the Worker will answer it, from the same runtime.

mod answer;
mod listen;
mod watch;

use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;

use arc_swap::ArcSwap;
use worker_pack::{Pack, TableImage};

use super::args::ServeArguments;
use super::config::Config;
use super::exit::Failure;
use super::progress_bar::ProgressBar;
use super::terminal::Verbosity;
use super::{diagnostics, summary};
use watch::Watch;

/// The table that is being served, which a change of the site replaces.
type LiveTable = Arc<ArcSwap<TableImage>>;

/// Packs, prints the report, serves until Ctrl-C.
pub(crate) fn run(arguments: &ServeArguments) -> Result<(), Failure> {
    let config = Config::load(arguments.pack.config.as_deref())?;
    let verbosity = Verbosity::from_quiet_flag(arguments.pack.quiet);
    let address = SocketAddr::new(
        arguments.host.unwrap_or(config.serve.host),
        arguments.port.unwrap_or(config.serve.port),
    );
    let pack = config.pack(&arguments.pack);
    // Watched before it is packed, so that a change in between is not missed.
    let dist = config.dist(&arguments.pack);
    let watch = arguments.watch.then(|| Watch::new(&dist)).transpose()?;
    let table: LiveTable = Arc::new(ArcSwap::from_pointee(table(&pack, verbosity)?));
    if let Some(watch) = watch {
        let live = Arc::clone(&table);
        watch.follow(move || replace(&live, &pack, verbosity));
    }
    listen::serve(address, table, verbosity)
}

/// Packs the site and prints what there is to say.
fn table(pack: &Pack, verbosity: Verbosity) -> Result<TableImage, Failure> {
    let progress = ProgressBar::new(verbosity);
    let packed = pack.run_with_progress(&progress)?;
    progress.finish();
    if verbosity == Verbosity::Normal {
        diagnostics::print_all(&packed.report().diagnostics);
        say(format_args!("{}", summary::Summary(packed.report())));
    }
    Ok(packed.table().to_image())
}

/// Packs the site again. If that fails, what was served before still is: a build under way leaves
/// a folder that is not a site yet.
fn replace(live: &LiveTable, pack: &Pack, verbosity: Verbosity) {
    match pack.run() {
        Ok(packed) => {
            live.store(Arc::new(packed.table().to_image()));
            if verbosity == Verbosity::Normal {
                diagnostics::print_all(&packed.report().diagnostics);
                let totals = packed.report().totals;
                let size = summary::Size(totals.sent);
                say(format_args!("packed again: {} files, {size} as sent\n", totals.files));
            }
        }
        Err(error) => {
            diagnostics::print_failure(&error.into());
            say(format_args!("still serving the site as it was\n"));
        }
    }
}

/// Writes to standard error, which may be closed for all we care.
fn say(text: std::fmt::Arguments<'_>) {
    let _ = anstream::stderr().lock().write_fmt(text);
}
