//! `worker-pack cache`.

use std::io::{self, Write};
use std::path::PathBuf;
use std::time::SystemTime;

use worker_pack::cache::{CacheStats, clean, stats};
use worker_pack::report::PrintablePath;

use crate::cli::args::{CacheArguments, CacheTask};
use crate::cli::config::Config;
use crate::cli::exit::Failure;
use crate::cli::print::summary::Size;

/// Shows or empties the cache.
pub(crate) fn run(arguments: &CacheArguments) -> Result<(), Failure> {
    let config = Config::load(arguments.place.config.as_deref())?;
    let dist = config.dist(&arguments.site);
    let folder = config.cache(&arguments.place).folder(&dist).ok_or(Failure::NoCache)?;
    let text = match arguments.task {
        CacheTask::Path => format!("{}\n", PrintablePath(&folder)),
        CacheTask::Stats => {
            let stats = stats(&folder).map_err(failure(folder.clone()))?;
            format!("{}: {}\n", PrintablePath(&folder), describe(&stats))
        }
        CacheTask::Clean => {
            let stats = clean(&folder).map_err(failure(folder.clone()))?;
            format!("{}: removed {}\n", PrintablePath(&folder), describe(&stats))
        }
    };
    let mut stdout = anstream::stdout().lock();
    let printed = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
    printed.map_err(|source| Failure::Output { source })
}

fn failure(path: PathBuf) -> impl FnOnce(io::Error) -> Failure {
    |source| match source.kind() {
        io::ErrorKind::WouldBlock => Failure::CacheInUse { path },
        _ => Failure::Cache { path, source },
    }
}

/// Renders the number, size and age of results.
fn describe(stats: &CacheStats) -> String {
    const DAY: u64 = 24 * 60 * 60;
    let size = Size(usize::try_from(stats.size).unwrap_or(usize::MAX));
    #[expect(clippy::disallowed_methods, reason = "the age of the cache does not affect a pack")]
    let now = SystemTime::now();
    let oldest = stats.oldest.and_then(|used| now.duration_since(used).ok());
    let unused = match oldest.map(|age| age.as_secs() / DAY) {
        None | Some(0) => String::new(),
        Some(1) => ", unused for up to a day".to_owned(),
        Some(days) => format!(", unused for up to {days} days"),
    };
    format!("{} results, {size}{unused}", stats.results)
}
