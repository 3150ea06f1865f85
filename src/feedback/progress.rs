//! How far a pack has come, for those who want to show it.

use crate::feedback::diagnostic::Stage;

/// Told how far a pack has come, from several threads.
pub trait Progress: Sync {
    /// A stage has begun that has `bytes` to work through.
    fn started(&self, stage: Stage, bytes: u64);

    /// `bytes` more are done.
    fn advanced(&self, bytes: u64);
}

/// Shows nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn started(&self, _: Stage, _: u64) {}

    fn advanced(&self, _: u64) {}
}
