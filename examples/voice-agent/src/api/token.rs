//! `POST token`: a key with which a client opens its call itself, such as an app that is not a page of this
//! site. The Worker does not know that call, and cannot end it: prefer `POST sdp`.

use serde::Serialize;
use worker::{Env, Request, console_error};

use super::idempotency;
use crate::exchange::Exchange;
use crate::limits::{self, Quota};
use crate::problem::{Answer, Kind, Problem};
use crate::session::{self, Mint, SessionId, Token};
use crate::store::{Namespace, Store};
use crate::voice;

/// Time for which the session is kept, in seconds.
const LIFETIME: u64 = 1800;

#[derive(Serialize)]
struct Granted<'a> {
    success: bool,
    token: &'a str,
    /// The end of the token's validity in seconds since the epoch.
    expires_at: u64,
    session_id: &'a str,
    model: &'a str,
    /// Where the client sends its offer with the token.
    calls_url: String,
}

/// The session in KV.
#[derive(Serialize)]
struct Kept<'a> {
    client: &'a str,
    model: &'a str,
    /// Milliseconds since the epoch.
    created_at: u64,
}

/// Gets a token.
pub(super) async fn post(env: &Env, exchange: &Exchange, request: &Request) -> Answer {
    if exchange.settings.api.name() != "realtime" {
        let detail = "only Realtime has tokens, and this Worker uses another API: use `POST sdp`";
        return Err(Problem::new(Kind::NotFound, detail));
    }
    let id = idempotency::session_of(request, exchange, "token")?;
    // A request that is sent again uses up no quota.
    let is_repeatable = request.headers().has("Idempotency-Key")?;
    if is_repeatable && let Some(token) = session::minted(env, exchange, &id).await? {
        return response(&id, &token);
    }
    let sessions = Store::open(env, Namespace::Sessions, &exchange.readings)?;
    let allowance = limits::pass(env, exchange, Quota::Calls).await?;
    let mint = Mint {
        base_url: super::base_url(exchange),
        safety_identifier: super::safety_identifier(exchange),
    };
    let token = match session::mint(env, exchange, &id, mint).await {
        Ok(token) => token,
        Err(problem) => return Err(allowance.show_in(problem)),
    };
    let kept =
        Kept { client: exchange.client.name(), model: &token.model, created_at: exchange.begun() };
    // The token is valid without it.
    if let Err(error) = sessions.put(&format!("token/{}", id.as_str()), &kept, LIFETIME).await {
        console_error!("voice-agent: a session is not kept: {error}");
    }
    Ok(allowance.show(response(&id, &token)?)?)
}

fn response(id: &SessionId, token: &Token) -> Answer {
    super::json(&Granted {
        success: true,
        token: &token.value,
        expires_at: token.expires_at,
        session_id: id.as_str(),
        model: &token.model,
        calls_url: format!("{}{}", token.base_url, voice::CALLS_PATH),
    })
}
