//! The work before and after each request, whatever answers it: the table, the API or Astro.
//!
//! Astro has a middleware too, but it runs for the pages that Astro renders and for nothing else. The
//! security header fields are in `site/public/_headers`, from which the table and `FetchEvent::finish`
//! apply them.

mod cors;
mod log;
mod pages;
mod timing;

use worker::web_sys::Response;
use worker::{Headers, Result};
use worker_pack_runtime::FetchEvent;

use crate::api::{self, Endpoint};
use crate::exchange::Exchange;
use crate::meter::Metric;

pub(crate) use pages::Draw;

/// Answers a request that needs no answer of the table, the API or Astro: one that another site may not
/// send, a preflight, and one of a visitor who still gets the deployment on Pages.
///
/// # Errors
/// If the host refuses a header field.
pub(crate) async fn before(event: &FetchEvent, exchange: &Exchange) -> Result<Option<Response>> {
    if api::owns(&exchange.path)
        && let Some(response) = cors::check(&event.request(), exchange)?
    {
        return event.finish(response).map(Some);
    }
    pages::answer(event, exchange).await
}

/// Adds header fields to a response, and then records what is worth it.
///
/// # Errors
/// If the host refuses a header field.
pub(crate) fn after(event: &FetchEvent, exchange: &Exchange, response: &Response) -> Result<()> {
    let (status, headers) = (response.status(), Headers(response.headers()));
    pages::mark(exchange, &headers)?;
    if api::owns(&exchange.path) {
        cors::allow(exchange, &headers)?;
        count(exchange, status);
    }
    timing::show(exchange, &headers)?;
    let entry = log::entry(exchange, status);
    let (readings, env) = (exchange.readings.clone(), event.env().clone());
    event.context().wait_until(async move {
        log::write(entry, &env, &readings).await;
        readings.send(&env).await;
    });
    Ok(())
}

/// Returns whether a shared cache may keep a response without asking again: it must not contain anything
/// about a single request or visitor.
fn never_changes(headers: &Headers) -> Result<bool> {
    let policy = headers.get("Cache-Control")?;
    Ok(policy.is_some_and(|policy| policy.contains("immutable")))
}

/// Counts a request for the API.
fn count(exchange: &Exchange, status: u16) {
    let endpoint = Endpoint::find(&exchange.path).map_or("none", Endpoint::name);
    let status = status.to_string();
    let readings = &exchange.readings;
    readings.count(Metric::Requests, &[("endpoint", endpoint), ("status", &status)]);
    readings.count(Metric::DurationCount, &[("endpoint", endpoint)]);
    let waits =
        [(Metric::DurationSum, exchange.elapsed()), (Metric::UpstreamSum, readings.upstream())];
    for (metric, milliseconds) in waits {
        #[expect(clippy::cast_precision_loss, reason = "a request takes minutes at most")]
        readings.add(metric, &[("endpoint", endpoint)], milliseconds as f64);
    }
}
