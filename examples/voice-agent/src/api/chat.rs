//! `POST chat`: the conversation in writing, for those without a microphone or a connection for calls.

use serde::Deserialize;
use serde_json::{Value, json};
use worker::{Env, Request, ResponseBody, ResponseBuilder};

use super::input;
use crate::exchange::Exchange;
use crate::limits::{self, Quota};
use crate::problem::{Answer, Kind, Problem};
use crate::upstream::{Body, Failure, Outgoing, Upstream};
use crate::voice::{Role, Turn, for_chat};

/// Number of bytes of a conversation.
const MOST: usize = 32 * 1024;

/// Number of messages of a conversation.
const MOST_MESSAGES: usize = 40;

/// Number of tokens of an answer.
const MOST_TOKENS: u32 = 400;

/// A conversation so far.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Conversation {
    messages: Vec<Turn>,
}

/// Passes a conversation on, and the answer back as it is written (server-sent events). If the client
/// leaves, the host cancels the request to the voice service.
pub(super) async fn post(env: &Env, exchange: &Exchange, mut request: Request) -> Answer {
    input::expect_type(&request, "application/json")?;
    let body = input::text(&mut request, MOST).await?;
    let conversation: Conversation = serde_json::from_str(&body).map_err(|error| {
        let detail = format!("the body is not a conversation: {error}");
        Problem::new(Kind::BadRequest, detail)
    })?;
    check(&conversation)?;
    let allowance = limits::pass(env, exchange, Quota::Chats).await?;
    let items: Vec<_> = conversation.messages.iter().map(item).collect();
    let outgoing = Outgoing::post(
        "/v1/responses",
        Body::Json(json!({
            "model": exchange.settings.models.chat,
            "instructions": for_chat(),
            "input": items,
            "max_output_tokens": MOST_TOKENS,
            "safety_identifier": super::safety_identifier(exchange),
            "store": false,
            "stream": true,
        })),
    );
    let base_url = super::base_url(exchange);
    let upstream = Upstream::new(&exchange.settings, &base_url, &exchange.readings)?;
    let response = upstream.stream(outgoing.with("Accept", "text/event-stream")).await?;
    let media_type = response.headers().get("Content-Type")?.unwrap_or_default();
    let (true, ResponseBody::Stream(stream)) =
        (media_type.starts_with("text/event-stream"), response.body())
    else {
        let what = format!("`{media_type}` instead of a stream of events");
        return Err(Failure::Unexpected(what).into());
    };
    let response = ResponseBuilder::new()
        .with_header("Content-Type", "text/event-stream; charset=utf-8")?
        .stream(stream.clone());
    Ok(allowance.show(response)?)
}

fn check(conversation: &Conversation) -> Answer<()> {
    let messages = &conversation.messages;
    let wrong = if messages.len() > MOST_MESSAGES {
        format!("has more than {MOST_MESSAGES} messages: leave out the oldest")
    } else if messages.iter().any(|message| message.text.trim().is_empty()) {
        "has an empty message".to_owned()
    } else if messages.last().is_none_or(|last| last.role != Role::User) {
        "has to end with a message of the user".to_owned()
    } else {
        return Ok(());
    };
    Err(Problem::new(Kind::Unprocessable, format!("the conversation {wrong}")))
}

fn item(turn: &Turn) -> Value {
    json!({ "role": turn.role, "content": turn.text })
}
