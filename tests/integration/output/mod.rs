//! The output folder: contents, replacement, interruption.

mod killed;
mod rust_module;
mod worker;
