//! The progress of a run, for programs that show it.

use std::fmt::Debug;

use crate::feedback::stage::Stage;

/// Receives the progress of a run, from several threads.
pub trait Progress: Debug + Send + Sync {
    /// Notes the start of a stage. `bytes` is the total size of its files, or 0 if the stage does
    /// not report its progress.
    fn started(&self, stage: Stage, bytes: u64);

    /// Notes that the stage has finished `bytes` more bytes.
    fn advanced(&self, bytes: u64);
}

/// Ignores the progress.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn started(&self, _: Stage, _: u64) {}

    fn advanced(&self, _: u64) {}
}
