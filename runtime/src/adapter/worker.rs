//! Adapter for Rust Workers, written with the `worker` crate.

use worker::js_sys::{Reflect, Uint8Array};
use worker::wasm_bindgen::JsValue;
use worker::web_sys::{self, ReadableStream};
use worker::{EncodeBody, Headers, Response, ResponseBuilder, Result};

use crate::body::{Body, Stored};
use crate::reply::Reply;
use crate::request::{Authorization, Method, Request};
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
    authorization: Authorization,
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
            authorization: if headers.has("authorization")? {
                Authorization::Given
            } else {
                Authorization::Missing
            },
        })
    }

    fn request(&self) -> Request<'_> {
        Request {
            accept_encoding: self.accept_encoding.as_deref(),
            if_match: self.if_match.as_deref(),
            if_none_match: self.if_none_match.as_deref(),
            if_range: self.if_range.as_deref(),
            range: self.range.as_deref(),
            authorization: self.authorization,
            ..Request::from_url(self.method, &self.url)
        }
    }
}

/// Returns what the client accepts, where the edge has put `br, gzip` in its place. Without an edge in
/// front there is no such property, and the header is the client's own.
fn client_accept_encoding(request: &worker::Request) -> Option<String> {
    let cf = Reflect::get(request.inner(), &JsValue::from_str("cf")).ok()?;
    if !cf.is_object() {
        return None;
    }
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
    Ok(match stream(body)? {
        Some(stream) => builder.stream(stream),
        None => builder.empty(),
    })
}

/// Hands the bytes to JavaScript as a stream, which knows its length, so that the response is not
/// chunked.
///
/// A body of the `worker` crate is a vector: bytes would be copied within this program's memory
/// first, which never shrinks again.
fn stream(body: Body<'_>) -> Result<Option<ReadableStream>> {
    if body.is_empty() {
        return Ok(None);
    }
    let bytes = bytes(body)?;
    Ok(web_sys::Response::new_with_opt_buffer_source(Some(&bytes))?.body())
}

/// Copies the bytes to send into JavaScript's memory.
fn bytes(body: Body<'_>) -> Result<Uint8Array> {
    let Stored::Memory(kept) = body.kept() else {
        return Err(failure("the table is one of a JavaScript host, which has the bodies"));
    };
    let part = match body.decoded_len() {
        None => kept.get(body.range()).map(Uint8Array::from),
        Some(len) => decode(kept, len)?.get(body.range()).map(Uint8Array::from),
    };
    part.ok_or_else(|| failure("a body is shorter than the table says"))
}

#[cfg(feature = "brotli")]
fn decode(brotli: &[u8], len: usize) -> Result<Vec<u8>> {
    crate::decode::brotli(brotli, len).ok_or_else(|| failure("a body does not decode"))
}

#[cfg(not(feature = "brotli"))]
fn decode(_brotli: &[u8], _len: usize) -> Result<Vec<u8>> {
    Err(failure(
        "the table has bodies to decode: enable the feature `brotli` of worker-pack-runtime",
    ))
}

fn failure(message: &str) -> worker::Error {
    worker::Error::RustError(message.to_owned())
}
