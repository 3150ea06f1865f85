//! The time that each stage and each file took.

use std::time::{Duration, Instant};

use cpu_time::{ProcessTime, ThreadTime};
use serde::Serialize;

use crate::feedback::stage::Stage;

/// The duration of a run. It is not a part of the [`Report`](crate::Report), which is the same for
/// the same input.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Timings {
    /// The stages in their order.
    pub stages: Vec<StageTime>,
    /// The files that were not cached, the slowest first.
    pub files: Vec<FileTime>,
}

impl Timings {
    /// Does the work of a stage and records its duration. A stage that works twice is recorded
    /// once, with the sum.
    pub(crate) fn time<T>(&mut self, stage: Stage, work: impl FnOnce() -> T) -> T {
        let (begun, cpu) = (Instant::now(), ProcessTime::try_now());
        let result = work();
        let wall = begun.elapsed();
        let cpu = cpu.and_then(|cpu| cpu.try_elapsed()).unwrap_or_default();
        match self.stages.iter_mut().find(|time| time.stage == stage) {
            Some(time) => {
                time.wall += wall;
                time.cpu += cpu;
            }
            None => self.stages.push(StageTime { stage, wall, cpu }),
        }
        result
    }
}

/// Does some work, and returns with its result the CPU time of this thread for it. The time is zero if
/// the system does not tell it.
pub(crate) fn cpu_time<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let begun = ThreadTime::try_now();
    let result = work();
    (result, begun.and_then(|begun| begun.try_elapsed()).unwrap_or_default())
}

/// The duration of a stage.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StageTime {
    /// The stage.
    pub stage: Stage,
    /// Its duration, in seconds.
    #[serde(serialize_with = "seconds")]
    pub wall: Duration,
    /// The CPU time of all its threads, in seconds.
    #[serde(serialize_with = "seconds")]
    pub cpu: Duration,
}

/// The CPU time spent on a file.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FileTime {
    /// The file, relative to the packed folder.
    pub file: String,
    /// Its size in bytes.
    pub source: u64,
    /// The CPU time to read and minify it, in seconds.
    #[serde(serialize_with = "seconds")]
    pub transform: Duration,
    /// The CPU time to encode it and to check the result, in seconds.
    #[serde(serialize_with = "seconds")]
    pub compress: Duration,
}

impl FileTime {
    /// Returns the sum of its times.
    pub fn total(&self) -> Duration {
        self.transform + self.compress
    }
}

fn seconds<S: serde::Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(duration.as_secs_f64())
}
