//! Serves the asset table that `worker-pack` emits.
//!
//! This crate is compiled into the Worker, so everything in it is paid for at every cold start: it
//! does no I/O, reads no clock, and allocates a few header values per reply. HTTP semantics exist
//! here once, for the Worker and for `worker-pack serve` alike.
//!
//! A request goes through the modules in this order:
//!
//! 1. [`request`]: the parts of a request that matter to static assets.
//! 2. [`path`]: percent-decoding, done once.
//! 3. `redirects`: the user's own, and rewrites.
//! 4. [`resolve`]: path to asset, redirect, or neither.
//! 5. [`accept_encoding`]: which representation of the asset the client takes.
//! 6. [`precondition`]: `If-Match` and `If-None-Match`.
//! 7. [`range`]: `Range` and `If-Range`.
//! 8. [`respond`](Table::respond): the above in the order of RFC 9110 §13.2.2, ending in a
//!    [`Reply`].
//!
//! Whose rules these follow, the table's [`behaviour`] says.
//!
//! # Example
//! ```
//! use worker_pack_runtime::{Asset, ETag, Method, Representation, Request, Table};
//!
//! static ASSETS: [Asset<'static>; 1] = [Asset::new(
//!     "/index.html",
//!     "text/html; charset=utf-8",
//!     "public, max-age=0, must-revalidate",
//!     Representation::identity(ETag::new(0x1f), b"<h1>hello</h1>"),
//! )];
//! static TABLE: Table<'static> = Table::new(&ASSETS);
//!
//! let reply = TABLE.respond(&Request::new(Method::Get, "/")).expect("the table has an index page");
//! assert_eq!(reply.status(), 200);
//! assert_eq!(reply.body().bytes(), Some(b"<h1>hello</h1>".as_slice()));
//! assert!(TABLE.respond(&Request::new(Method::Get, "/api/health")).is_none());
//! ```

pub mod accept_encoding;
#[cfg(any(feature = "http", feature = "worker"))]
mod adapter;
pub mod behaviour;
mod body;
mod canonical;
mod coding;
#[cfg(feature = "brotli")]
pub mod decode;
mod etag;
mod header_rules;
mod named;
pub mod path;
pub mod pattern;
pub mod precondition;
pub mod range;
mod redirects;
mod refusal;
mod reply;
mod representation;
pub mod request;
pub mod resolve;
mod respond;
mod rows;
mod strict;
mod table;
pub mod table_binary;

#[cfg(any(feature = "http", feature = "worker"))]
pub use adapter::RequestParts;
pub use behaviour::Behaviour;
pub use body::{Body, Stored};
pub use coding::Coding;
pub use etag::ETag;
pub use header_rules::HeaderChange;
pub use reply::{Headers, Reply};
pub use representation::Representation;
pub use request::{Method, Request};
pub use rows::{Asset, HeaderOperation, HeaderRule, Redirect};
pub use table::Table;

/// Includes the table module that a build script emitted into `OUT_DIR`.
///
/// The module defines `pub static TABLE: Table<'static>`.
///
/// ```ignore
/// mod assets {
///     worker_pack_runtime::include_table!();
/// }
/// ```
#[macro_export]
macro_rules! include_table {
    () => {
        include!(concat!(env!("OUT_DIR"), "/assets.rs"));
    };
}
