//! Whole packs: the example blog, unchanged sites, live packs.

mod blog;
mod last_run;
mod live;
