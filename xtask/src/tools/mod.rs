//! Programs besides Cargo, found or installed, and the builds that use them.

pub(crate) mod cargo;
pub(crate) mod deny;
pub(crate) mod engine;
pub(crate) mod node;
pub(crate) mod npm_packages;
pub(crate) mod npm_tools;
pub(crate) mod program;
pub(crate) mod rust_worker;
pub(crate) mod system;
pub(crate) mod voice_agent;
pub(crate) mod wasm_target;
pub(crate) mod workerd;
pub(crate) mod wrangler;
