//! The API in Rust. Every other path of `/api` belongs to Astro.

use serde::Serialize;
use worker::{Response, Result};
use worker_pack_runtime::FetchEvent;

/// Returns whether a path belongs to the API, even if no endpoint has it.
pub(crate) fn owns(path: &str) -> bool {
    path.starts_with("/api/rust/")
}

/// Answers a request for a path of the API.
pub(crate) fn answer(event: &FetchEvent) -> Result<Response> {
    match &*event.path() {
        "/api/rust/health" => health(event),
        "/api/rust/echo" => Response::ok(event.request().url()?.query().unwrap_or_default()),
        _ => Ok(Response::error("no endpoint has this path", 404)?),
    }
}

/// The answer of `/api/rust/health`.
#[derive(Serialize)]
struct Health {
    status: &'static str,
    /// The variable of the site's configuration, which Astro's pages show too.
    greeting: String,
    version: &'static str,
}

/// Reports that the Worker runs, with a variable that it shares with Astro.
fn health(event: &FetchEvent) -> Result<Response> {
    let greeting = event.env().var("GREETING")?.to_string();
    let health = Health { status: "ok", greeting, version: env!("CARGO_PKG_VERSION") };
    let mut response = Response::from_json(&health)?;
    response.headers_mut().set("Cache-Control", "no-store")?;
    Ok(response)
}
