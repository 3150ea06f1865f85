//! The two APIs of the voice service: Realtime, and its successor Live.
//!
//! Both take the browser's offer from the Worker and return the answer and the name of the call. They
//! differ in the form of everything, and `VOICE_API` chooses one. This module contains no I/O: an API says
//! what to send, and reads what has come.

mod instructions;
mod live;
mod realtime;
mod usage;

use std::fmt::Debug;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::settings::Models;
use crate::upstream::{Failure, Outgoing, Reply};

pub(crate) use instructions::for_chat;
pub(crate) use realtime::{CALLS_PATH, client_secret, secret_of};
pub(crate) use usage::{Prices, Usage, UsageChange};

/// The API that is used if `VOICE_API` is missing.
pub(crate) const DEFAULT: &dyn VoiceApi = &realtime::Realtime;

/// The longest call that either API allows, in minutes.
pub(crate) const LONGEST_MINUTES: u64 = 60;

/// One of the two APIs.
pub(crate) trait VoiceApi: Debug + Sync {
    /// Returns the name in `VOICE_API`.
    fn name(&self) -> &'static str;

    /// Returns the model for calls.
    fn model<'m>(&self, models: &'m Models) -> &'m str;

    /// Returns all models that a call needs.
    fn models<'m>(&self, models: &'m Models) -> Vec<&'m str>;

    /// Returns the request that opens a call with a browser's offer (SDP, RFC 8866).
    fn open(&self, offer: &str, call: &CallConfig<'_>) -> Outgoing;

    /// Reads the response to that request.
    fn opened(&self, reply: &Reply) -> Result<Opened, Failure>;

    /// Returns the path of the WebSocket on which the events of a call arrive.
    fn sideband(&self, call: &str) -> String;

    /// Returns the way to end a call.
    fn hang_up(&self, call: &str) -> HangUp;

    /// Reads an event of a call. Most events mean nothing to the Worker.
    fn read(&self, event: &Value) -> Vec<CallEvent>;
}

/// Finds an API by its name.
pub(crate) fn find(name: &str) -> Option<&'static dyn VoiceApi> {
    let apis: [&dyn VoiceApi; 2] = [&realtime::Realtime, &live::Live];
    apis.into_iter().find(|api| api.name() == name)
}

/// The configuration of a call, which the browser cannot change.
#[derive(Debug)]
pub(crate) struct CallConfig<'a> {
    pub(crate) models: &'a Models,
    /// A name of the client that says nothing about it, by which the service sees abuse.
    pub(crate) safety_identifier: &'a str,
    /// The turns of an earlier call that this one goes on with.
    pub(crate) transcript: &'a [Turn],
}

/// A call that the service has opened.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Opened {
    /// The name of the call.
    pub(crate) call: String,
    /// The answer to the browser's offer (SDP).
    pub(crate) answer: String,
}

/// The way to end a call.
#[derive(Debug)]
pub(crate) enum HangUp {
    Request(Outgoing),
    /// An event that is sent on the sideband.
    Event(Value),
}

/// The speaker of a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Role {
    User,
    Assistant,
}

/// The words of a speaker until the other one speaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Turn {
    pub(crate) role: Role,
    pub(crate) text: String,
}

/// A part of a turn, with its place on the timeline of the call in milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) turn: Turn,
    pub(crate) start: u64,
    pub(crate) end: u64,
}

/// An event of a call that the Worker acts upon.
#[derive(Debug, PartialEq)]
pub(crate) enum CallEvent {
    /// A turn has begun, whose words follow.
    Began {
        item: String,
        role: Role,
    },
    /// Somebody has said a whole turn, which may have begun before.
    Said {
        item: Option<String>,
        turn: Turn,
    },
    /// Somebody has said a part of a turn.
    SaidPart(Part),
    Used(UsageChange),
    /// The service has ended the call.
    Over(Over),
}

/// Why the service has ended a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Over {
    /// Something asked for it, or the content was refused.
    Closed,
    /// The call has reached the longest length that the API allows.
    Expired,
    /// The connection to the browser was lost.
    Dropped,
}

/// Returns the text at a path of names in JSON.
fn text<'v>(value: &'v Value, path: &[&str]) -> Option<&'v str> {
    path.iter().try_fold(value, |value, name| value.get(name))?.as_str()
}

/// Returns whether a text can be the name of a call, which becomes a part of paths.
fn is_name(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    !text.is_empty() && text.bytes().all(is_part)
}

/// Makes the failure of a response without something that its documentation promises.
fn missing(what: &str) -> Failure {
    Failure::Unexpected(format!("{what} is missing"))
}
