//! `cargo xtask`, in processes that end with their tests.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use crate::support::server::lines;

/// Time after which a task counts as hung. It may have to compile everything on a busy machine.
const LIMIT: Duration = Duration::from_hours(1);

/// Time to end, after which a server is killed.
const GRACE: Duration = Duration::from_mins(1);

/// Runs a task, and returns its output and what it printed to standard error. Panics if it fails.
pub(crate) fn run(arguments: &[&str]) -> (String, String) {
    run_with(arguments, &[])
}

/// Runs a task, as [`run`] does, with some environment variables.
pub(crate) fn run_with(arguments: &[&str], variables: &[(&str, String)]) -> (String, String) {
    let mut command = command(arguments);
    command.stdin(Stdio::null()).stderr(Stdio::piped());
    command.envs(variables.iter().map(|(name, value)| (name, value)));
    let mut process = command.spawn().unwrap();
    let streams = [text(process.stdout.take().unwrap()), text(process.stderr.take().unwrap())];
    // Both streams end with the process.
    let [printed, said] = streams.map(|stream| stream.recv_timeout(LIMIT));
    if printed.is_err() || said.is_err() {
        let _ = process.kill();
    }
    let status = process.wait().unwrap();
    let (printed, said) = (printed.unwrap_or_default(), said.unwrap_or_default());
    assert!(status.success(), "cargo xtask {arguments:?}: {status}\n{printed}{said}");
    (printed, said)
}

/// A task that serves until its standard input ends, which is when this is dropped.
pub(crate) struct Serving {
    process: Child,
    lines: Receiver<String>,
    address: OnceLock<String>,
}

impl Serving {
    /// Starts a task.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut process = command(arguments).stdin(Stdio::piped()).spawn().unwrap();
        let lines = lines(process.stdout.take().unwrap());
        Self { process, lines, address: OnceLock::new() }
    }

    /// Starts a task, and returns the lines of its log too.
    pub(crate) fn start_with_log(arguments: &[&str]) -> (Self, Log) {
        let mut command = command(arguments);
        let mut process = command.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let log = Log(lines(process.stderr.take().unwrap()));
        let lines = lines(process.stdout.take().unwrap());
        (Self { process, lines, address: OnceLock::new() }, log)
    }

    /// Starts `wrangler dev` with a configuration.
    pub(crate) fn dev_by(config: &Path) -> Self {
        Self::dev(&format!("--config={}", config.display()))
    }

    /// Starts `wrangler dev` in a folder with a configuration.
    pub(crate) fn dev_in(folder: &Path) -> Self {
        Self::dev(&format!("--cwd={}", folder.display()))
    }

    /// Starts `wrangler dev` on a free port.
    fn dev(worker: &str) -> Self {
        let dev = ["wrangler", "dev", worker, "--ip=127.0.0.1", "--port=0", "--inspector-port=0"];
        Self::start(&[&dev[..], &["--show-interactive-dev-session=false"]].concat())
    }

    /// Returns the number of the process, whose children are the tools that serve.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Checks whether the task ends without printing a URL.
    pub(crate) fn fails_to_start(&self) -> bool {
        let line = self.lines.recv_timeout(LIMIT);
        matches!(line, Err(RecvTimeoutError::Disconnected))
    }

    /// Waits until the task prints a line that contains a text, and returns the line.
    pub(crate) fn wait_for(&self, text: &str) -> String {
        wait_for(&self.lines, text)
    }

    /// Waits until the task prints a URL, and returns its host and port.
    pub(crate) fn address(&self) -> String {
        let address = self.address.get_or_init(|| {
            let line = self.wait_for("http://");
            let (_, url) = line.split_once("http://").unwrap();
            url.split('/').next().unwrap().trim().to_owned()
        });
        address.clone()
    }
}

/// The lines that a task prints to standard error.
pub(crate) struct Log(Receiver<String>);

impl Log {
    /// Waits for a line that contains a text, and returns it.
    pub(crate) fn wait_for(&self, text: &str) -> String {
        wait_for(&self.0, text)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        // The output ends with the process.
        while self.lines.recv_timeout(GRACE).is_ok() {}
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn wait_for(lines: &Receiver<String>, text: &str) -> String {
    loop {
        let line = lines.recv_timeout(LIMIT).unwrap_or_else(|_| panic!("no line with `{text}`"));
        if line.contains(text) {
            return line;
        }
    }
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO"));
    command.arg("xtask").args(arguments).current_dir(env!("CARGO_MANIFEST_DIR"));
    command.stdout(Stdio::piped());
    command
}

/// Reads a stream to its end, on a thread of its own so that the process never waits for a reader.
fn text(mut stream: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        let _ = sender.send(String::from_utf8_lossy(&bytes).into_owned());
    });
    receiver
}
