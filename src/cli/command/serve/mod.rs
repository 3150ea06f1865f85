//! `worker-pack serve`: serves the site with the runtime of the Worker.

mod answer;
mod body;
mod connection;
mod host;
mod listen;
mod stream;

use std::io::Write as _;
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use arc_swap::ArcSwap;
use worker_pack::report::Printable;
use worker_pack::table::ServedTable;
use worker_pack::{Changes, EmittedPack, LivePack};

use crate::cli::args::ServeArguments;
use crate::cli::config::Config;
use crate::cli::exit::Failure;
use crate::cli::print::progress_bar::ProgressBar;
use crate::cli::print::{diagnostics, summary};
use crate::cli::terminal::{Verbosity, WARNING};
use crate::cli::watch::Watch;

/// The table that is being served. A change of the site replaces it.
type LiveTable = Arc<ArcSwap<ServedTable>>;

/// Packs the site, prints the report, and serves until Ctrl-C.
pub(crate) fn run(arguments: &ServeArguments) -> Result<(), Failure> {
    let config = Config::load(arguments.run.place.config.as_deref())?;
    let verbosity = Verbosity::from_quiet_flag(arguments.run.quiet);
    let progress = Arc::new(ProgressBar::new(verbosity));
    // Watching begins before packing, so that a change in between is not missed.
    let dist = config.dist(&arguments.site);
    let watch = arguments.watch.then(|| Watch::new(&dist)).transpose()?;
    let pack = config.serve(arguments, Arc::clone(&progress));
    let address = config.address(arguments);
    let Some(watch) = watch else {
        let packed = pack.emit()?;
        progress.finish();
        print(&packed, verbosity);
        return listen::serve(address, Arc::new(ArcSwap::new(table(&packed))), verbosity);
    };
    let mut pack = pack.live()?;
    let packed = pack.emit(&Changes::Anything)?;
    progress.finish();
    print(&packed, verbosity);
    let live: LiveTable = Arc::new(ArcSwap::new(table(&packed)));
    let served = Arc::clone(&live);
    thread::spawn(move || follow(watch, &mut pack, &progress, &live, verbosity));
    listen::serve(address, served, verbosity)
}

fn table(packed: &EmittedPack) -> Arc<ServedTable> {
    Arc::clone(packed.table().expect("the target is memory"))
}

fn print(packed: &EmittedPack, verbosity: Verbosity) {
    if verbosity == Verbosity::Normal {
        diagnostics::print_all(&packed.report().diagnostics);
        say(format_args!("{}", summary::Summary(packed.report())));
        if let Some(path) = table(packed).first_of_server() {
            let path = Printable(&path);
            say(format_args!(
                "{WARNING}no server runs:{WARNING:#} its paths, such as {path}, get status 501\n"
            ));
        }
    }
}

/// Packs the site again after each change. If that fails, the last table is still served: the
/// folder of a build in progress is incomplete.
fn follow(
    mut watch: Watch,
    pack: &mut LivePack,
    progress: &ProgressBar,
    live: &LiveTable,
    verbosity: Verbosity,
) {
    while let Some(changes) = watch.wait() {
        let begun = Instant::now();
        let packed = pack.emit(&changes);
        progress.finish();
        match packed {
            Ok(packed) => {
                live.store(table(&packed));
                if verbosity == Verbosity::Normal {
                    diagnostics::print_all(&packed.report().diagnostics);
                    let totals = packed.report().totals;
                    let size = summary::Size(totals.sent);
                    let taken = begun.elapsed().as_millis();
                    let files = totals.files;
                    say(format_args!("packed again: {files} files, {size} as sent, {taken} ms\n"));
                }
            }
            Err(error) => {
                diagnostics::print_failure(&error.into());
                say(format_args!("still serving the last version\n"));
            }
        }
    }
}

/// Writes to standard error. Errors are ignored, since it may be closed.
fn say(text: std::fmt::Arguments<'_>) {
    let _ = anstream::stderr().lock().write_fmt(text);
}
