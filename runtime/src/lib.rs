//! Serves the asset table that `worker-pack` emits.
//!
//! A Worker's author needs a [`Table`], which [`include_table!`] includes, a [`Request`] and the
//! [`Reply`] to it. With the feature `http`, `RequestParts` reads the request of a host, and
//! `Reply::into_http` makes the host's response. With the feature `worker`, `FetchEvent` answers the
//! requests of a Worker. The table's [`Behaviour`] says which of Cloudflare's servers it follows.
//!
//! This crate is compiled into the Worker, so each cold start pays for all of it: it does no I/O,
//! reads no clock, and allocates a few header values per reply. The Worker and `worker-pack serve`
//! share it, so that HTTP semantics exist once.
//!
//! # The way of a request
//! A request passes the modules in this order:
//!
//! 1. `request`: the parts of a request that matter to static assets.
//! 2. `path`: normalisation and percent-decoding, done once.
//! 3. `routing`: whether the Worker's own code answers the path.
//! 4. `redirects`: the user's redirects and rewrites.
//! 5. `resolve`: path to asset, redirect, or neither.
//! 6. `negotiation`: the representation of the asset that suits the client.
//! 7. `precondition`: `If-Match` and `If-None-Match`.
//! 8. `range`: `Range` and `If-Range`.
//! 9. `header_rules`: the user's header rules.
//!
//! `respond` calls them; `asset_reply` has the steps 6 to 8, in the order of RFC 9110 §13.2.2. In a table
//! with [`Fidelity::Strict`](behaviour::Fidelity::Strict), `strict` replaces these.
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

mod accept;
mod accept_encoding;
#[cfg(any(feature = "http", feature = "worker"))]
mod adapter;
mod asset_reply;
pub mod behaviour;
mod body;
mod canonical;
mod coding;
#[cfg(feature = "brotli")]
#[doc(hidden)]
pub mod decode;
mod error_replies;
mod etag;
#[doc(hidden)]
pub mod exchange;
mod header_rules;
mod included;
mod named;
mod negotiation;
#[doc(hidden)]
pub mod packer;
mod path;
mod pattern;
mod precondition;
mod range;
mod records;
mod redirects;
mod reply;
mod representation;
pub mod request;
mod resolve;
mod respond;
pub mod routing;
mod rows;
mod strict;
mod table;
mod table_binary;
mod variant;
mod variants;
mod weight;

#[cfg(feature = "http")]
pub use adapter::RequestParts;
#[cfg(feature = "worker")]
pub use adapter::{FetchEvent, start};
pub use behaviour::Behaviour;
pub use body::{Body, Stored};
pub use coding::Coding;
pub use etag::ETag;
pub use header_rules::HeaderChange;
pub use reply::{Headers, Reply};
pub use representation::Representation;
pub use request::{Method, Request};
pub use respond::{Answer, ServerReason};
pub use routing::Routing;
pub use rows::{Asset, HeaderOperation, HeaderRule, Redirect};
pub use table::Table;
pub use variant::Variant;

/// Includes the module of a table that `worker-pack` wrote into `build/table` of the Worker's crate, for
/// the target `rust-worker`.
///
/// The module defines `pub static TABLE: Table<'static>`, which answers requests once the program starts.
///
/// ```ignore
/// mod site {
///     worker_pack_runtime::include_site!();
/// }
/// ```
#[macro_export]
macro_rules! include_site {
    () => {
        include!(concat!(env!("CARGO_MANIFEST_DIR"), "/build/table/assets.rs"));
    };
}

/// Makes a table answer requests once the program starts. The module of a Worker calls it.
#[cfg(feature = "worker")]
#[doc(hidden)]
#[macro_export]
macro_rules! start {
    ($table:ident) => {
        // `host/entry.js` knows the name: what a program exports is a method for other Workers otherwise.
        #[::worker::event(start)]
        fn start_worker_pack() {
            $crate::start(&$table);
        }
    };
}

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
