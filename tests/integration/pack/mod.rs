//! Packs as a whole: the example blog, and live packs.

mod blog;
mod last_run;
mod live;
