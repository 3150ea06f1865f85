//! Errors of the API, as problem details (RFC 9457).

use std::fmt::Display;

use serde::{Deserialize, Serialize};
use worker::{Error, Response, ResponseBuilder, console_error};

/// The kinds of problems. The page `/problems/` of the site explains each under its slug.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    BadRequest,
    Unauthorized,
    ForbiddenOrigin,
    NotFound,
    MethodNotAllowed,
    NotAcceptable,
    Conflict,
    TooLarge,
    UnsupportedMediaType,
    Unprocessable,
    TooManyRequests,
    Internal,
    NotConfigured,
    UpstreamRefused,
    UpstreamFailed,
    UpstreamExhausted,
    UpstreamTimeout,
}

impl Kind {
    /// Returns the status code (RFC 9110 §15), the slug and the title.
    pub(crate) fn facts(self) -> (u16, &'static str, &'static str) {
        match self {
            Self::BadRequest => (400, "bad-request", "The request cannot be read"),
            Self::Unauthorized => (401, "unauthorized", "The token is missing or wrong"),
            Self::ForbiddenOrigin => (403, "forbidden-origin", "This site may not use the API"),
            Self::NotFound => (404, "not-found", "Nothing is here"),
            Self::MethodNotAllowed => {
                (405, "method-not-allowed", "The method is not supported here")
            }
            Self::NotAcceptable => (406, "not-acceptable", "No acceptable response exists"),
            Self::Conflict => (409, "conflict", "The request does not fit the state of the call"),
            Self::TooLarge => (413, "too-large", "The request is too large"),
            Self::UnsupportedMediaType => {
                (415, "unsupported-media-type", "The media type is not supported")
            }
            Self::Unprocessable => (422, "unprocessable", "The content cannot be processed"),
            Self::TooManyRequests => (429, "too-many-requests", "Too many requests"),
            Self::Internal => (500, "internal", "The Worker failed"),
            Self::NotConfigured => (503, "not-configured", "The Worker is not configured for this"),
            Self::UpstreamRefused => {
                (502, "upstream-refused", "The voice service refused the Worker")
            }
            Self::UpstreamFailed => (502, "upstream-failed", "The voice service failed"),
            Self::UpstreamExhausted => {
                (503, "upstream-exhausted", "The voice service accepts no more calls for now")
            }
            Self::UpstreamTimeout => (504, "upstream-timeout", "The voice service is too slow"),
        }
    }
}

/// An error that the client gets, with a sentence for the people who read it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Problem {
    pub(crate) kind: Kind,
    detail: String,
    fields: Vec<(String, String)>,
}

/// The result of an endpoint.
pub(crate) type Answer<T = Response> = Result<T, Problem>;

impl Problem {
    /// Makes a problem. The detail says what is wrong and, if the client can do something, what.
    pub(crate) fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), fields: Vec::new() }
    }

    /// Adds a header field.
    pub(crate) fn with(mut self, name: &str, value: impl Display) -> Self {
        self.fields.push((name.to_owned(), value.to_string()));
        self
    }

    /// Makes the response to the request with an identifier.
    ///
    /// # Errors
    /// If the host refuses a header field.
    pub(crate) fn into_response(self, request_id: &str) -> Result<Response, Error> {
        /// The members of RFC 9457 §3.1.
        #[derive(Serialize)]
        struct Details<'a> {
            r#type: String,
            title: &'a str,
            status: u16,
            detail: &'a str,
            instance: &'a str,
        }
        let (status, slug, title) = self.kind.facts();
        let details = Details {
            r#type: format!("/problems/#{slug}"),
            title,
            status,
            detail: &self.detail,
            instance: request_id,
        };
        let body = serde_json::to_vec(&details)?;
        let mut response = ResponseBuilder::new()
            .with_status(status)
            .with_header("Content-Type", "application/problem+json")?;
        for (name, value) in &self.fields {
            response = response.with_header(name, value)?;
        }
        Ok(response.fixed(body))
    }
}

/// An error of the host, which is logged here: the client gets no part of it.
impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        console_error!("voice-agent: {error}");
        Self::new(Kind::Internal, "the Worker failed; its log has the reason under this instance")
    }
}

impl From<serde_json::Error> for Problem {
    fn from(error: serde_json::Error) -> Self {
        Error::from(error).into()
    }
}
