//! A workerd that runs while the check asks it, and no longer.

use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// The time after which a workerd that says nothing is given up.
const PATIENCE: Duration = Duration::from_mins(1);

/// Maximum number of bytes of the log that are kept.
const MAX_LOG: usize = 1 << 20;

/// A workerd that listens. It is ended when this is dropped.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    port: u16,
}

/// The reason why workerd does not listen.
#[derive(Debug)]
pub(super) enum NotStarted {
    /// It ended, and said this.
    Ended { log: String },
    /// It said nothing for a minute.
    Silent,
    /// It cannot be run.
    Unusable(io::Error),
}

impl Process {
    /// Starts workerd with a configuration, and waits until it listens or ends.
    pub(super) fn start(workerd: &Path, config: &Path) -> Result<Self, NotStarted> {
        let mut command = Command::new(workerd);
        // The paths of embedded files are absolute, and are looked up in the import path.
        command.args(["serve", "--import-path=/", "--control-fd=1"]).arg(config);
        let pipes = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = pipes.spawn().map_err(NotStarted::Unusable)?;
        let (output, errors) = (child.stdout.take(), child.stderr.take());
        let log = Arc::new(Mutex::new(String::new()));
        let reading = errors.map(|errors| keep(errors, Arc::clone(&log)));
        let events = output.map(events);
        // From here on, the process is ended by `Drop`.
        let mut process = Self { child, port: 0 };
        let listening = events.map(|events| events.recv_timeout(PATIENCE));
        match listening {
            Some(Ok(port)) => {
                process.port = port;
                Ok(process)
            }
            Some(Err(RecvTimeoutError::Timeout)) => Err(NotStarted::Silent),
            Some(Err(RecvTimeoutError::Disconnected)) | None => {
                drop(process);
                // It has ended, so its log ends too.
                if let Some(reading) = reading {
                    let _ = reading.join();
                }
                let log = log.lock().unwrap_or_else(PoisonError::into_inner).clone();
                Err(NotStarted::Ended { log })
            }
        }
    }

    /// Returns the port of loopback on which it listens.
    pub(super) fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It has no other way to end, and keeps nothing.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads events from the output until it ends. Returns the port of the first that tells one.
fn events(output: impl Read + Send + 'static) -> Receiver<u16> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        // What the Worker logs goes to the same output.
        for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
            if let Some(port) = port_of_event(&line) {
                // The receiver may have given up.
                let _ = sender.send(port);
            }
        }
    });
    receiver
}

/// Finds the port in an event: `{"event":"listen","socket":"http","port":8080}`.
fn port_of_event(line: &[u8]) -> Option<u16> {
    let event: serde_json::Value = serde_json::from_slice(line).ok()?;
    (event.get("event")? == "listen").then_some(())?;
    event.get("port")?.as_u64()?.try_into().ok()
}

/// Keeps the beginning of a log, and reads it to its end so that its writer never waits.
fn keep(errors: impl Read + Send + 'static, log: Arc<Mutex<String>>) -> JoinHandle<()> {
    thread::spawn(move || {
        for line in BufReader::new(errors).split(b'\n').map_while(Result::ok) {
            let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
            if log.len() < MAX_LOG {
                log.push_str(&String::from_utf8_lossy(&line));
                log.push('\n');
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_is_found_in_the_listen_event() {
        assert_eq!(port_of_event(br#"{"event":"listen","socket":"http","port":8080}"#), Some(8080));
        assert_eq!(port_of_event(br#"{"event":"other","port":8080}"#), None);
        assert_eq!(port_of_event(b"a Worker's log"), None);
    }

    #[test]
    fn a_program_that_cannot_be_run_is_told() {
        let missing = Process::start(Path::new("/missing/workerd"), Path::new("/missing"));
        assert!(matches!(missing, Err(NotStarted::Unusable(_))));
    }
}
