//! Dictionaries for pages (RFC 9842).

mod cost;
mod groups;
mod obstacles;
pub(crate) mod pages;
mod redeploy;
mod replies;
mod reuse;
