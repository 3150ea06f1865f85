//! Strict fidelity, compared with Cloudflare's own servers.

mod cases;
mod comparison;
mod grid;
mod router;
mod servers;
mod site;
mod upstream;
