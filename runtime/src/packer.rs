//! Items for `worker-pack`, its engine and the code that it generates. They are not a stable API.

pub use crate::body::StorageKind;
#[cfg(feature = "worker")]
pub use crate::included::table_of_host;
pub use crate::included::{file, table};
pub use crate::records::{
    AssetRecord, FileHeader, HeaderOperationRecord, HeaderRuleRecord, Modules, RedirectRecord,
    RepresentationRecord, TextRecord, VariantRecord,
};
pub use crate::table_binary::{BinaryTable, BinaryTableError};

/// The scripts of the folder `host`, which answer requests in JavaScript.
pub mod host {
    /// The part that asks the [exchange](crate::exchange).
    pub const ENGINE_JS: &str = include_str!("../host/engine.js");
    /// The part that makes responses.
    pub const ASSETS_JS: &str = include_str!("../host/assets.js");
    /// The assets of a Worker whose program is the engine.
    pub const PACKED_JS: &str = include_str!("../host/packed.js");
    /// The part that answers plain requests.
    pub const PLAIN_JS: &str = include_str!("../host/plain.js");
    /// The part that reads bodies in R2.
    pub const R2_JS: &str = include_str!("../host/r2.js");
    /// The part that reads bodies in Workers Static Assets.
    pub const STATIC_ASSETS_JS: &str = include_str!("../host/static_assets.js");
    /// The first module of a Worker whose program is in Rust.
    pub const ENTRY_JS: &str = include_str!("../host/entry.js");
    /// The part that divides requests between assets and server.
    pub const WORKER_JS: &str = include_str!("../host/worker.js");
}

/// Percent-encoding of paths.
pub mod path {
    pub use crate::path::{PathError, decode, encode, encode_segments, normalize};
}

/// Patterns of `_headers` and `_redirects`.
pub mod pattern {
    pub use crate::pattern::{
        Captures, SCHEME, Wildcards, matches, placeholder, substitute, wildcards,
    };
}

/// URLs of pages.
pub mod resolve {
    pub use crate::resolve::{
        Fallback, Resolution, canonical_page_path, fallback, page_path, resolve,
    };
}
