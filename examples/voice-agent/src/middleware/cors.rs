//! The origins that may use the API (Fetch standard §3.3, "CORS protocol").

use worker::{Headers, Request, Response, ResponseBuilder, Result};

use crate::api::Endpoint;
use crate::exchange::Exchange;
use crate::problem::{Kind, Problem};

/// The fields of a request that another site may set.
const REQUEST_FIELDS: &str = "Authorization, Content-Type, Idempotency-Key";

/// The fields of a response that another site may read.
const RESPONSE_FIELDS: &str = "Location, RateLimit, RateLimit-Policy, Retry-After, Server-Timing, \
     Voice-Api, Voice-Ends-At, X-Request-Id, X-Worker-Duration, X-Worker-Region";

/// Time for which a browser remembers a preflight, in seconds.
const MAX_AGE: u32 = 600;

/// Returns whether the page that has sent a request may use the API. A request without an origin comes from
/// no page of another site.
fn is_allowed(exchange: &Exchange) -> bool {
    let Some(origin) = &exchange.origin else { return true };
    *origin == exchange.own_origin || exchange.settings.allowed_origins.contains(origin)
}

/// Answers a preflight, and a request of a page that may not send it.
pub(super) fn check(request: &Request, exchange: &Exchange) -> Result<Option<Response>> {
    if !is_allowed(exchange) {
        let detail = "the page that has sent this request is not of a site in `ALLOWED_ORIGINS`";
        let problem = Problem::new(Kind::ForbiddenOrigin, detail).with("Cache-Control", "no-store");
        return problem.into_response(&exchange.id).map(Some);
    }
    let is_preflight = exchange.method == "OPTIONS"
        && exchange.origin.is_some()
        && request.headers().has("Access-Control-Request-Method")?;
    match Endpoint::find(&exchange.path) {
        Some(endpoint) if is_preflight => {
            let response = ResponseBuilder::new()
                .with_status(204)
                .with_header("Access-Control-Allow-Methods", endpoint.methods())?
                .with_header("Access-Control-Allow-Headers", REQUEST_FIELDS)?
                .with_header("Access-Control-Max-Age", &MAX_AGE.to_string())?
                .with_header("Cache-Control", "no-store")?;
            Ok(Some(response.empty()))
        }
        _ => Ok(None),
    }
}

/// Lets the page that has sent the request read the response, if it may.
pub(super) fn allow(exchange: &Exchange, headers: &Headers) -> Result<()> {
    // Also without an origin: a cache must not give the response to a page of another site.
    headers.append("Vary", "Origin")?;
    if let Some(origin) = &exchange.origin
        && is_allowed(exchange)
    {
        headers.set("Access-Control-Allow-Origin", origin)?;
        headers.set("Access-Control-Allow-Credentials", "true")?;
        headers.set("Access-Control-Expose-Headers", RESPONSE_FIELDS)?;
    }
    Ok(())
}
