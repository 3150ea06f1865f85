//! Processes that serve until they are asked to end.

use std::io::{self, BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use shared_child::SharedChild;
use shared_child::unix::SharedChildExt as _;

use crate::command::shown;

/// Time after which a starting server counts as hung.
const START_LIMIT: Duration = Duration::from_mins(5);

/// Time to end, after which a process is killed.
const GRACE: Duration = Duration::from_secs(20);

/// The signal that asks a process to end, so that it can end the processes that it has started.
const SIGTERM: i32 = 15;

/// A running process, ended when this is dropped.
pub(crate) struct Process(Arc<SharedChild>);

impl Process {
    /// Starts a process without standard input.
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        let child = SharedChild::spawn(command.stdin(Stdio::null()));
        Ok(Self(Arc::new(child.with_context(|| format!("cannot run {}", shown(command)))?)))
    }

    /// Waits until the standard input of this task ends, which it also does when the process that
    /// started the task has ended. Fails if the process ends first.
    pub(crate) fn run_until_input_ends(self) -> Result<()> {
        enum Event {
            InputEnded,
            ProcessEnded,
        }
        let (sender, receiver) = channel();
        let process = Arc::clone(&self.0);
        let ended = sender.clone();
        thread::spawn(move || {
            let _ = process.wait();
            let _ = ended.send(Event::ProcessEnded);
        });
        thread::spawn(move || {
            let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
            let _ = sender.send(Event::InputEnded);
        });
        match receiver.recv()? {
            Event::InputEnded => Ok(()),
            Event::ProcessEnded => bail!("the server ended by itself; see its output above"),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.send_signal(SIGTERM);
        if !matches!(self.0.wait_timeout(GRACE), Ok(Some(_))) {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }
}

/// The stream on which a server prints its port.
#[derive(Clone, Copy)]
pub(crate) enum Stream {
    Output,
    Errors,
}

/// The treatment of lines that a server prints after its port.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Log {
    /// They go to standard error.
    Shown,
    Discarded,
}

/// A running server, ended when this is dropped.
pub(crate) struct Server {
    process: Process,
    port: u16,
}

impl Server {
    /// Starts a server, and waits until it prints a line that `port_of` finds a port in.
    pub(crate) fn start(
        command: &mut Command,
        stream: Stream,
        log: Log,
        port_of: fn(&str) -> Option<u16>,
    ) -> Result<Self> {
        match stream {
            Stream::Output => command.stdout(Stdio::piped()),
            Stream::Errors => command.stdout(Stdio::null()).stderr(Stdio::piped()),
        };
        let process = Process::start(command)?;
        let lines = match stream {
            Stream::Output => process.0.take_stdout().map(|output| lines(output, log)),
            Stream::Errors => process.0.take_stderr().map(|errors| lines(errors, log)),
        };
        let lines = lines.context("the stream is piped")?;
        let mut said = String::new();
        loop {
            match lines.recv_timeout(START_LIMIT) {
                Ok(line) => {
                    if let Some(port) = port_of(&line) {
                        return Ok(Self { process, port });
                    }
                    said.extend([&line, "\n"]);
                }
                Err(error) => {
                    ensure!(
                        error != RecvTimeoutError::Timeout,
                        "{} hangs:\n{said}",
                        shown(command)
                    );
                    bail!("{} did not start:\n{said}", shown(command));
                }
            }
        }
    }

    pub(crate) fn id(&self) -> u32 {
        self.process.0.id()
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// See [`Process::run_until_input_ends`].
    pub(crate) fn run_until_input_ends(self) -> Result<()> {
        self.process.run_until_input_ends()
    }
}

/// Reads lines for as long as the process prints any, so that it never waits for a reader. They are
/// passed on until the receiver is dropped.
fn lines(stream: impl Read + Send + 'static, log: Log) -> Receiver<String> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            if let Err(unread) = sender.send(line)
                && log == Log::Shown
            {
                eprintln!("{}", unread.0);
            }
        }
    });
    receiver
}

/// Finds the port in a line that contains a URL of loopback.
pub(crate) fn port_of_url(line: &str) -> Option<u16> {
    let (_, rest) = line.split_once("http://127.0.0.1:")?;
    rest.split(|character: char| !character.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_found_in_the_line_that_a_server_prints() {
        assert_eq!(port_of_url("serving http://127.0.0.1:8787/ (12 files)"), Some(8787));
        assert_eq!(port_of_url("[wrangler:info] Ready on http://127.0.0.1:4000"), Some(4000));
        assert_eq!(port_of_url("Starting local server..."), None);
    }

    #[test]
    fn a_server_that_ends_before_it_prints_a_port_is_reported_with_its_output() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo no configuration; exit 3"]);
        let server = Server::start(&mut command, Stream::Output, Log::Shown, port_of_url);
        let error = server.err().unwrap().to_string();
        assert!(error.ends_with("did not start:\nno configuration\n"), "{error}");
    }

    #[test]
    fn a_dropped_server_has_ended() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo http://127.0.0.1:1/; exec sleep 1000"]);
        let server = Server::start(&mut command, Stream::Output, Log::Shown, port_of_url).unwrap();
        let process = Arc::clone(&server.process.0);
        drop(server);
        assert!(process.try_wait().unwrap().is_some());
    }
}
