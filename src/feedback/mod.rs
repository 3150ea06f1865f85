//! Feedback of the stages: diagnostics, progress, timings and errors.

pub(crate) mod budget;
pub(crate) mod code;
pub(crate) mod diagnostic;
pub(crate) mod error;
pub(crate) mod findings;
pub(crate) mod printable;
pub(crate) mod progress;
pub(crate) mod stage;
pub(crate) mod timings;
