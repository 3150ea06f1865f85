//! What users of the library and of the command rely on, through their own doors.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod astro;
mod blog;
mod build_script;
mod cache;
mod command;
mod conformance;
mod differential;
mod emitted;
mod http;
mod ingest;
mod killed;
mod live;
mod minify;
mod readme;
mod rules;
mod rust_worker;
mod serve;
mod site;
mod table;
mod worker;
mod workerd;
mod xtask;
