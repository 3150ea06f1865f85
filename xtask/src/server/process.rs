//! Processes that serve for as long as somebody wants them to.

use std::io;
use std::process::{Child, Command};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

/// How often a process is looked after.
const PERIOD: Duration = Duration::from_millis(50);

/// How long a process may take to end when it is asked to.
const GRACE: Duration = Duration::from_secs(5);

/// Waits until standard input ends, which it does when whoever started this has had enough, and
/// also when they are gone. Fails if what they want has ended before.
pub(crate) fn until_input_ends(mut is_running: impl FnMut() -> bool) -> Result<(), String> {
    let (sender, receiver) = channel::<()>();
    thread::spawn(move || {
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        drop(sender);
    });
    while is_running() {
        if receiver.recv_timeout(PERIOD) == Err(RecvTimeoutError::Disconnected) {
            return Ok(());
        }
    }
    Err("it has ended by itself; what it said is above".to_owned())
}

/// Returns whether a process still runs.
pub(crate) fn is_running(process: &mut Child) -> bool {
    matches!(process.try_wait(), Ok(None))
}

/// Asks a process to end, so that it can end those that it has started, and kills it if it does
/// not.
pub(crate) fn end(mut process: Child) {
    let _ = Command::new("kill").arg(process.id().to_string()).status();
    let asked = Instant::now();
    while is_running(&mut process) && asked.elapsed() < GRACE {
        thread::sleep(PERIOD);
    }
    let _ = process.kill();
    let _ = process.wait();
}
