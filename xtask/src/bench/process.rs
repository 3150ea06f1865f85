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

/// Returns the memory that a process takes, in bytes; of what it shares, its share.
pub(super) fn memory(id: u32) -> Result<f64, String> {
    let path = format!("/proc/{id}/smaps_rollup");
    let text = fs::read_to_string(&path).map_err(|error| failed("read", path.as_ref(), &error))?;
    let line = text.lines().find_map(|line| line.strip_prefix("Pss:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
    Ok(kilobytes.ok_or("/proc has no memory")? * 1024.0)
}
