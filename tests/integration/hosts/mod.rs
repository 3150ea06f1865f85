//! Packed sites in the runtimes that serve them.

mod assets;
mod assets_binding;
mod astro_server;
mod browser;
mod bundled;
mod configuration;
mod every_kind;
mod finished;
mod large_bodies;
mod media_types;
mod navigation;
mod node_js;
mod npm;
mod own_worker;
pub(crate) mod packed_site;
mod plain;
mod probe;
mod program_entry;
mod r2;
mod rust_ssr;
mod rust_worker;
mod site_in_modules;
mod spelling;
mod spilled;
mod static_assets;
mod weight;
mod written_crate;
