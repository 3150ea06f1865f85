//! `worker-pack serve`: the site as the Worker will answer it, from the same runtime.

mod answer;
mod listen;

use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use arc_swap::ArcSwap;
use worker_pack::{LivePack, PackError, Packed, Silent, TableImage};

use crate::cli::args::ServeArguments;
use crate::cli::config::Config;
use crate::cli::exit::Failure;
use crate::cli::print::progress_bar::ProgressBar;
use crate::cli::print::{diagnostics, summary};
use crate::cli::terminal::Verbosity;
use crate::cli::watch::{Changes, Watch};

/// The table that is being served, which a change of the site replaces.
type LiveTable = Arc<ArcSwap<TableImage>>;

/// Packs, prints the report, serves until Ctrl-C.
pub(crate) fn run(arguments: &ServeArguments) -> Result<(), Failure> {
    let config = Config::load(arguments.pack.place.config.as_deref())?;
    let verbosity = Verbosity::from_quiet_flag(arguments.pack.quiet);
    let address = SocketAddr::new(
        arguments.host.unwrap_or(config.serve.host),
        arguments.port.unwrap_or(config.serve.port),
    );
    // Watched before it is packed, so that a change in between is not missed.
    let dist = config.dist(arguments.pack.dist.as_deref());
    let watch = arguments.watch.then(|| Watch::new(&dist)).transpose()?;
    let Some(watch) = watch else {
        let pack = config.pack(&arguments.pack);
        let table = image(verbosity, |progress| pack.run_with_progress(progress))?;
        return listen::serve(address, Arc::new(ArcSwap::from_pointee(table)), verbosity);
    };
    let mut pack = config.pack_to_watch(&arguments.pack).live()?;
    let table = image(verbosity, |progress| pack.run(progress))?;
    let table: LiveTable = Arc::new(ArcSwap::from_pointee(table));
    let live = Arc::clone(&table);
    thread::spawn(move || follow(watch, &mut pack, &live, verbosity));
    listen::serve(address, table, verbosity)
}

/// Packs the site, and prints what there is to say.
fn image(
    verbosity: Verbosity,
    pack: impl FnOnce(&ProgressBar) -> Result<Packed, PackError>,
) -> Result<TableImage, Failure> {
    let progress = ProgressBar::new(verbosity);
    let packed = pack(&progress)?;
    progress.finish();
    if verbosity == Verbosity::Normal {
        diagnostics::print_all(&packed.report().diagnostics);
        say(format_args!("{}", summary::Summary(packed.report())));
    }
    Ok(packed.table().to_image()?)
}

/// Packs the site again after each change. If that fails, what was served before still is: a build
/// under way leaves a folder that is not a site yet.
fn follow(mut watch: Watch, pack: &mut LivePack, live: &LiveTable, verbosity: Verbosity) {
    while let Some(changes) = watch.wait() {
        let begun = Instant::now();
        let packed = match &changes {
            Changes::Files(files) => pack.run_changed(files),
            Changes::Anything => pack.run(&Silent),
        };
        let image = packed.and_then(|packed| {
            let image = packed.table().to_image_after(&live.load())?;
            Ok((packed, image))
        });
        match image {
            Ok((packed, image)) => {
                live.store(Arc::new(image));
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
                say(format_args!("still serving the site as it was\n"));
            }
        }
    }
}

/// Writes to standard error, which may be closed for all we care.
fn say(text: std::fmt::Arguments<'_>) {
    let _ = anstream::stderr().lock().write_fmt(text);
}
