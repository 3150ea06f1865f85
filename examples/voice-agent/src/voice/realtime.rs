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
        let text = text(event, &[name])?.trim().to_owned();
        (!text.is_empty()).then_some(CallEvent::Said(Turn { role, text }))
    };
    match text(event, &["type"])? {
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

/// Reads the usage of a response. Tokens from the cache are contained in those of the input.
fn used(event: &Value) -> Option<Usage> {
    /// The form of both.
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Details {
        audio_tokens: u64,
        text_tokens: u64,
        cached_tokens: u64,
        #[serde(rename = "cached_tokens_details")]
        cached: OfKinds,
    }
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct OfKinds {
        audio_tokens: u64,
        text_tokens: u64,
    }
    let usage = event.get("response")?.get("usage")?;
    let details = |name| -> Details {
        usage.get(name).and_then(|it| Deserialize::deserialize(it).ok()).unwrap_or_default()
    };
    let (input, output) = (details("input_token_details"), details("output_token_details"));
    let cached = &input.cached;
    Some(Usage {
        audio_input_tokens: input.audio_tokens.saturating_sub(cached.audio_tokens),
        text_input_tokens: input.text_tokens.saturating_sub(cached.text_tokens),
        cached_input_tokens: input.cached_tokens,
        audio_output_tokens: output.audio_tokens,
        text_output_tokens: output.text_tokens,
        seconds: 0.0,
    })
}
