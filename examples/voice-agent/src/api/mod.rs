//! The API of the voice agent, below `/api/voice-agent/`. Each endpoint has a file.

mod audio;
mod cache;
mod chat;
mod health;
mod idempotency;
mod input;
mod metrics;
mod operator;
mod rtc_config;
mod sdp;
mod session;
mod token;

use worker::{Response, ResponseBuilder, Result};
use worker_pack_runtime::FetchEvent;

use crate::exchange::Exchange;
use crate::limits;
use crate::problem::{Answer, Kind, Problem};

/// The path that all endpoints begin with.
const PREFIX: &str = "/api/voice-agent/";

/// Returns whether a path belongs to the API, even if no endpoint has it.
pub(crate) fn owns(path: &str) -> bool {
    path == "/api" || path.starts_with("/api/")
}

/// An endpoint, with the part of its path that varies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint<'p> {
    Audio,
    Cache,
    Chat,
    Health,
    Metrics,
    RtcConfig,
    Sdp,
    Session(&'p str),
    Token,
}

impl<'p> Endpoint<'p> {
    /// Finds the endpoint of a path.
    pub(crate) fn find(path: &'p str) -> Option<Self> {
        match path.strip_prefix(PREFIX)? {
            "audio" => Some(Self::Audio),
            "cache" => Some(Self::Cache),
            "chat" => Some(Self::Chat),
            "health" => Some(Self::Health),
            "metrics" => Some(Self::Metrics),
            "rtc-config" => Some(Self::RtcConfig),
            "sdp" => Some(Self::Sdp),
            "token" => Some(Self::Token),
            other => other.strip_prefix("session/").map(Self::Session),
        }
    }

    /// Returns the name in metrics.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Audio => "audio",
            Self::Cache => "cache",
            Self::Chat => "chat",
            Self::Health => "health",
            Self::Metrics => "metrics",
            Self::RtcConfig => "rtc-config",
            Self::Sdp => "sdp",
            Self::Session(_) => "session",
            Self::Token => "token",
        }
    }

    /// Returns the supported methods, as in the field `Allow` (RFC 9110 §10.2.1).
    pub(crate) fn methods(self) -> &'static str {
        match self {
            Self::Audio | Self::Chat | Self::Sdp | Self::Token => "POST",
            Self::Cache => "DELETE",
            Self::Health | Self::Metrics | Self::RtcConfig => "GET, HEAD",
            Self::Session(_) => "GET, HEAD, DELETE",
        }
    }

    /// Returns whether operators watch the Worker by it, and not its visitors.
    pub(crate) fn is_for_operators(self) -> bool {
        matches!(self, Self::Cache | Self::Health | Self::Metrics)
    }
}

/// Answers a request for a path of the API. A problem is a response too.
///
/// # Errors
/// If the host refuses a header field.
pub(crate) async fn answer(event: &FetchEvent, exchange: &Exchange) -> Result<Response> {
    let mut response = match respond(event, exchange).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(&exchange.id)?,
    };
    response.headers_mut().set("Cache-Control", "no-store")?;
    if exchange.method == "HEAD" {
        // RFC 9110 §9.3.2: the fields of a GET, without its content.
        let (builder, _) = response.into_parts();
        return Ok(builder.empty());
    }
    Ok(response)
}

async fn respond(event: &FetchEvent, exchange: &Exchange) -> Answer {
    let endpoint = Endpoint::find(&exchange.path).ok_or_else(|| {
        Problem::new(Kind::NotFound, format!("no endpoint has the path `{}`", exchange.path))
    })?;
    let method = if exchange.method == "HEAD" { "GET" } else { &exchange.method };
    if !endpoint.methods().split(", ").any(|name| name == method) {
        let detail = format!("send one of: {}", endpoint.methods());
        return Err(Problem::new(Kind::MethodNotAllowed, detail).with("Allow", endpoint.methods()));
    }
    let env = event.env();
    let request = event.request();
    input::expect_no_coding(&request)?;
    if endpoint != Endpoint::Health {
        exchange.settings.check()?;
    }
    if is_limited(endpoint, method) && !operator::has_token(&request, exchange) {
        limits::pass_edge(env, exchange).await?;
    }
    match endpoint {
        Endpoint::Audio => audio::post(env, exchange, request).await,
        Endpoint::Cache => cache::delete(env, exchange, &request).await,
        Endpoint::Chat => chat::post(env, exchange, request).await,
        Endpoint::Health => health::get(env, exchange).await,
        Endpoint::Metrics => metrics::get(env, exchange, &request).await,
        Endpoint::RtcConfig => rtc_config::get(exchange),
        Endpoint::Sdp => sdp::post(env, exchange, request).await,
        Endpoint::Session(id) => session::answer(env, exchange, &request, id).await,
        Endpoint::Token => token::post(env, exchange, &request).await,
    }
}

/// Returns whether a request passes the rate-limit binding. The end of a call does not: its name is the
/// permission, and a call that goes on costs more than the request.
fn is_limited(endpoint: Endpoint<'_>, method: &str) -> bool {
    match endpoint {
        Endpoint::Session(_) => method != "DELETE",
        Endpoint::Cache | Endpoint::Metrics | Endpoint::RtcConfig => false,
        _ => true,
    }
}

/// Makes a response of JSON.
fn json(value: &impl serde::Serialize) -> Answer {
    Ok(Response::from_json(value)?)
}

/// Makes a response of JSON with another status than 200.
fn json_with(status: u16, value: &impl serde::Serialize) -> Answer {
    Ok(ResponseBuilder::new().with_status(status).from_json(value)?)
}

/// Returns a name for the client that says nothing about it, which the voice service gets.
fn safety_identifier(exchange: &Exchange) -> String {
    // With a secret in the hash, nobody can try all addresses.
    let key = exchange.settings.key.as_deref().unwrap_or_default();
    crate::hash::of(&[b"safety", key.as_bytes(), exchange.client.name().as_bytes()])
}

/// Returns the URL of the voice service for the client of a request.
fn base_url(exchange: &Exchange) -> String {
    let continent = exchange.edge.continent.as_deref();
    exchange.settings.base_url_for(continent).to_owned()
}
