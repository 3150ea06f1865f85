//! The resources that a process uses, as Linux counts them.

use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use fs_err as fs;
use wait4::Wait4 as _;

use crate::command::shown;
use crate::files;

/// Returns the CPU time of a running process, in seconds.
pub(super) fn cpu_time(id: u32) -> Result<f64> {
    let mut nanoseconds = 0.0;
    for task in files::entries(format!("/proc/{id}/task").as_ref())? {
        // A thread may have ended in the meantime.
        let Ok(text) = fs::read_to_string(task.join("schedstat")) else { continue };
        let time = text.split(' ').next().and_then(|time| time.parse::<f64>().ok());
        nanoseconds += time.context("`schedstat` contains no time")?;
    }
    Ok(nanoseconds / 1e9)
}

/// The memory of a running process, in bytes, with its share of shared memory.
#[derive(Clone, Copy)]
pub(super) struct Memory {
    /// The memory that no other process uses.
    pub(super) own: f64,
    /// The pages of files, mostly of its program, which all processes of the program share.
    pub(super) files: f64,
}

impl Memory {
    /// Returns the memory of a process.
    pub(super) fn of(id: u32) -> Result<Self> {
        let text = fs::read_to_string(format!("/proc/{id}/smaps_rollup"))?;
        let bytes = |name| {
            let line = text.lines().find_map(|line| line.strip_prefix(name));
            let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok());
            let kilobytes: Option<f64> = kilobytes;
            kilobytes.map(|size| size * 1024.0).with_context(|| format!("{name} is missing"))
        };
        Ok(Self { own: bytes("Pss_Anon:")?, files: bytes("Pss_File:")? })
    }
}

/// The resources that a process used from its start to its end.
#[derive(Clone, Copy)]
pub(super) struct Usage {
    /// The elapsed time, in seconds.
    pub(super) wall: f64,
    /// The CPU time of all threads, in seconds.
    pub(super) cpu: f64,
    /// The peak memory, in bytes. Until the process runs its own program it shares the memory of
    /// this one, so smaller peaks than that of this process are not seen.
    pub(super) peak: f64,
}

impl Usage {
    /// Runs a command, and fails if it does.
    #[expect(clippy::cast_precision_loss, reason = "no process has so much memory")]
    pub(super) fn of(command: &mut Command) -> Result<Self> {
        let started = Instant::now();
        let process = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn();
        let ended = process.and_then(|mut process| process.wait4());
        let wall = started.elapsed().as_secs_f64();
        let ended = ended.with_context(|| format!("cannot run {}", shown(command)))?;
        ensure!(ended.status.success(), "{} failed: {}", shown(command), ended.status);
        let cpu = (ended.rusage.utime + ended.rusage.stime).as_secs_f64();
        Ok(Self { wall, cpu, peak: ended.rusage.maxrss as f64 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_ended_used_time_and_memory() {
        let usage = Usage::of(Command::new("sh").args(["-c", "exit 0"])).unwrap();
        assert!(usage.wall > 0.0 && usage.cpu > 0.0 && usage.peak > 0.0);
        assert!(Usage::of(Command::new("sh").args(["-c", "exit 1"])).is_err());
    }

    #[test]
    fn a_running_process_has_cpu_time_and_memory() {
        let id = std::process::id();
        assert!(cpu_time(id).unwrap() > 0.0);
        let memory = Memory::of(id).unwrap();
        assert!(memory.own > 0.0 && memory.files > 0.0);
    }
}
