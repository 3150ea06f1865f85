//! The Realtime API.

use serde::Deserialize;
use serde_json::{Value, json};

use super::instructions::for_call;
use super::{
    CallConfig, CallEvent, HangUp, Opened, Over, Role, Turn, Usage, UsageChange, VoiceApi, is_name,
    missing, text,
};
use crate::settings::Models;
use crate::upstream::{Body, Failure, Outgoing, Reply};

/// The path to which offers are sent.
pub(crate) const CALLS_PATH: &str = "/v1/realtime/calls";

/// The Realtime API, which can be used with a key for the browser too.
#[derive(Debug)]
pub(super) struct Realtime;

impl VoiceApi for Realtime {
    fn name(&self) -> &'static str {
        "realtime"
    }

    fn model<'m>(&self, models: &'m Models) -> &'m str {
        &models.realtime
    }

    fn models<'m>(&self, models: &'m Models) -> Vec<&'m str> {
        vec![&models.realtime, &models.transcription]
    }

    fn open(&self, offer: &str, call: &CallConfig<'_>) -> Outgoing {
        let form = vec![("sdp", offer.to_owned()), ("session", session(call).to_string())];
        safely(Outgoing::post(CALLS_PATH, Body::Form(form)), call)
    }

    fn opened(&self, reply: &Reply) -> Result<Opened, Failure> {
        let location = reply.location.as_deref().ok_or_else(|| missing("the field `Location`"))?;
        let call = location.rsplit('/').next().unwrap_or_default();
        if !call.starts_with("rtc_") || !is_name(call) {
            return Err(missing("the name of the call in the field `Location`"));
        }
        if !reply.body.starts_with("v=0") {
            return Err(missing("the answer to the offer"));
        }
        Ok(Opened { call: call.to_owned(), answer: reply.body.clone() })
    }

    fn sideband(&self, call: &str) -> String {
        format!("/v1/realtime?call_id={call}")
    }

    fn hang_up(&self, call: &str) -> HangUp {
        HangUp::Request(Outgoing::post(format!("{CALLS_PATH}/{call}/hangup"), Body::Empty))
    }

    fn read(&self, event: &Value) -> Vec<CallEvent> {
        read(event).into_iter().collect()
    }
}

fn read(event: &Value) -> Option<CallEvent> {
    let said = |role, name| {
        let item = text(event, &["item_id"]).map(str::to_owned);
        let text = text(event, &[name])?.trim().to_owned();
        (!text.is_empty()).then_some(CallEvent::Said { item, turn: Turn { role, text } })
    };
    match text(event, &["type"])? {
        // The words of the user may be known only after those of the answer.
        "conversation.item.added" => Some(CallEvent::Began {
            item: text(event, &["item", "id"])?.to_owned(),
            role: match text(event, &["item", "role"])? {
                "user" => Role::User,
                "assistant" => Role::Assistant,
                _ => return None,
            },
        }),
        "conversation.item.input_audio_transcription.completed" => said(Role::User, "transcript"),
        "response.output_audio_transcript.done" => said(Role::Assistant, "transcript"),
        "response.output_text.done" => said(Role::Assistant, "text"),
        "response.done" => Some(CallEvent::Used(UsageChange::Add(used(event)?))),
        "error" if text(event, &["error", "code"]) == Some("session_expired") => {
            Some(CallEvent::Over(Over::Expired))
        }
        _ => None,
    }
}

/// Returns the request for a key with which a client opens a call itself, within some seconds.
pub(crate) fn client_secret(call: &CallConfig<'_>, seconds: u32) -> Outgoing {
    let body = json!({
        "expires_after": { "anchor": "created_at", "seconds": seconds },
        "session": session(call),
    });
    safely(Outgoing::post("/v1/realtime/client_secrets", Body::Json(body)), call)
}

/// A key for a client.
#[derive(Debug, Deserialize)]
pub(crate) struct ClientSecret {
    pub(crate) value: String,
    /// The end of its validity in seconds since the epoch.
    pub(crate) expires_at: u64,
}

/// Reads the response to [`client_secret`].
pub(crate) fn secret_of(reply: &Reply) -> Result<ClientSecret, Failure> {
    let secret: ClientSecret = serde_json::from_str(&reply.body)
        .map_err(|_| missing("the key with the time of its end"))?;
    if secret.value.starts_with("ek_") { Ok(secret) } else { Err(missing("the key")) }
}

/// Names the client, as the service asks for.
fn safely(outgoing: Outgoing, call: &CallConfig<'_>) -> Outgoing {
    outgoing.with("OpenAI-Safety-Identifier", call.safety_identifier)
}

fn session(call: &CallConfig<'_>) -> Value {
    json!({
        "type": "realtime",
        "model": call.models.realtime,
        "instructions": for_call(call.transcript),
        "output_modalities": ["audio"],
        "audio": {
            "input": {
                "noise_reduction": { "type": "near_field" },
                "transcription": { "model": call.models.transcription },
                "turn_detection": { "type": "server_vad" },
            },
            "output": { "voice": "marin" },
        },
    })
}

/// Reads the usage of a response. Tokens from the cache are contained in those of the input. All parts may
/// be missing, or null.
fn used(event: &Value) -> Option<Usage> {
    let usage = event.get("response")?.get("usage")?;
    let tokens = |path: &[&str]| {
        let found = path.iter().try_fold(usage, |value, name| value.get(name));
        found.and_then(Value::as_u64)
    };
    let input = |name| tokens(&["input_token_details", name]).unwrap_or_default();
    let output = |name| tokens(&["output_token_details", name]).unwrap_or_default();
    let cached = input("cached_tokens");
    let of_cached = |name| tokens(&["input_token_details", "cached_tokens_details", name]);
    let cached_audio =
        of_cached("audio_tokens").unwrap_or_else(|| cached.min(input("audio_tokens")));
    let cached_text =
        of_cached("text_tokens").unwrap_or_else(|| cached.saturating_sub(cached_audio));
    Some(Usage {
        audio_input_tokens: input("audio_tokens").saturating_sub(cached_audio),
        text_input_tokens: input("text_tokens").saturating_sub(cached_text),
        cached_input_tokens: cached,
        audio_output_tokens: output("audio_tokens"),
        text_output_tokens: output("text_tokens"),
        seconds: 0.0,
    })
}
