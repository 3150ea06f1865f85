//! The time from a change of a page to the first reply that has it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::Bench;
use super::sites::{self, Site};
use crate::bench::client::Answer;
use crate::bench::report::{Report, median};
use crate::files::failed;

/// How often a page is changed.
const CHANGES: usize = 10;

/// How long it may take until that is served, in milliseconds.
const AIM: f64 = 100.0;

/// Far longer than it takes.
const PATIENCE: Duration = Duration::from_secs(10);

/// Far longer than packing takes, too.
const START_LIMIT: Duration = Duration::from_mins(2);

/// Serves the docs site, and changes pages of it.
pub(super) fn measure(bench: &Bench, report: &mut Report) -> Result<(), String> {
    let site = Site::docs(bench)?;
    sites::settle()?;
    let server = Server::start(bench, &site.dist)?;
    let mut times = Vec::new();
    for number in 0..CHANGES {
        // What the last change brought with it is over.
        thread::sleep(Duration::from_secs(1));
        times.push(change(&site, number, server.port)? * 1e3);
    }
    let longest = times.iter().copied().fold(0.0, f64::max);
    let time = median(times);
    report.table(
        &format!("`serve --watch`: from a change to the first reply with it, of {CHANGES} changes"),
        &["", "median", "longest"],
    );
    report.row(&[site.name.to_owned(), format!("{time:.0} ms"), format!("{longest:.0} ms")]);
    report.at_most(AIM, time, "a change until it is served, in ms");
    Ok(())
}

/// Changes a page, and returns how long it takes until that is served, in seconds.
fn change(site: &Site, number: usize, port: u16) -> Result<f64, String> {
    let page = site.page(number);
    let word = format!("changed{number}");
    let text = site.changed(page, &word)?;
    let url = format!("/{}", page.with_file_name("").display());
    let is_served = || {
        let answer = Answer::get_as(port, &url, "identity")?;
        Ok::<bool, String>(answer.body().windows(word.len()).any(|part| part == word.as_bytes()))
    };
    if is_served()? {
        return Err(format!("{url} has the word before it is changed"));
    }
    site.write(page, &text)?;
    let written = Instant::now();
    while written.elapsed() < PATIENCE {
        if is_served()? {
            return Ok(written.elapsed().as_secs_f64());
        }
    }
    Err(format!("{url} is served as it was, {PATIENCE:?} after it was changed"))
}

/// A running `worker-pack serve`, killed when it is dropped.
struct Server {
    process: Child,
    port: u16,
}

impl Server {
    fn start(bench: &Bench, dist: &Path) -> Result<Self, String> {
        let mut process = Command::new(&bench.binary)
            .arg("serve")
            .arg(dist)
            .args(["--watch", "--quiet", "--port", "0", "--cache-dir"])
            .arg(bench.place()?.cache)
            .current_dir(&bench.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| failed("run", &bench.binary, &error))?;
        let ports = process.stderr.take().map(ports);
        // Made first, so that the process is killed whatever comes.
        let mut server = Self { process, port: 0 };
        let port = ports.and_then(|ports| ports.recv_timeout(START_LIMIT).ok());
        server.port = port.ok_or("it does not serve; what it said is above")?;
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Reads what the server says for as long as it says something, and passes on its port.
fn ports(stderr: ChildStderr) -> Receiver<u16> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            let url = line.split_once("serving http://").map(|(_, url)| url);
            let port = url.and_then(|url| url.split('/').next()?.rsplit_once(':')?.1.parse().ok());
            match port {
                Some(port) => drop(sender.send(port)),
                None => crate::say(&format!("{line}\n")),
            }
        }
    });
    receiver
}
