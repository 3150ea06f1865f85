//! `cargo xtask` in processes that end with their tests.

use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::server::lines;

/// Time limit of a task, which may have to compile everything.
const LIMIT: Duration = Duration::from_mins(40);

/// Time for a serving task to end before it is killed.
const GRACE: Duration = Duration::from_secs(20);

/// Interval between checks of a process.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// Runs a task to its end. Returns its standard output and standard error. Panics if the task fails.
pub(crate) fn run(arguments: &[&str]) -> (String, String) {
    run_with(arguments, &[])
}

/// Like [`run`], with additional environment variables.
pub(crate) fn run_with(arguments: &[&str], variables: &[(&str, String)]) -> (String, String) {
    let mut command = command(arguments);
    command.stdin(Stdio::null()).stderr(Stdio::piped());
    command.envs(variables.iter().map(|(name, value)| (name, value)));
    let mut process = command.spawn().unwrap();
    let stdout = reader(process.stdout.take().unwrap());
    let stderr = reader(process.stderr.take().unwrap());
    let ended = wait(&mut process, LIMIT);
    let _ = process.kill();
    let succeeded = process.wait().unwrap().success();
    let (stdout, stderr) = (stdout.join().unwrap(), stderr.join().unwrap());
    assert!(ended && succeeded, "cargo xtask {arguments:?}:\n{stdout}{stderr}");
    (stdout, stderr)
}

/// A task that serves until its standard input ends. Dropping this value ends it.
pub(crate) struct Serving {
    process: Child,
    lines: Receiver<String>,
}

impl Serving {
    /// Starts a task.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut process = command(arguments).stdin(Stdio::piped()).spawn().unwrap();
        let lines = lines(process.stdout.take().unwrap());
        Self { process, lines }
    }

    /// Returns whether the task ends without printing a URL.
    pub(crate) fn fails_to_start(&self) -> bool {
        let line = self.lines.recv_timeout(LIMIT);
        matches!(line, Err(RecvTimeoutError::Disconnected))
    }

    /// Waits for the URL that the task prints, and returns its host and port.
    pub(crate) fn address(&self) -> String {
        loop {
            let line = self.lines.recv_timeout(LIMIT).expect("a serving task prints its URL");
            if let Some((_, url)) = line.split_once("http://") {
                return url.split('/').next().unwrap().trim().to_owned();
            }
        }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        wait(&mut self.process, GRACE);
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO"));
    command.arg("xtask").args(arguments).current_dir(env!("CARGO_MANIFEST_DIR"));
    command.stdout(Stdio::piped());
    command
}

/// Waits for a process to end within a limit, and returns whether it did.
fn wait(process: &mut Child, limit: Duration) -> bool {
    let begun = Instant::now();
    while begun.elapsed() < limit {
        if process.try_wait().unwrap().is_some() {
            return true;
        }
        thread::sleep(POLL_INTERVAL);
    }
    false
}

/// Reads an output to its end on a separate thread, so that the process never blocks on it.
fn reader(mut output: impl Read + Send + 'static) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = output.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}
