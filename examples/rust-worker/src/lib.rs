//! A Worker that serves a packed site, and an API beside it.

mod api;

use worker::{Context, Env, Request, Response, Result, event};
use worker_pack_runtime::RequestParts;

mod assets {
    worker_pack_runtime::include_table!();
}

/// Answers a request from the table, by the API, or with the site's 404 page.
#[event(fetch)]
async fn fetch(request: Request, env: Env, _context: Context) -> Result<Response> {
    let parts = RequestParts::from_worker(&request)?;
    let path = parts.path();
    match assets::TABLE.serve(&parts)? {
        Some(response) => Ok(response),
        None if api::owns(&path) => api::answer(&path, &request, &env).await,
        None => assets::TABLE.serve_not_found(&parts),
    }
}
