//! `cargo xtask`, in processes that do not outlive their tests.

use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::server::lines;

/// How long a task may take. One that compiles may have to compile everything.
const LIMIT: Duration = Duration::from_mins(40);

/// How long a task that serves may take to end when it is asked to.
const GRACE: Duration = Duration::from_secs(20);

/// How often a process is looked after.
const PERIOD: Duration = Duration::from_millis(20);

/// Runs a task to its end, and returns what it printed and what it said. Fails if the task does.
pub(crate) fn run(arguments: &[&str]) -> (String, String) {
    run_with(arguments, &[])
}

/// Runs a task, as [`run`] does, with some variables in its environment.
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

/// A task that serves until its standard input ends, which is when this is dropped.
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

    /// Waits until it has ended without printing a URL, and returns whether it has.
    pub(crate) fn fails_to_start(&self) -> bool {
        let line = self.lines.recv_timeout(LIMIT);
        matches!(line, Err(RecvTimeoutError::Disconnected))
    }

    /// Waits until it prints a URL, and returns the host and port of that.
    pub(crate) fn address(&self) -> String {
        loop {
            let line = self.lines.recv_timeout(LIMIT).expect("a task that serves prints its URL");
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

/// Waits until a process has ended, and returns whether it has.
fn wait(process: &mut Child, limit: Duration) -> bool {
    let begun = Instant::now();
    while begun.elapsed() < limit {
        if process.try_wait().unwrap().is_some() {
            return true;
        }
        thread::sleep(PERIOD);
    }
    false
}

/// Reads all of an output, on a thread of its own so that the process is not held up.
fn reader(mut output: impl Read + Send + 'static) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = output.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}
