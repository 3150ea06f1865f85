//! Adapters between a host's own types of request and response and the runtime's.

#[cfg(feature = "http")]
mod http;
mod request_parts;
#[cfg(feature = "worker")]
mod worker;

pub use request_parts::RequestParts;
