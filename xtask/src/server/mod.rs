//! Servers, each a process that listens on a port of loopback.

pub(crate) mod client;
pub(crate) mod process;
