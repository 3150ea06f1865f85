//! Requests to the voice service.

mod failure;

use std::time::Duration;

use futures_util::future::{Either, select};
use futures_util::{TryStreamExt as _, pin_mut};
use worker::{
    AbortController, AbortSignal, Delay, Fetch, FormData, Headers, Method, Request, RequestInit,
    RequestRedirect, Response, ResponseBody, WebSocket,
};

use crate::clock;
use crate::meter::Readings;
use crate::settings::Settings;

pub(crate) use failure::Failure;

/// Number of bytes of a response that are read. An answer of the service has a few kilobytes, and a list
/// of its models some dozens.
const MOST: usize = 1024 * 1024;

/// The voice service, for one request or one call.
pub(crate) struct Upstream {
    base_url: String,
    key: String,
    timeout: Duration,
    readings: Readings,
}

/// A request to the voice service, but for its address and key.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) fields: Vec<(&'static str, String)>,
    pub(crate) body: Body,
}

/// The body of a request.
#[derive(Debug)]
pub(crate) enum Body {
    Empty,
    Json(serde_json::Value),
    /// `multipart/form-data` (RFC 7578), with text fields only.
    Form(Vec<(&'static str, String)>),
}

/// A response of the voice service that was read as a whole.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) location: Option<String>,
    pub(crate) body: String,
}

impl Outgoing {
    /// Makes a `POST` without header fields of its own.
    pub(crate) fn post(path: impl Into<String>, body: Body) -> Self {
        Self { method: Method::Post, path: path.into(), fields: Vec::new(), body }
    }

    /// Makes a `GET`.
    pub(crate) fn get(path: impl Into<String>) -> Self {
        Self { method: Method::Get, path: path.into(), fields: Vec::new(), body: Body::Empty }
    }

    /// Adds a header field.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.fields.push((name, value.into()));
        self
    }
}

impl Upstream {
    /// Makes the service at a URL.
    ///
    /// # Errors
    /// If the Worker has no key.
    pub(crate) fn new(
        settings: &Settings,
        base_url: &str,
        readings: &Readings,
    ) -> Result<Self, Failure> {
        let key = settings.key.clone().ok_or(Failure::NoKey)?;
        let timeout = Duration::from_millis(settings.upstream_timeout);
        Ok(Self { base_url: base_url.to_owned(), key, timeout, readings: readings.clone() })
    }

    /// Sends a request, and reads the response.
    ///
    /// # Errors
    /// If the service cannot be reached, is too slow, or responds with an error.
    pub(crate) async fn send(&self, outgoing: Outgoing) -> Result<Reply, Failure> {
        self.in_time(async |signal| {
            let mut response = self.successful(outgoing, signal).await?;
            let location = response.headers().get("Location").ok().flatten();
            Ok(Reply { location, body: read(&mut response).await? })
        })
        .await
    }

    /// Sends a request, and returns the response with its body unread, which may come for as long as it
    /// likes. The request is cancelled when the reader of the body leaves.
    ///
    /// # Errors
    /// As [`Upstream::send`].
    pub(crate) async fn stream(&self, outgoing: Outgoing) -> Result<Response, Failure> {
        self.in_time(async |signal| self.successful(outgoing, signal).await).await
    }

    /// Opens a WebSocket, which begins with [`WebSocket::accept`].
    ///
    /// # Errors
    /// As [`Upstream::send`].
    pub(crate) async fn connect(&self, path: String) -> Result<WebSocket, Failure> {
        let outgoing = Outgoing::get(path).with("Upgrade", "websocket");
        let response = self.in_time(async |signal| self.fetch(outgoing, signal).await).await?;
        let status = response.status_code();
        response.websocket().ok_or_else(|| Failure::of_response(status, "", None))
    }

    /// Does something that takes the service no longer than the timeout.
    async fn in_time<T>(
        &self,
        work: impl AsyncFnOnce(AbortSignal) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let begun = clock::now();
        let controller = AbortController::default();
        let work = work(controller.signal());
        let timeout = Delay::from(self.timeout);
        pin_mut!(work, timeout);
        let result = match select(work, timeout).await {
            Either::Left((result, _)) => result,
            Either::Right(_) => {
                controller.abort();
                Err(Failure::TooSlow { milliseconds: self.timeout.as_millis() })
            }
        };
        self.readings.waited(clock::now().saturating_sub(begun));
        result
    }

    /// Sends a request, and returns the response if it is a success.
    async fn successful(
        &self,
        outgoing: Outgoing,
        signal: AbortSignal,
    ) -> Result<Response, Failure> {
        let mut response = self.fetch(outgoing, signal).await?;
        match response.status_code() {
            200..300 => Ok(response),
            status => {
                let retry_after = response.headers().get("Retry-After").ok().flatten();
                let body = read(&mut response).await.unwrap_or_default();
                // The reason reaches the client, and a proxy in between may repeat the request in it.
                Err(Failure::of_response(status, &body.replace(&self.key, "…"), retry_after))
            }
        }
    }

    async fn fetch(&self, outgoing: Outgoing, signal: AbortSignal) -> Result<Response, Failure> {
        let request = Fetch::Request(self.request(outgoing)?);
        let response = request.send_with_signal(&signal).await;
        response.map_err(|error| Failure::Unreachable(error.to_string()))
    }

    fn request(&self, outgoing: Outgoing) -> Result<Request, worker::Error> {
        let headers = Headers::new();
        headers.set("Authorization", &format!("Bearer {}", self.key))?;
        for (name, value) in &outgoing.fields {
            headers.set(name, value)?;
        }
        let mut init = RequestInit::new();
        let body = match outgoing.body {
            Body::Empty => None,
            Body::Json(value) => {
                headers.set("Content-Type", "application/json")?;
                Some(value.to_string().into())
            }
            // The host names the boundary in `Content-Type` by itself.
            Body::Form(fields) => {
                let form = FormData::new();
                for (name, value) in &fields {
                    form.append(name, value)?;
                }
                let form: worker::wasm_bindgen::JsValue = form.into();
                Some(form)
            }
        };
        init.with_method(outgoing.method).with_headers(headers).with_body(body);
        // A redirect must not carry the key elsewhere.
        init.with_redirect(RequestRedirect::Manual);
        Request::new_with_init(&format!("{}{}", self.base_url, outgoing.path), &init)
    }
}

/// Reads a body as text.
async fn read(response: &mut Response) -> Result<String, Failure> {
    if !matches!(response.body(), ResponseBody::Stream(_)) {
        return Ok(String::new());
    }
    let mut bytes = Vec::new();
    let mut stream = response.stream()?;
    while let Some(chunk) = stream.try_next().await? {
        if bytes.len() + chunk.len() > MOST {
            return Err(Failure::Unexpected("its response is longer than 1 MB".to_owned()));
        }
        bytes.extend(chunk);
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
