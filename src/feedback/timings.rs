//! The time that each stage and each file took.

use std::time::{Duration, Instant};

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
        let begun = Instant::now();
        let result = work();
        let wall = begun.elapsed();
        match self.stages.iter_mut().find(|time| time.stage == stage) {
            Some(time) => time.wall += wall,
            None => self.stages.push(StageTime { stage, wall }),
        }
        result
    }
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
}

/// The CPU time spent on a file.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FileTime {
    /// The file, relative to the packed folder.
    pub file: String,
    /// Its size in bytes.
    pub source: u64,
    /// The time to read and minify it, in seconds.
    #[serde(serialize_with = "seconds")]
    pub transform: Duration,
    /// The time to encode it and to check the result, in seconds.
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
