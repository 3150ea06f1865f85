//! The time from a change of a page to the first response with it.

use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use super::Bench;
use super::sites::{self, Site};
use crate::bench::Scale;
use crate::bench::report::{Report, median};
use crate::server::client;
use crate::server::process::{Log, Server, Stream, port_of_url};

/// The number of changes.
const CHANGES: usize = 10;

/// Maximum time until a change is served, in milliseconds.
const TARGET: f64 = 100.0;

/// Time after which a change counts as never served.
const LIMIT: Duration = Duration::from_mins(2);

/// The pause before a change, which lets the server finish its work on the last one.
const PAUSE: Duration = Duration::from_secs(1);

/// Serves the docs site while pages of it are changed.
pub(super) fn measure(bench: &Bench, report: &mut Report) -> Result<()> {
    let site = Site::docs(bench)?;
    sites::settle(bench)?;
    let server = start(bench, &site.dist)?;
    let mut times = Vec::new();
    for number in 0..bench.scale.pick(CHANGES, 1) {
        if bench.scale == Scale::Full {
            thread::sleep(PAUSE);
        }
        times.push(change(&site, number, server.port())? * 1e3);
    }
    let longest = times.iter().copied().fold(0.0, f64::max);
    report.table(
        &format!(
            "`serve --watch`: from a change to the first reply that has it, {} changes",
            times.len()
        ),
        &["", "median", "longest"],
    );
    let time = median(times);
    report.row(&[site.name.to_owned(), format!("{time:.0} ms"), format!("{longest:.0} ms")]);
    report.at_most(TARGET, time, "a change until it is served, in ms");
    Ok(())
}

/// Changes a page, and returns the time until the change is served, in seconds.
fn change(site: &Site, number: usize, port: u16) -> Result<f64> {
    let word = format!("changed{number}");
    let page = site.change(number, &word)?;
    let written = Instant::now();
    let url = format!("/{}", page.with_file_name("").display());
    loop {
        let body = client::send(port, "GET", &url, [("Accept-Encoding", "identity")])?.body()?;
        let elapsed = written.elapsed();
        if String::from_utf8_lossy(&body).contains(&word) {
            return Ok(elapsed.as_secs_f64());
        }
        ensure!(elapsed < LIMIT, "{url} is not served as it was changed");
    }
}

fn start(bench: &Bench, dist: &Path) -> Result<Server> {
    let mut command = Command::new(&bench.program);
    command.arg("serve").arg(dist).args(["--watch", "--quiet", "--port", "0", "--cache-dir"]);
    command.arg(bench.place()?.cache).current_dir(&bench.folder);
    Server::start(&mut command, Stream::Errors, Log::Shown, port_of_url)
}
