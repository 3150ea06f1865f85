//! Replies with an asset: negotiation, preconditions and range.

use std::ops::Range;

use crate::accept_encoding;
use crate::body::Body;
use crate::coding::Coding;
use crate::error_replies::{not_acceptable, precondition_failed, unsatisfiable};
use crate::precondition::{self, Precondition};
use crate::range::RangeRequest;
use crate::reply::{Headers, Reply};
use crate::representation::Representation;
use crate::request::{Method, Request};
use crate::rows::Asset;

/// Answers with the representation that suits the client, in the order of RFC 9110 §13.2.2.
pub(crate) fn asset_reply<'t>(asset: &Asset<'t>, request: &Request<'_>) -> Reply<'t> {
    let Some(chosen) = accept_encoding::choose(asset, request.accept_encoding) else {
        return not_acceptable();
    };
    match Precondition::evaluate(request, chosen.etag()) {
        Precondition::Holds => {}
        Precondition::NotModified => return not_modified(asset, chosen),
        Precondition::Failed => return precondition_failed(asset),
    }
    match requested_range(request, chosen) {
        RangeRequest::Whole => whole(asset, chosen),
        RangeRequest::Part(part) => partial(asset, chosen, part),
        RangeRequest::Unsatisfiable => unsatisfiable(asset, chosen),
    }
}

/// Returns the requested range, which RFC 9110 §14.2 defines for `GET` alone.
///
/// An encoded body is sent whole: a part of it would be useless to clients that request ranges.
fn requested_range(request: &Request<'_>, chosen: Representation<'_>) -> RangeRequest {
    match request.range {
        Some(field)
            if request.method == Method::Get
                && chosen.coding() == Coding::Identity
                && precondition::range_applies(request, chosen.etag()) =>
        {
            RangeRequest::parse(field, chosen.body().len())
        }
        _ => RangeRequest::Whole,
    }
}

fn whole<'t>(asset: &Asset<'t>, chosen: Representation<'t>) -> Reply<'t> {
    let mut headers = Headers::new();
    add_content_headers(&mut headers, asset, chosen);
    add_cache_headers(&mut headers, asset, chosen);
    add_accept_ranges(&mut headers, chosen);
    if let Some(link) = asset.link() {
        headers.add("Link", link);
    }
    Reply::new(200, headers, chosen.body())
}

/// Replies 206 (RFC 9110 §15.3.7). `Content-Type` is sent even with `If-Range`, which makes it
/// optional, since media players read it.
fn partial<'t>(asset: &Asset<'t>, chosen: Representation<'t>, part: Range<usize>) -> Reply<'t> {
    let length = chosen.body().len();
    let mut headers = Headers::new();
    headers.add("Content-Type", asset.content_type());
    headers.add("Content-Length", part.len().to_string());
    headers.add("Content-Range", format!("bytes {}-{}/{length}", part.start, part.end - 1));
    add_cache_headers(&mut headers, asset, chosen);
    add_accept_ranges(&mut headers, chosen);
    Reply::new(206, headers, chosen.body().part(part))
}

/// Replies 304 (RFC 9110 §15.4.5), with those fields of the 200 that update a stored response.
fn not_modified<'t>(asset: &Asset<'t>, chosen: Representation<'t>) -> Reply<'t> {
    let mut headers = Headers::new();
    add_cache_headers(&mut headers, asset, chosen);
    Reply::new(304, headers, Body::EMPTY)
}

pub(crate) fn add_content_headers<'t>(
    headers: &mut Headers<'t>,
    asset: &Asset<'t>,
    chosen: Representation<'_>,
) {
    headers.add("Content-Type", asset.content_type());
    headers.add("Content-Length", chosen.body().len().to_string());
    if chosen.coding() != Coding::Identity {
        headers.add("Content-Encoding", chosen.coding().token());
    }
}

fn add_cache_headers<'t>(headers: &mut Headers<'t>, asset: &Asset<'t>, chosen: Representation<'_>) {
    headers.add("Cache-Control", asset.cache_control());
    headers.add("ETag", chosen.etag().to_string());
    headers.add_vary(asset);
}

fn add_accept_ranges(headers: &mut Headers<'_>, chosen: Representation<'_>) {
    if chosen.coding() == Coding::Identity {
        headers.add("Accept-Ranges", "bytes");
    }
}
