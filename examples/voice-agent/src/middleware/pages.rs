//! The move from Pages: a share of the visitors still gets the earlier deployment.
//!
//! Each visitor draws a number from 0 to 99 once and keeps it in a cookie. Those below `PAGES_PERCENT` get
//! the deployment at `PAGES_ORIGIN`, with all of its files and its API. So a larger share moves some
//! visitors, and nobody moves back and forth. 100 sends everybody back.

use worker::wasm_bindgen::JsCast as _;
use worker::{Fetch, Headers, Request, Response, Result, console_error, web_sys};
use worker_pack_runtime::FetchEvent;

use crate::api::Endpoint;
use crate::exchange::Exchange;

/// The cookie with a visitor's number.
const COOKIE: &str = "deployment-draw";

/// Time for which a visitor keeps the number, in seconds.
const LIFETIME: u32 = 30 * 24 * 60 * 60;

/// Asks the deployment on Pages, for visitors who get it.
pub(super) async fn answer(
    event: &FetchEvent,
    exchange: &Exchange,
) -> Result<Option<web_sys::Response>> {
    let Some(origin) = origin(exchange) else { return Ok(None) };
    if exchange.draw.number() >= exchange.settings.pages_percent {
        return Ok(None);
    }
    let request = event.request();
    let has_body = request.inner().body().is_some();
    match pass_on(&request, origin).await {
        Ok(response) => Ok(Some(response.into())),
        // The body has gone with the request that has failed.
        Err(error) if has_body => Err(error),
        Err(error) => {
            console_error!("voice-agent: the deployment on Pages cannot be reached: {error}");
            Ok(None)
        }
    }
}

/// Sets the cookie of a visitor who has just drawn a number, and keeps shared caches from giving one
/// visitor's deployment to another.
pub(super) fn mark(exchange: &Exchange, headers: &Headers) -> Result<()> {
    if origin(exchange).is_none() || super::never_changes(headers)? {
        return Ok(());
    }
    headers.append("Vary", "Cookie")?;
    if let Draw::New(number) = exchange.draw {
        let cookie = format!(
            "{COOKIE}={number}; Max-Age={LIFETIME}; Path=/; Secure; HttpOnly; SameSite=Lax"
        );
        headers.append("Set-Cookie", &cookie)?;
    }
    Ok(())
}

/// Returns where the earlier deployment is, if some visitors get it and this path belongs to it.
fn origin(exchange: &Exchange) -> Option<&str> {
    let is_moving = exchange.settings.pages_percent > 0;
    let is_own = Endpoint::find(&exchange.path).is_some_and(Endpoint::is_for_operators);
    exchange.settings.pages_origin.as_deref().filter(|_| is_moving && !is_own)
}

async fn pass_on(request: &Request, origin: &str) -> Result<Response> {
    let url = request.url()?;
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    let url = format!("{origin}{}{query}", url.path());
    // `new Request(url, request)` takes everything from the request but its URL.
    let init: &web_sys::RequestInit = request.inner().unchecked_ref();
    let copy = web_sys::Request::new_with_str_and_init(&url, init)?;
    let response = Fetch::Request(copy.into()).send().await?;
    // The fields of a response that was fetched cannot be changed, those of a copy can.
    let headers = response.headers().clone();
    Ok(response.with_headers(headers))
}

/// The number of a visitor.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Draw {
    /// From the cookie.
    Known(u64),
    /// Drawn for this request.
    New(u64),
}

impl Draw {
    /// Reads the number of a visitor, or draws one.
    pub(crate) fn of(request: &Request) -> Self {
        let cookies = request.headers().get("Cookie").ok().flatten().unwrap_or_default();
        let mut values = cookies.split(';').filter_map(|cookie| {
            let (name, value) = cookie.trim().split_once('=')?;
            (name == COOKIE).then(|| value.parse().ok()).flatten()
        });
        match values.next() {
            Some(number @ 0..100) => Self::Known(number),
            _ => Self::New(draw()),
        }
    }

    fn number(self) -> u64 {
        match self {
            Self::Known(number) | Self::New(number) => number,
        }
    }
}

fn draw() -> u64 {
    let mut bytes = [0; 8];
    // Without random numbers, the visitor gets this Worker.
    if getrandom::fill(&mut bytes).is_err() {
        return 99;
    }
    u64::from_le_bytes(bytes) % 100
}
