//! Adapters between a host's own types of request and response and the runtime's.

#[cfg(feature = "http")]
mod http;
#[cfg(feature = "http")]
mod request_parts;
#[cfg(feature = "worker")]
mod worker;

#[cfg(feature = "http")]
pub use request_parts::RequestParts;
#[cfg(feature = "worker")]
pub use worker::{FetchEvent, start};
