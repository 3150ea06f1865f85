//! The network that a request comes from, by which limits count.

use std::net::IpAddr;

use worker::Headers;

/// A network: an IPv4 address, or the first 64 bits of an IPv6 address. A household or a server has all
/// addresses of such a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Client(String);

impl Client {
    /// Reads the address that Cloudflare's edge sets, overriding a client's own field.
    ///
    /// Without an edge, as in development, all clients are one.
    pub(crate) fn of(headers: &Headers) -> Self {
        let field = headers.get("CF-Connecting-IP").ok().flatten();
        let address = field.and_then(|field| field.trim().parse().ok());
        Self(address.map_or_else(|| "unknown".to_owned(), network))
    }

    /// Returns the name of the network.
    pub(crate) fn name(&self) -> &str {
        &self.0
    }
}

fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}
