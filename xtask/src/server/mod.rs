//! Servers, run as processes.

pub(crate) mod process;
