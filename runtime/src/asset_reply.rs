//! Replies with an asset: negotiation, preconditions and range.

use std::ops::Range;

use crate::body::Body;
use crate::coding::Coding;
use crate::error_replies::{not_acceptable, precondition_failed, unsatisfiable};
use crate::negotiation::{self, Chosen};
use crate::precondition::{self, Precondition};
use crate::range::RangeRequest;
use crate::reply::{Headers, NO_STORE, Reply};
use crate::request::{Method, Request};
use crate::rows::Asset;

/// Answers with the representation that suits the client, in the order of RFC 9110 §13.2.2.
pub(crate) fn asset_reply<'t>(asset: &Asset<'t>, request: &Request<'_>) -> Reply<'t> {
    let Some(chosen) = negotiation::choose(asset, request) else {
        return not_acceptable();
    };
    match Precondition::evaluate(request, chosen.representation.etag()) {
        Precondition::Holds => {}
        Precondition::NotModified => return not_modified(asset, chosen),
        Precondition::Failed => return precondition_failed(asset),
    }
    if let Some(known) = known_with_dictionary(asset, chosen, request) {
        return not_modified(asset, known);
    }
    match requested_range(request, chosen) {
        RangeRequest::Whole => whole(asset, chosen),
        RangeRequest::Part(part) => partial(asset, chosen, part),
        RangeRequest::Unsatisfiable => unsatisfiable(asset, chosen),
    }
}

/// Returns the representation that the client has, if the asset has bodies for dictionaries.
///
/// A client that has stored a page asks for it again with another dictionary, or with none, and then another
/// representation of the same page is chosen.
fn known_with_dictionary<'t>(
    asset: &Asset<'t>,
    chosen: Chosen<'t>,
    request: &Request<'_>,
) -> Option<Chosen<'t>> {
    let field = request.if_none_match?;
    asset.variants().find(|variant| variant.dictionary().is_some())?;
    negotiation::known(asset, chosen, request, |etag| precondition::is_listed(field, etag))
}

/// Returns the requested range, which RFC 9110 §14.2 defines for `GET` alone.
///
/// An encoded body is sent whole: a part of it would be useless to clients that request ranges.
fn requested_range(request: &Request<'_>, chosen: Chosen<'_>) -> RangeRequest {
    let chosen = chosen.representation;
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

fn whole<'t>(asset: &Asset<'t>, chosen: Chosen<'t>) -> Reply<'t> {
    let mut headers = Headers::new();
    add_content_headers(&mut headers, chosen);
    add_cache_headers(&mut headers, asset, chosen);
    add_accept_ranges(&mut headers, chosen);
    if let Some(value) = asset.use_as_dictionary() {
        headers.add("Use-As-Dictionary", value);
    }
    if let Some(link) = asset.link() {
        headers.add("Link", link);
    }
    add_policy(&mut headers, asset);
    Reply::new(200, headers, chosen.representation.body())
}

/// Replies 206 (RFC 9110 §15.3.7). `Content-Type` is sent even with `If-Range`, which makes it
/// optional, since media players read it.
fn partial<'t>(asset: &Asset<'t>, chosen: Chosen<'t>, part: Range<usize>) -> Reply<'t> {
    let length = chosen.representation.body().len();
    let mut headers = Headers::new();
    headers.add("Content-Type", chosen.content_type);
    headers.add("Content-Length", part.len().to_string());
    headers.add("Content-Range", format!("bytes {}-{}/{length}", part.start, part.end - 1));
    add_cache_headers(&mut headers, asset, chosen);
    add_accept_ranges(&mut headers, chosen);
    Reply::new(206, headers, chosen.representation.body().part(part))
}

/// Replies 304 (RFC 9110 §15.4.5), with those fields of the 200 that update a stored response.
fn not_modified<'t>(asset: &Asset<'t>, chosen: Chosen<'t>) -> Reply<'t> {
    let mut headers = Headers::new();
    add_cache_headers(&mut headers, asset, chosen);
    add_policy(&mut headers, asset);
    Reply::new(304, headers, Body::EMPTY)
}

pub(crate) fn add_content_headers<'t>(headers: &mut Headers<'t>, chosen: Chosen<'t>) {
    let Chosen { representation, content_type } = chosen;
    headers.add("Content-Type", content_type);
    headers.add("Content-Length", representation.body().len().to_string());
    if representation.coding() != Coding::Identity {
        headers.add("Content-Encoding", representation.coding().token());
    }
}

fn add_cache_headers<'t>(headers: &mut Headers<'t>, asset: &Asset<'t>, chosen: Chosen<'_>) {
    headers.add("Cache-Control", asset.cache_control());
    headers.add("ETag", chosen.representation.etag().to_string());
    headers.add_vary(asset);
    add_cache_limit(headers, chosen);
}

/// Adds the content security policy of a page.
pub(crate) fn add_policy<'t>(headers: &mut Headers<'t>, asset: &Asset<'t>) {
    if let Some(policy) = asset.content_security_policy() {
        headers.add("Content-Security-Policy", policy);
    }
}

/// Keeps a body for a dictionary out of Cloudflare's cache, which need not have the dictionaries of clients in
/// its keys (RFC 9213, and `Cloudflare-CDN-Cache-Control` in Cloudflare's documentation).
pub(crate) fn add_cache_limit(headers: &mut Headers<'_>, chosen: Chosen<'_>) {
    if chosen.representation.coding() == Coding::DictionaryBrotli {
        headers.add("Cloudflare-CDN-Cache-Control", NO_STORE);
    }
}

fn add_accept_ranges(headers: &mut Headers<'_>, chosen: Chosen<'_>) {
    if chosen.representation.coding() == Coding::Identity {
        headers.add("Accept-Ranges", "bytes");
    }
}
