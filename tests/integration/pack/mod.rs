//! Packs as a whole: the example blog, and live packs.

mod blog;
mod live;
