//! The command, run as a process.

mod build;
pub(crate) mod serve;
