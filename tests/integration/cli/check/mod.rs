//! `worker-pack check`.

mod allowances;
mod clean;
mod formats;
mod input;
pub(crate) mod project;
pub(crate) mod rules;
