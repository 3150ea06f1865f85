//! worker-pack with strict fidelity against Cloudflare's own servers.

pub(crate) mod recorded;
