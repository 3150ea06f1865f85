//! The progress of a run, for programs that show it.

use std::fmt::Debug;

use crate::feedback::stage::Stage;

/// Receives the progress of a run, from several threads.
pub trait Progress: Debug + Send + Sync {
    /// A stage has begun. `bytes` is the size of the files that it works through, or 0 if the stage
    /// does not report how far it is.
    fn started(&self, stage: Stage, bytes: u64);

    /// The stage has worked through `bytes` more.
    fn advanced(&self, bytes: u64);
}

/// Ignores the progress.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn started(&self, _: Stage, _: u64) {}

    fn advanced(&self, _: u64) {}
}
