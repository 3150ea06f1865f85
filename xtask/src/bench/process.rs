//! What Linux says of a process.

use std::fs;

use crate::tree::{self, failed};

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
