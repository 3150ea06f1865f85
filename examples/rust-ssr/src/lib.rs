//! A Worker that serves a packed site, an API beside it, and the pages that Astro renders on demand.

mod api;

use worker::web_sys::{Request, Response};
use worker::{Context, Env, Result, event};
use worker_pack_runtime::FetchEvent;

mod site {
    worker_pack_runtime::include_site!();
}

/// Answers a request from the table, by the API, by Astro, or with the site's 404 page.
#[event(fetch)]
async fn fetch(request: Request, env: Env, context: Context) -> Result<Response> {
    let mut event = FetchEvent::new(&site::TABLE, request, env, context);
    if let Some(response) = event.asset().await? {
        return Ok(response);
    }
    if api::owns(&event.path()) {
        return event.finish(api::answer(&event)?);
    }
    event.server_or_not_found().await
}
