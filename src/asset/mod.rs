//! Facts about one asset: its route, media type, content hash, bytes and cache policy.

pub(crate) mod blob;
pub(crate) mod cache_policy;
pub(crate) mod checksum;
pub(crate) mod content_type;
pub(crate) mod debug_id;
pub(crate) mod dictionary;
pub(crate) mod digest;
mod extension;
pub(crate) mod fingerprint;
mod glob;
pub(crate) mod media_type;
pub(crate) mod path_pattern;
pub(crate) mod route;
pub(crate) mod sniff;
pub(crate) mod variant;
