//! `POST /api/voice-agent/token`: opens a session for the voice agent.

use std::net::IpAddr;

use serde::Serialize;
use worker::{Env, Request, Response, Result};

use super::rate_limit::{self, Verdict};
use super::session::{LIFETIME_SECONDS, Sessions};

#[derive(Serialize)]
struct Token<'a> {
    session: &'a str,
    /// The time in ISO 8601.
    expires_at: &'a str,
    /// The same in seconds from now.
    expires_in: u32,
}

/// Opens a session, unless the client has reached the limit.
pub(super) async fn answer(request: &Request, env: &Env) -> Result<Response> {
    let sessions = Sessions::of(env)?;
    if let Verdict::Wait { seconds } = rate_limit::check(&sessions, client(request)?).await? {
        let mut response = super::problem(429, "too many sessions from this address")?;
        response.headers_mut().set("Retry-After", &seconds.to_string())?;
        return Ok(response);
    }
    let session = sessions.open().await?;
    let token = Token {
        session: session.id(),
        expires_at: session.expires_at(),
        expires_in: LIFETIME_SECONDS,
    };
    super::json(200, &token)
}

/// Returns the client's address. Cloudflare's edge sets the field and overrides a client's own value.
/// Without an edge, as in development, all clients share one limit.
fn client(request: &Request) -> Result<Option<IpAddr>> {
    let field = request.headers().get("CF-Connecting-IP")?;
    Ok(field.and_then(|address| address.parse().ok()))
}
