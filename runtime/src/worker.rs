//! Adapter for Rust Workers, written with the `worker` crate.

use worker::js_sys::Reflect;
use worker::wasm_bindgen::JsValue;
use worker::{EncodeBody, Headers, Response, ResponseBuilder, Result};

use crate::body::{Body, Stored};
use crate::reply::Reply;
use crate::request::{Method, Request};
use crate::table::Table;

impl Table<'_> {
    /// Answers a request that has an asset, and leaves the others to the Worker's own code.
    ///
    /// ```ignore
    /// match TABLE.serve(&request)? {
    ///     Some(response) => Ok(response),
    ///     None => api(request, env).await,
    /// }
    /// ```
    ///
    /// # Errors
    /// If the runtime refuses a header of the table.
    pub fn serve(&self, request: &worker::Request) -> Result<Option<Response>> {
        let parts = RequestParts::read(request)?;
        self.respond(&parts.request()).map(into_response).transpose()
    }

    /// Answers a request that nobody has an answer for, with the nearest `404.html`.
    ///
    /// # Errors
    /// If the runtime refuses a header of the table.
    pub fn serve_not_found(&self, request: &worker::Request) -> Result<Response> {
        let parts = RequestParts::read(request)?;
        into_response(self.not_found(&parts.request()))
    }
}

/// What a [`Request`] borrows.
struct RequestParts {
    method: Method,
    url: String,
    accept_encoding: Option<String>,
    if_match: Option<String>,
    if_none_match: Option<String>,
    if_range: Option<String>,
    range: Option<String>,
}

impl RequestParts {
    fn read(request: &worker::Request) -> Result<Self> {
        let headers = request.headers();
        Ok(Self {
            // Not `request.method()`, which takes what it does not know for GET.
            method: Method::from_token(&request.inner().method()),
            // Not `request.url()`, which parses it.
            url: request.inner().url(),
            accept_encoding: client_accept_encoding(request)
                .map_or_else(|| headers.get("accept-encoding"), |known| Ok(Some(known)))?,
            if_match: headers.get("if-match")?,
            if_none_match: headers.get("if-none-match")?,
            if_range: headers.get("if-range")?,
            range: headers.get("range")?,
        })
    }

    fn request(&self) -> Request<'_> {
        Request {
            accept_encoding: self.accept_encoding.as_deref(),
            if_match: self.if_match.as_deref(),
            if_none_match: self.if_none_match.as_deref(),
            if_range: self.if_range.as_deref(),
            range: self.range.as_deref(),
            ..Request::from_url(self.method, &self.url)
        }
    }
}

/// Returns what the client accepts. The header says `br, gzip` whatever that is, since the edge
/// writes it; without an edge in front there is no such property.
fn client_accept_encoding(request: &worker::Request) -> Option<String> {
    let cf = Reflect::get(request.inner(), &JsValue::from_str("cf")).ok()?;
    let known = Reflect::get(&cf, &JsValue::from_str("clientAcceptEncoding")).ok()?;
    known.as_string()
}

fn into_response(reply: Reply<'_>) -> Result<Response> {
    let (status, fields, body) = reply.into_parts();
    let headers = Headers::new();
    for (name, value) in fields.iter() {
        headers.append(name, value)?;
    }
    let builder = ResponseBuilder::new()
        .with_status(status)
        .with_headers(headers)
        // The bytes are encoded already.
        .with_encode_body(EncodeBody::Manual);
    Ok(if body.is_empty() { builder.empty() } else { builder.fixed(bytes(body)?) })
}

/// Returns the bytes to send. The `worker` crate wants to own them before it hands them to
/// JavaScript.
fn bytes(body: Body<'_>) -> Result<Vec<u8>> {
    let Stored::Memory(kept) = body.kept() else {
        let message = "the table is one for JavaScript hosts, whose bodies are not in this program";
        return Err(worker::Error::RustError(message.to_owned()));
    };
    match body.decoded_len() {
        None => Ok(kept[body.range()].to_vec()),
        Some(len) => decode(kept, len).map(|whole| whole[body.range()].to_vec()),
    }
}

#[cfg(feature = "brotli")]
fn decode(brotli: &[u8], len: usize) -> Result<Vec<u8>> {
    crate::decode::brotli(brotli, len)
        .ok_or_else(|| worker::Error::RustError("a body does not decode".to_owned()))
}

#[cfg(not(feature = "brotli"))]
fn decode(_brotli: &[u8], _len: usize) -> Result<Vec<u8>> {
    let message =
        "the table has bodies to decode: enable the feature `brotli` of worker-pack-runtime";
    Err(worker::Error::RustError(message.to_owned()))
}
