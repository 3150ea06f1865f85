//! The ways in which the voice service fails, and what the client learns of them.

use serde::Deserialize;
use worker::{Error, console_error};

use crate::problem::{Kind, Problem};

/// A failed request to the voice service.
#[derive(Clone, Debug)]
pub(crate) enum Failure {
    /// The Worker has no key.
    NoKey,
    /// The service refused the key (401, 403).
    Refused,
    /// The service has no such call (404).
    NotFound,
    /// The service refused the content, for this reason if it named one.
    Rejected(Option<String>),
    /// The account has reached a limit of the service (429).
    Exhausted { retry_after: Option<String> },
    /// The service failed (5xx), or responded with another status.
    Status(u16),
    /// The response is not what its documentation says.
    Unexpected(String),
    /// No connection.
    Unreachable(String),
    /// No response in this time.
    TooSlow { milliseconds: u128 },
    /// The host failed.
    Host(String),
}

/// The body of an error. All parts of it may be missing or empty.
#[derive(Default, Deserialize)]
struct ErrorBody {
    error: Option<Details>,
}

#[derive(Deserialize)]
struct Details {
    message: Option<String>,
    r#type: Option<String>,
    code: Option<String>,
}

impl Failure {
    /// Reads a response with an error status.
    pub(crate) fn of_response(status: u16, body: &str, retry_after: Option<String>) -> Self {
        let body: ErrorBody = serde_json::from_str(body).unwrap_or_default();
        let text = |part: Option<String>| part.filter(|text| !text.is_empty());
        let (message, kind, code) = body.error.map_or((None, None, None), |error| {
            (text(error.message), text(error.r#type), text(error.code))
        });
        // A call that is over already is no fault.
        if status != 404 {
            // Not the message: that of a refused key repeats a part of it.
            console_error!(
                "voice-agent: the voice service responded {status} ({}, {})",
                kind.as_deref().unwrap_or("no type"),
                code.as_deref().unwrap_or("no code"),
            );
        }
        match status {
            401 | 403 => Self::Refused,
            404 => Self::NotFound,
            400 | 413 | 422 => Self::Rejected(message),
            429 => Self::Exhausted { retry_after },
            other => Self::Status(other),
        }
    }

    /// Writes what the client does not learn into the log.
    pub(crate) fn log(&self) {
        if let Self::Host(error) | Self::Unreachable(error) = self {
            console_error!("voice-agent: {error}");
        }
    }

    /// Returns a sentence about the failure.
    fn sentence(&self) -> String {
        match self {
            Self::NoKey => "the Worker has no key for the voice service: set the secret \
                `OPENAI_API_KEY`"
                .to_owned(),
            Self::Refused => "the voice service refused the Worker's key".to_owned(),
            Self::NotFound => "the voice service has no such call".to_owned(),
            Self::Rejected(Some(reason)) => {
                format!("the voice service refused the request: {reason}")
            }
            Self::Rejected(None) => {
                "the voice service refused the request and gave no reason".to_owned()
            }
            Self::Exhausted { .. } => {
                "the Worker's account has reached a limit of the voice service".to_owned()
            }
            Self::Status(status) => format!("the voice service responded with status {status}"),
            Self::Unexpected(what) => {
                format!("the voice service responded with something else than expected: {what}")
            }
            Self::Unreachable(_) => "the voice service cannot be reached".to_owned(),
            Self::TooSlow { milliseconds } => {
                format!("the voice service did not respond in {milliseconds} ms")
            }
            Self::Host(_) => {
                "the Worker failed; its log has the reason under this instance".to_owned()
            }
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::NoKey => Kind::NotConfigured,
            Self::Refused => Kind::UpstreamRefused,
            Self::Rejected(Some(_)) => Kind::Unprocessable,
            Self::NotFound
            | Self::Rejected(None)
            | Self::Status(_)
            | Self::Unexpected(_)
            | Self::Unreachable(_) => Kind::UpstreamFailed,
            Self::Exhausted { .. } => Kind::UpstreamExhausted,
            Self::TooSlow { .. } => Kind::UpstreamTimeout,
            Self::Host(_) => Kind::Internal,
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Host(error.to_string())
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        failure.log();
        let problem = Self::new(failure.kind(), failure.sentence());
        match failure {
            Failure::Exhausted { retry_after: Some(seconds) } => {
                problem.with("Retry-After", seconds)
            }
            _ => problem,
        }
    }
}
