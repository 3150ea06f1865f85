//! Strict fidelity, compared with Cloudflare's own servers.

mod cases;
mod comparison;
mod grid;
mod servers;
mod site;
mod upstream;
