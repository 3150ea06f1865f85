//! Adapter for Workers written in Rust with the `worker` crate.
//!
//! A reply becomes a response of the host in the scripts of the folder `host`, which JavaScript hosts
//! use too: one call from Rust gets a whole response, and a reply that the scripts have cached costs
//! nothing else. Bodies stay in the program's memory until the host sends them.

mod decoder;
mod event;
mod scripts;
mod started;

pub use event::FetchEvent;
pub use started::start;
