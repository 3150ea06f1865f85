//! Where the time went.

use std::time::{Duration, Instant};

use serde::Serialize;

/// Where the time of a run went. Not part of the [`Report`](crate::Report), which is the same for the
/// same input.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Timings {
    /// The stages in their order, as long as they took.
    pub stages: Vec<StageTime>,
    /// The files that were not in the cache, the slowest first.
    pub files: Vec<FileTime>,
}

impl Timings {
    /// Does the work of a stage, and notes how long it took.
    pub(crate) fn time<T>(&mut self, stage: &'static str, work: impl FnOnce() -> T) -> T {
        let begun = Instant::now();
        let result = work();
        self.stages.push(StageTime { stage, wall: begun.elapsed() });
        result
    }
}

/// How long a stage took.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StageTime {
    /// Its name: `check` sees whether there is anything to do, `snapshot` looks at the files for the
    /// next run, and the others are the stages of the pipeline.
    pub stage: &'static str,
    /// How long it took, in seconds.
    #[serde(serialize_with = "seconds")]
    pub wall: Duration,
}

/// How long the work on a file took, on one core.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FileTime {
    /// The file, relative to the packed folder.
    pub file: String,
    /// Its size in bytes.
    pub source: u64,
    /// The time for reading and minifying it, in seconds.
    #[serde(serialize_with = "seconds")]
    pub transform: Duration,
    /// The time for encoding and checking it, in seconds.
    #[serde(serialize_with = "seconds")]
    pub compress: Duration,
}

impl FileTime {
    /// Returns the time for all of it.
    pub fn total(&self) -> Duration {
        self.transform + self.compress
    }
}

fn seconds<S: serde::Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(duration.as_secs_f64())
}
