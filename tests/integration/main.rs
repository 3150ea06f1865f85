//! Tests through the public interfaces: the library, the command, the emitted output.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod cache;
mod cli;
mod conformance;
mod dictionary;
mod examples;
mod exposure;
mod feedback;
mod hosts;
mod http;
mod ingest;
mod inspection;
mod migration;
mod output;
mod pack;
mod picture;
mod policy;
mod references;
mod retention;
mod rooms;
mod rules;
mod source_map;
mod support;
mod survey;
mod tabulate;
mod transform;
