//! Answers a request: from hyper's types to the runtime's and back.

use std::fmt::Display;
use std::ops::Range;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderValue, Request, Response, StatusCode};
use tokio::task::spawn_blocking;
use worker_pack::report::Printable;
use worker_pack::table::ServedTable;
use worker_pack_runtime::{Answer, Body, RequestParts, ServerReason, Stored};

use super::body::ReplyBody;
use super::{host, say};
use crate::cli::print::summary::Size;
use crate::cli::terminal::{DIM, ERROR, SUCCESS, Verbosity, WARNING};

/// The text of a response to a request that the server could not answer.
const FAILED: &str = "500 Internal Server Error\n";

/// The text of a response for a file that cannot be read.
const CHANGED: &str =
    "500 Internal Server Error: the file has changed since the site was packed; pack it again\n";

/// The text of a response for the site's server, which may protect its paths: no asset is sent in its
/// place.
const OF_SERVER: &str = "501 Not Implemented: the site's own server answers this path, and \
    `worker-pack serve` runs none; use `npx wrangler dev`\n";

/// Answers a request, and logs it.
pub(super) async fn answer(
    site: Arc<ServedTable>,
    request: Request<()>,
    verbosity: Verbosity,
) -> Response<ReplyBody> {
    let begun = Instant::now();
    let response = match host::check(&request) {
        Ok(()) => reply(site, &request).await,
        Err(text) => failure(StatusCode::BAD_REQUEST, text),
    };
    if verbosity == Verbosity::Normal {
        log(&request, &response, begun);
    }
    response
}

/// A body as the runtime describes it, without a borrow of the table.
enum Described {
    Bytes(Bytes),
    /// A part of a body of the table, by its index.
    Stored(usize, Range<usize>),
}

async fn reply(site: Arc<ServedTable>, request: &Request<()>) -> Response<ReplyBody> {
    let response = match describe(&site, request) {
        Ok(Some(response)) => response,
        Ok(None) => return failure(StatusCode::NOT_IMPLEMENTED, OF_SERVER),
        Err(error) => {
            complain(request, &error);
            return failure(StatusCode::INTERNAL_SERVER_ERROR, FAILED);
        }
    };
    let (head, body) = response.into_parts();
    let body = match body {
        Described::Bytes(bytes) => bytes.into(),
        Described::Stored(index, part) => {
            // The table is kept until then, so it may be replaced meanwhile.
            let opened = spawn_blocking(move || site.bodies()[index].open()).await;
            match opened.map_err(|error| error.to_string()) {
                Ok(Ok(body)) => ReplyBody::part(body, part),
                Ok(Err(error)) => {
                    complain(request, &error);
                    return failure(StatusCode::INTERNAL_SERVER_ERROR, CHANGED);
                }
                Err(error) => {
                    complain(request, &error);
                    return failure(StatusCode::INTERNAL_SERVER_ERROR, FAILED);
                }
            }
        }
    };
    Response::from_parts(head, body)
}

/// Asks the runtime. Returns none for a path of the site's server.
fn describe(
    site: &ServedTable,
    request: &Request<()>,
) -> Result<Option<Response<Described>>, http::Error> {
    let table = site.table();
    let parts = RequestParts::from_http(request);
    let request = parts.request();
    let reply = match table.answer(&request) {
        Answer::Reply(reply) => reply,
        Answer::Server { reason: ServerReason::NoAsset, .. } => table.not_found(&request),
        Answer::Server { reason: ServerReason::Routing, .. } => return Ok(None),
    };
    Ok(Some(reply.into_http()?.map(|body| described(&body))))
}

fn described(body: &Body<'_>) -> Described {
    match body.stored() {
        Stored::Module { index, .. } => Described::Stored(index as usize, body.range()),
        // Texts of the runtime, such as that of an error.
        _ => Described::Bytes(Bytes::copy_from_slice(body.bytes().unwrap_or_default())),
    }
}

/// Prints the reason why a request gets no answer.
fn complain(request: &Request<()>, error: &dyn Display) {
    let (target, error) = (request.uri().to_string(), error.to_string());
    let (target, error) = (Printable(&target), Printable(&error));
    say(format_args!("{ERROR}error:{ERROR:#} {target}: {error}\n"));
}

/// Makes a response of a line of text.
fn failure(status: StatusCode, text: &'static str) -> Response<ReplyBody> {
    let mut response = Response::new(Bytes::from_static(text.as_bytes()).into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(CONTENT_LENGTH, text.len().into());
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn log(request: &Request<()>, response: &Response<ReplyBody>, begun: Instant) {
    let status = response.status();
    let style = match status.as_u16() {
        0..300 => SUCCESS,
        300..400 => DIM,
        400..500 => WARNING,
        _ => ERROR,
    };
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
    let coding = header(http::header::CONTENT_ENCODING).unwrap_or("-");
    let length = header(CONTENT_LENGTH).and_then(|text| text.parse().ok());
    let (method, target) = (request.method(), request.uri().to_string());
    let target = Printable(&target);
    let size = Size(length.unwrap_or(0));
    let micros = begun.elapsed().as_micros();
    say(format_args!(
        "{style}{}{style:#} {method} {target} {DIM}{coding} {size} {micros} µs{DIM:#}\n",
        status.as_u16()
    ));
}
