//! Answers a request: from hyper's types to the runtime's and back.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HOST};
use http::{HeaderValue, Request, Response, StatusCode, Version};
use http_body_util::Full;
use hyper::body::Incoming;
use worker_pack::table::MemoryTable;
use worker_pack_runtime::{Answer, Body, RequestParts, ServerReason, Stored};

use super::say;
use crate::cli::print::summary::Size;
use crate::cli::terminal::{DIM, ERROR, SUCCESS, Verbosity, WARNING};

/// Answers a request, and logs it.
pub(super) fn answer(
    site: &MemoryTable,
    request: &Request<Incoming>,
    verbosity: Verbosity,
) -> Response<Full<Bytes>> {
    let begun = Instant::now();
    let response = if lacks_host(request) { bad_request() } else { reply(site, request) };
    if verbosity == Verbosity::Normal {
        log(request, &response, begun);
    }
    response
}

/// Returns whether a request of HTTP/1.1 lacks the field `Host` (RFC 9112 §3.2).
fn lacks_host(request: &Request<Incoming>) -> bool {
    request.version() == Version::HTTP_11 && !request.headers().contains_key(HOST)
}

fn bad_request() -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from_static(b"400 Bad Request: no Host\n")));
    *response.status_mut() = StatusCode::BAD_REQUEST;
    response
}

fn reply(site: &MemoryTable, request: &Request<Incoming>) -> Response<Full<Bytes>> {
    let table = site.host_table();
    let parts = RequestParts::from_http(request);
    let request_parts = parts.request();
    let reply = match table.answer(&request_parts) {
        Answer::Reply(reply) => reply,
        Answer::Server { reason: ServerReason::NoAsset, .. } => table.not_found(&request_parts),
        Answer::Server { reason: ServerReason::Routing, .. } => return of_server(),
    };
    match reply.into_http() {
        Ok(response) => response.map(|body| Full::new(bytes(site, body))),
        Err(error) => {
            say(format_args!("{ERROR}error:{ERROR:#} {}: {error}\n", request.uri()));
            let mut response = Response::default();
            *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            response
        }
    }
}

/// Answers for the site's server, which may protect its paths: no asset is sent in its place.
fn of_server() -> Response<Full<Bytes>> {
    const TEXT: &str = "501 Not Implemented: the site's server answers this path, and \
        `worker-pack serve` runs no server; pack the site as a Worker and run `npx wrangler dev`\n";
    let mut response = Response::new(Full::new(Bytes::from_static(TEXT.as_bytes())));
    *response.status_mut() = StatusCode::NOT_IMPLEMENTED;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Returns the bytes of a body without copying them.
fn bytes(site: &MemoryTable, body: Body<'_>) -> Bytes {
    match body.stored() {
        Stored::Module { index, .. } => {
            Bytes::from_owner(Arc::clone(&site.bodies()[index as usize])).slice(body.range())
        }
        // Texts of the runtime, such as that of an error.
        _ => Bytes::copy_from_slice(body.bytes().unwrap_or_default()),
    }
}

fn log(request: &Request<Incoming>, response: &Response<Full<Bytes>>, begun: Instant) {
    let status = response.status();
    let style = match status.as_u16() {
        0..300 => SUCCESS,
        300..400 => DIM,
        400..500 => WARNING,
        _ => ERROR,
    };
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
    let coding = header(http::header::CONTENT_ENCODING).unwrap_or("-");
    let length = header(http::header::CONTENT_LENGTH).and_then(|text| text.parse().ok());
    let (method, target) = (request.method(), request.uri());
    let size = Size(length.unwrap_or(0));
    let micros = begun.elapsed().as_micros();
    say(format_args!(
        "{style}{}{style:#} {method} {target} {DIM}{coding} {size} {micros} µs{DIM:#}\n",
        status.as_u16()
    ));
}
