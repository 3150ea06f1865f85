//! Whole packs: the example blog, unchanged sites, live packs.

mod blog;
pub(crate) mod last_run;
mod live;
mod timings;
