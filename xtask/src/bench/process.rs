//! What Linux says of a process.

use std::fs;
use std::io::Read;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::files::{self as tree, failed};

/// How many ticks a second of a processor's time has in `/proc`, on all that Rust runs on.
const TICKS: f64 = 100.0;

/// How often the memory of a process is looked at.
const PERIOD: Duration = Duration::from_millis(2);

/// Returns the time of processors that a process has had, in seconds.
pub(super) fn cpu_time(id: u32) -> Result<f64, String> {
    let mut nanoseconds = 0.0;
    for task in tree::entries(format!("/proc/{id}/task").as_ref())? {
        let path = task.join("schedstat");
        // A thread may have ended in the meantime.
        let Ok(text) = fs::read_to_string(path) else { continue };
        let time = text.split(' ').next().and_then(|time| time.parse::<f64>().ok());
        nanoseconds += time.ok_or("/proc has no times")?;
    }
    Ok(nanoseconds / 1e9)
}

/// The memory of a process, in bytes; of what it shares, its share.
#[derive(Clone, Copy)]
pub(super) struct Memory {
    /// What is its own alone.
    pub(super) own: f64,
    /// What it has read of files, its program above all: every process of the program shares it.
    pub(super) files: f64,
}

impl Memory {
    /// Returns the memory that a process has.
    pub(super) fn of(id: u32) -> Result<Self, String> {
        let path = format!("/proc/{id}/smaps_rollup");
        let text =
            fs::read_to_string(&path).map_err(|error| failed("read", path.as_ref(), &error))?;
        let bytes = |name| {
            let line = text.lines().find_map(|line| line.strip_prefix(name));
            let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok());
            let kilobytes: f64 = kilobytes.ok_or_else(|| format!("/proc has no {name}"))?;
            Ok::<_, String>(kilobytes * 1024.0)
        };
        Ok(Self { own: bytes("Pss_Anon:")?, files: bytes("Pss_File:")? })
    }
}

/// What a process took from its start to its end.
#[derive(Clone, Copy)]
pub(super) struct Usage {
    /// The time in seconds.
    pub(super) wall: f64,
    /// The time of processors in all threads, in seconds.
    pub(super) cpu: f64,
    /// The most memory that it ever had, in bytes.
    pub(super) peak: f64,
}

impl Usage {
    /// Runs a command, and fails if it does.
    pub(super) fn of(command: &mut Command) -> Result<Self, String> {
        let started = Instant::now();
        let mut process = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("cannot run `{command:?}`: {error}"))?;
        let id = process.id();
        let watch = thread::spawn(move || peak(id));
        let mut said = Vec::new();
        // It ends with the process, and tells so sooner than looking again and again.
        let read = process.stdout.take().map_or(Ok(0), |mut stdout| stdout.read_to_end(&mut said));
        let wall = started.elapsed().as_secs_f64();
        // Until somebody waits for it, an ended process says how much time it had.
        let cpu = ended(id);
        let status = process.wait();
        let peak = watch.join().unwrap_or(f64::NAN);
        let status = read.and(status);
        let status = status.map_err(|error| format!("cannot run `{command:?}`: {error}"))?;
        if !status.success() {
            return Err(format!("`{command:?}` failed: {status}"));
        }
        Ok(Self { wall, cpu: cpu?, peak })
    }
}

/// Waits until a process ends, but does not let it go. Returns the time of processors it had.
fn ended(id: u32) -> Result<f64, String> {
    let path = format!("/proc/{id}/stat");
    loop {
        let text =
            fs::read_to_string(&path).map_err(|error| failed("read", path.as_ref(), &error))?;
        // The name before may have spaces in it.
        let fields: Vec<&str> =
            text.rsplit_once(')').map_or("", |(_, fields)| fields).split_whitespace().collect();
        if fields.first() == Some(&"Z") {
            let ticks = |field: usize| fields.get(field).and_then(|ticks| ticks.parse().ok());
            let (user, system): (Option<f64>, Option<f64>) = (ticks(11), ticks(12));
            let ticks = user.zip(system).ok_or("/proc has no times")?;
            return Ok((ticks.0 + ticks.1) / TICKS);
        }
        thread::yield_now();
    }
}

/// Looks at the most memory that a process has had, until it has none any more.
fn peak(id: u32) -> f64 {
    let mut peak = f64::NAN;
    while let Ok(text) = fs::read_to_string(format!("/proc/{id}/status")) {
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<f64>().ok());
        let Some(kilobytes) = kilobytes else { break };
        peak = kilobytes * 1024.0;
        thread::sleep(PERIOD);
    }
    peak
}
