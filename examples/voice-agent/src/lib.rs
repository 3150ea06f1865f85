//! A Worker that serves a packed site, the API of a voice agent, and the pages that Astro renders on
//! demand.
//!
//! A request passes `middleware`, and is answered from the table, by `api`, or by Astro. The API talks to
//! the voice service through `upstream`, in the words of one of the two APIs of `voice`. Each call belongs
//! to a Durable Object of `session`, which ends it.

mod api;
mod client;
mod clock;
mod edge;
mod exchange;
mod hash;
mod limits;
mod meter;
mod middleware;
mod objects;
mod problem;
mod session;
mod settings;
mod store;
mod upstream;
mod voice;

use exchange::Exchange;
use problem::Problem;
use worker::web_sys::{Request, Response};
use worker::{Context, Env, Error, Result, event};
use worker_pack_runtime::FetchEvent;

mod site {
    worker_pack_runtime::include_site!();
}

/// Answers a request, between the middleware's work before and after it.
#[event(fetch)]
async fn fetch(request: Request, env: Env, context: Context) -> Result<Response> {
    let mut event = FetchEvent::new(&site::TABLE, request, env, context);
    let exchange = Exchange::begin(&event);
    let response = match middleware::before(&event, &exchange).await {
        Ok(Some(response)) => Ok(response),
        Ok(None) => answer(&mut event, &exchange).await,
        Err(error) => Err(error),
    };
    let response = match response {
        Ok(response) => response,
        Err(error) => event.finish(failure(&exchange, error)?)?,
    };
    middleware::after(&event, &exchange, &response)?;
    Ok(response)
}

/// Answers a request that has failed: with a problem for programs, and a line for people.
fn failure(exchange: &Exchange, error: Error) -> Result<worker::Response> {
    let problem = Problem::from(error);
    if api::owns(&exchange.path) {
        return problem.into_response(&exchange.id);
    }
    worker::Response::error(format!("The site has failed. Request {}", exchange.id), 502)
}

/// Answers a request from the table, by the API, by Astro, or with the site's 404 page.
///
/// The responses are those of the host. One of the `worker` crate would not know that the body of an asset
/// is compressed already, and the host would compress it again.
async fn answer(event: &mut FetchEvent, exchange: &Exchange) -> Result<Response> {
    if let Some(response) = event.asset().await? {
        return Ok(response);
    }
    if api::owns(&exchange.path) {
        return event.finish(api::answer(event, exchange).await?);
    }
    match event.server().await? {
        Some(response) => event.finish(response),
        None => event.not_found().await,
    }
}
