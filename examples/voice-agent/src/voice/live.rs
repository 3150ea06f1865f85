//! The Live API, the successor of Realtime. Only a server can open its calls.

use serde_json::{Value, json};

use super::instructions::for_call;
use super::{
    CallConfig, CallEvent, HangUp, Opened, Over, Part, Role, Turn, UsageChange, VoiceApi, is_name,
    missing, text,
};
use crate::settings::Models;
use crate::upstream::{Body, Failure, Outgoing, Reply};

/// The path to which offers are sent.
const SESSIONS_PATH: &str = "/v1/live/sessions";

/// The events that a page may see on its data channel. It may send none.
const FOR_CLIENTS: [&str; 6] = [
    "session.started",
    "session.input_transcript.delta",
    "session.output_transcript.delta",
    "session.usage.updated",
    "session.closed",
    "error",
];

/// The Live API.
#[derive(Debug)]
pub(super) struct Live;

impl VoiceApi for Live {
    fn name(&self) -> &'static str {
        "live"
    }

    fn model<'m>(&self, models: &'m Models) -> &'m str {
        &models.live
    }

    fn models<'m>(&self, models: &'m Models) -> Vec<&'m str> {
        vec![&models.live]
    }

    fn open(&self, offer: &str, call: &CallConfig<'_>) -> Outgoing {
        let events: Vec<_> = FOR_CLIENTS.iter().map(|name| json!({ "type": name })).collect();
        let body = json!({
            "session": {
                "model": call.models.live,
                "instructions": for_call(&[]),
                "input": call.transcript.iter().map(item).collect::<Vec<_>>(),
                "audio": { "output": { "voice": "marin" } },
                "client": {
                    "data_channel": {
                        "allowed_client_events": [],
                        "allowed_server_events": events,
                    },
                },
                "safety_identifier": call.safety_identifier,
            },
            "transport": { "type": "webrtc", "sdp": offer },
        });
        Outgoing::post(SESSIONS_PATH, Body::Json(body))
    }

    fn opened(&self, reply: &Reply) -> Result<Opened, Failure> {
        let body: Value = serde_json::from_str(&reply.body).map_err(|_| missing("JSON"))?;
        let call =
            text(&body, &["session", "id"]).ok_or_else(|| missing("the name of the session"))?;
        if !is_name(call) {
            return Err(missing("the name of the session"));
        }
        let answer = text(&body, &["transport", "sdp"]).filter(|answer| answer.starts_with("v=0"));
        let answer = answer.ok_or_else(|| missing("the answer to the offer"))?;
        Ok(Opened { call: call.to_owned(), answer: answer.to_owned() })
    }

    fn sideband(&self, call: &str) -> String {
        format!("{SESSIONS_PATH}/{call}/attach")
    }

    fn hang_up(&self, _call: &str) -> HangUp {
        HangUp::Event(json!({ "type": "session.close" }))
    }

    fn read(&self, event: &Value) -> Vec<CallEvent> {
        let part = |role| {
            let text = text(event, &["delta"])?.to_owned();
            let time = |name| event.get(name).and_then(Value::as_u64).unwrap_or_default();
            let turn = Turn { role, text };
            Some(CallEvent::SaidPart(Part { turn, start: time("start_ms"), end: time("end_ms") }))
        };
        let used = || {
            let seconds = event.get("usage")?.get("seconds")?.as_f64()?;
            Some(CallEvent::Used(UsageChange::TotalSeconds(seconds)))
        };
        match text(event, &["type"]) {
            Some("session.input_transcript.delta") => part(Role::User).into_iter().collect(),
            Some("session.output_transcript.delta") => part(Role::Assistant).into_iter().collect(),
            Some("session.usage.updated") => used().into_iter().collect(),
            Some("session.closed") => {
                let over = match text(event, &["reason"]) {
                    Some("expired") => Over::Expired,
                    Some("connection_lost" | "remote_hangup") => Over::Dropped,
                    _ => Over::Closed,
                };
                used().into_iter().chain([CallEvent::Over(over)]).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// Returns a turn of an earlier call, as the history of a session wants it.
fn item(turn: &Turn) -> Value {
    let (role, part) = match turn.role {
        Role::User => ("user", "input_text"),
        Role::Assistant => ("assistant", "output_text"),
    };
    json!({ "type": "message", "role": role, "content": [{ "type": part, "text": turn.text }] })
}
