//! Calls, each in a Durable Object of its own.
//!
//! The object opens the call with the voice service, so that a request that is sent twice opens one call.
//! It reads the events of the call on a WebSocket of its own, the sideband, and so knows the transcript and
//! the cost without asking the page. And it ends the call: on request, or when the budget of minutes is
//! used up.

mod call;
mod object;
mod record;
mod sideband;
mod token;
mod transcript;

use serde::{Deserialize, Serialize};
use worker::Env;

use crate::clock;
use crate::exchange::Exchange;
use crate::objects;
use crate::problem::Answer;
use crate::voice::{Turn, Usage};

pub(crate) use token::Token;

/// The binding of the objects.
pub(crate) const BINDING: &str = "VOICE_SESSIONS";

/// The name of an object, which is the secret by which a page uses its call: 256 bits in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SessionId(String);

impl SessionId {
    /// Makes the name for a request of a client. The same request gets the same name again.
    pub(crate) fn new(exchange: &Exchange, purpose: &str, idempotency_key: &str) -> Self {
        // With a secret in it, a name cannot be computed from the key of the request.
        let secret = exchange.settings.key.as_deref().unwrap_or_default();
        let parts = [purpose, secret, exchange.client.name(), idempotency_key];
        Self(crate::hash::of(&parts.map(str::as_bytes)))
    }

    /// Reads a name.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let is_hex = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f');
        (text.len() == 64 && text.bytes().all(is_hex)).then(|| Self(text.to_owned()))
    }

    /// Returns the name.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// A question or command to an object.
#[derive(Debug, Serialize, Deserialize)]
enum Command {
    /// Open a call.
    Open(Open),
    /// Tell whether the request with a fingerprint has opened the call before.
    Known(String),
    /// Show the call.
    Show,
    /// End the call.
    End(Reason),
    /// Get a key for a client that opens its call itself.
    Mint(Mint),
    /// Tell the key that the same request got before.
    Minted,
}

/// A call to open.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Open {
    /// A hash of the request, by which it is known if it is sent again.
    pub(crate) fingerprint: String,
    /// The browser's offer (SDP).
    pub(crate) offer: String,
    pub(crate) base_url: String,
    pub(crate) safety_identifier: String,
    /// The transcript of the call that this one goes on with.
    pub(crate) transcript: Vec<Turn>,
}

/// A key to get.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Mint {
    pub(crate) base_url: String,
    pub(crate) safety_identifier: String,
}

/// Why a call has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Reason {
    /// The page has ended it.
    Client,
    /// An operator has ended it.
    Operator,
    /// Its budget of minutes was used up.
    Budget,
    /// It has reached the longest length that the voice service allows.
    Expired,
    /// The connection was lost.
    Dropped,
    /// Another call goes on with it.
    Resumed,
    /// The voice service has closed it.
    Closed,
}

impl Reason {
    /// Returns the name in JSON and in metrics.
    fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Operator => "operator",
            Self::Budget => "budget",
            Self::Expired => "expired",
            Self::Dropped => "dropped",
            Self::Resumed => "resumed",
            Self::Closed => "closed",
        }
    }
}

/// A call that is open.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Opened {
    /// The answer to the browser's offer (SDP).
    pub(crate) answer: String,
    pub(crate) api: String,
    /// The time at which the Worker ends the call, in milliseconds since the epoch.
    pub(crate) ends_at: u64,
}

/// A call, as its page sees it. Times are in milliseconds since the epoch.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct View {
    pub(crate) state: String,
    pub(crate) reason: Option<Reason>,
    pub(crate) api: String,
    pub(crate) model: String,
    pub(crate) opened_at: u64,
    pub(crate) ends_at: u64,
    pub(crate) ended_at: Option<u64>,
    pub(crate) cost_usd: f64,
    pub(crate) usage: Usage,
    pub(crate) transcript: Vec<Turn>,
}

/// Returns the response to a request that has opened a call before.
pub(crate) async fn known(
    env: &Env,
    exchange: &Exchange,
    id: &SessionId,
    fingerprint: &str,
) -> Answer<Option<Opened>> {
    ask(env, exchange, id, Command::Known(fingerprint.to_owned())).await
}

/// Opens a call.
pub(crate) async fn open(
    env: &Env,
    exchange: &Exchange,
    id: &SessionId,
    open: Open,
) -> Answer<Opened> {
    ask(env, exchange, id, Command::Open(open)).await
}

/// Shows a call.
pub(crate) async fn show(env: &Env, exchange: &Exchange, id: &SessionId) -> Answer<View> {
    ask(env, exchange, id, Command::Show).await
}

/// Ends a call, and shows it.
pub(crate) async fn end(
    env: &Env,
    exchange: &Exchange,
    id: &SessionId,
    reason: Reason,
) -> Answer<View> {
    ask(env, exchange, id, Command::End(reason)).await
}

/// Gets a key for a client that opens its call itself.
pub(crate) async fn mint(
    env: &Env,
    exchange: &Exchange,
    id: &SessionId,
    mint: Mint,
) -> Answer<Token> {
    ask(env, exchange, id, Command::Mint(mint)).await
}

/// Returns the key that the same request got before, if it is still valid.
pub(crate) async fn minted(
    env: &Env,
    exchange: &Exchange,
    id: &SessionId,
) -> Answer<Option<Token>> {
    ask(env, exchange, id, Command::Minted).await
}

async fn ask<T: for<'d> Deserialize<'d>>(
    env: &Env,
    exchange: &Exchange,
    id: &SessionId,
    command: Command,
) -> Answer<T> {
    let begun = clock::now();
    let mut response = objects::ask(env, BINDING, id.as_str(), &command).await?;
    let answer = response.json::<Answer<T>>().await?;
    // The object waits for the voice service, and this request for the object.
    exchange.readings.waited(clock::now().saturating_sub(begun));
    answer
}
