//! Adapters between a host's own types of request and response and the runtime's.

#[cfg(feature = "http")]
pub mod http;
#[cfg(feature = "worker")]
mod worker;
