//! Adapter for Workers written in Rust with the `worker` crate.

use std::borrow::Cow;

use worker::js_sys::{Reflect, Uint8Array};
use worker::wasm_bindgen::JsValue;
use worker::web_sys::{self, ReadableStream};
use worker::{EncodeBody, Headers, Response, ResponseBuilder, Result};

use super::request_parts::{Fields, RequestParts, Target};
use crate::body::{Body, Stored};
use crate::reply::Reply;
use crate::request::{Method, RequestField};
use crate::table::Table;

impl RequestParts<'static> {
    /// Reads the head of a Worker's request.
    ///
    /// # Errors
    /// If JavaScript refuses to read a header field.
    pub fn from_worker(request: &worker::Request) -> Result<Self> {
        // Not `request.method()`, which reads an unknown method as GET.
        let method = Method::from_token(&request.inner().method());
        // Not `request.url()`, which parses the URL.
        let target = Target::Absolute(Cow::Owned(request.inner().url()));
        let mut fields = Fields::default();
        for (field, slot) in RequestField::ALL.into_iter().zip(&mut fields) {
            *slot = value(request, field)?.map(Cow::Owned);
        }
        Ok(Self::new(method, target, fields))
    }
}

fn value(request: &worker::Request, field: RequestField) -> Result<Option<String>> {
    let headers = request.headers();
    match field {
        RequestField::AcceptEncoding => match client_accept_encoding(request) {
            Some(value) => Ok(Some(value)),
            None => headers.get(field.name()),
        },
        // Credentials stay in JavaScript: only their presence matters.
        RequestField::Authorization => Ok(headers.has(field.name())?.then(String::new)),
        RequestField::IfMatch
        | RequestField::IfNoneMatch
        | RequestField::IfRange
        | RequestField::Range
        | RequestField::SecFetchMode => headers.get(field.name()),
    }
}

impl Table<'_> {
    /// Answers a request that has an asset, and leaves the others to the Worker's own code. So it does
    /// with the paths that belong to that code (`run_worker_first`), whether or not they have an asset.
    ///
    /// ```ignore
    /// let parts = RequestParts::from_worker(&request)?;
    /// let path = parts.path();
    /// match TABLE.serve(&parts)? {
    ///     Some(response) => Ok(response),
    ///     None if api::owns(&path) => api::answer(&path, &request, &env).await,
    ///     None => TABLE.serve_not_found(&parts),
    /// }
    /// ```
    ///
    /// # Errors
    /// If JavaScript refuses a header field of the table.
    pub fn serve(&self, parts: &RequestParts<'_>) -> Result<Option<Response>> {
        self.respond(&parts.request()).map(into_response).transpose()
    }

    /// Answers with the asset at a path, even if the path belongs to the Worker's own code, or with the
    /// nearest `404.html`: as the binding `env.ASSETS` does. The code calls this once it has decided
    /// that the client may see the asset.
    ///
    /// # Errors
    /// If JavaScript refuses a header field of the table.
    pub fn serve_to_server(&self, parts: &RequestParts<'_>) -> Result<Response> {
        into_response(self.respond_to_server(&parts.request()))
    }

    /// Answers a request that has neither an asset nor an answer of the Worker's own code, with the
    /// nearest `404.html`.
    ///
    /// # Errors
    /// If JavaScript refuses a header field of the table.
    pub fn serve_not_found(&self, parts: &RequestParts<'_>) -> Result<Response> {
        into_response(self.not_found(&parts.request()))
    }
}

/// Returns the client's `Accept-Encoding`, which Cloudflare's edge replaces by `br, gzip`. Without an
/// edge the property is missing, and the header is the client's own.
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
        // The bytes are already encoded.
        .with_encode_body(EncodeBody::Manual);
    Ok(match stream(body)? {
        Some(stream) => builder.stream(stream),
        None => builder.empty(),
    })
}

/// Passes the bytes to JavaScript as a stream with a known length, so that the response is not
/// chunked.
///
/// A body of the `worker` crate is a vector. It would first be copied within this program's memory,
/// which never shrinks.
fn stream(body: Body<'_>) -> Result<Option<ReadableStream>> {
    if body.is_empty() {
        return Ok(None);
    }
    let bytes = bytes(body)?;
    Ok(web_sys::Response::new_with_opt_buffer_source(Some(&bytes))?.body())
}

/// Copies the bytes to send into JavaScript's memory.
fn bytes(body: Body<'_>) -> Result<Uint8Array> {
    let Stored::Memory(stored) = body.stored() else {
        return Err(failure("the bodies of this table are stored outside the Worker's program"));
    };
    let part = match body.decoded_len() {
        None => stored.get(body.range()).map(Uint8Array::from),
        Some(len) => decode(stored, len)?.get(body.range()).map(Uint8Array::from),
    };
    part.ok_or_else(|| failure("a body is shorter than the table requires"))
}

#[cfg(feature = "brotli")]
fn decode(brotli: &[u8], len: usize) -> Result<Vec<u8>> {
    crate::decode::brotli(brotli, len).ok_or_else(|| failure("a body cannot be decoded"))
}

#[cfg(not(feature = "brotli"))]
fn decode(_brotli: &[u8], _len: usize) -> Result<Vec<u8>> {
    Err(failure(
        "the table contains bodies to decode: enable the feature `brotli` of worker-pack-runtime",
    ))
}

fn failure(message: &str) -> worker::Error {
    worker::Error::RustError(message.to_owned())
}
