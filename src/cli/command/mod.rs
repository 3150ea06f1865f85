//! The subcommands, one file or folder each.

pub(crate) mod build;
pub(crate) mod cache;
pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod diff;
pub(crate) mod explain;
pub(crate) mod init;
pub(crate) mod man;
pub(crate) mod probe;
pub(crate) mod report;
pub(crate) mod serve;
pub(crate) mod weigh;
