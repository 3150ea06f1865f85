//! Requests and their answers.

mod budget;
pub(super) mod client;
mod raw;
mod tally;
mod trouble;

use std::net::SocketAddr;
use std::time::Duration;

pub(crate) use budget::Budget;
pub(crate) use client::{Client, ClientOptions};
pub(crate) use tally::Tally;
pub(crate) use trouble::Trouble;

/// The longest body that is read if its length is not known: the largest file of Workers Static Assets.
pub(crate) const MAX_BODY: usize = 25 * 1024 * 1024;

/// A complete answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Names in lower case, and values, in order.
    pub(crate) fields: Vec<(String, String)>,
    /// The body as it was sent. After an answer that may not have one, the bytes that follow its head.
    pub(crate) body: Vec<u8>,
    /// The version of HTTP.
    pub(crate) protocol: &'static str,
    /// The local end of the connection, where it is known.
    pub(crate) connection: Option<SocketAddr>,
    /// Time to the head.
    pub(crate) first_byte: Duration,
    /// Time to the end of the body.
    pub(crate) total: Duration,
}

impl Answer {
    /// Returns the value of a field. Its lines are joined (RFC 9110 §5.3).
    pub(crate) fn field(&self, name: &str) -> Option<String> {
        let lines = self.fields.iter().filter(|(field, _)| field == name);
        let values: Vec<&str> = lines.map(|(_, value)| &**value).collect();
        (!values.is_empty()).then(|| values.join(", "))
    }
}

/// The outcome of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// A complete answer.
    Answered(Box<Answer>),
    /// No answer, or an incomplete one.
    Failed(Trouble),
    /// Not asked, since it depends on an earlier answer that is not as expected.
    NotAsked,
}

impl Outcome {
    pub(crate) fn answer(&self) -> Option<&Answer> {
        match self {
            Self::Answered(answer) => Some(answer),
            Self::Failed(_) | Self::NotAsked => None,
        }
    }
}
