//! The output of the command: summaries, diagnostics and the progress bar.

pub(crate) mod diagnostics;
pub(crate) mod progress_bar;
pub(crate) mod summary;
