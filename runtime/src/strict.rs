//! Replies that equal those of Cloudflare's servers: `handler.ts` of `workers-shared` and
//! `pages-shared` in workers-sdk.
//!
//! These use one validator for all codings, compare it with the whole of `If-None-Match`, and support
//! neither ranges nor `Vary` nor `Allow`.

use std::borrow::Cow;

use crate::asset_reply::add_policy;
use crate::behaviour::Compat;
use crate::body::Body;
use crate::canonical::{canonical_location, canonical_status, is_respelled};
use crate::coding::Coding;
use crate::negotiation::choose_plain;
use crate::path::RequestPath;
use crate::reply::{Headers, Reply};
use crate::request::{Authorization, Method, Request};
use crate::resolve::{self, Fallback, Resolution};
use crate::rows::Asset;
use crate::table::Table;

/// Answers with the asset at a path, or with a redirect to it.
pub(crate) fn existing<'t>(
    table: &Table<'t>,
    request: &Request<'_>,
    path: &RequestPath<'_>,
) -> Option<Reply<'t>> {
    let compat = table.behaviour().compat;
    let decoded = path.decoded().ok()?;
    let to = match resolve::resolve(table, decoded) {
        Resolution::Nothing => return None,
        _ if !is_read(request) => return Some(empty(405)),
        Resolution::Asset(asset) if !is_respelled(compat, path) => {
            return Some(asset_reply(compat, 200, &asset, request));
        }
        Resolution::Asset(_) => decoded.to_owned(),
        Resolution::Redirect(to) => to,
    };
    Some(canonical(compat, &to, request))
}

/// Answers for a path without an asset.
pub(crate) fn missing<'t>(
    table: &Table<'t>,
    request: &Request<'_>,
    path: &RequestPath<'_>,
) -> Reply<'t> {
    let compat = table.behaviour().compat;
    let decoded = path.decoded_or_root();
    let (status, asset) = match resolve::fallback(table, decoded) {
        Fallback::Nothing if compat == Compat::Pages && !is_read(request) => return empty(405),
        Fallback::Nothing => return empty(404),
        _ if !is_read(request) => return empty(405),
        Fallback::App(app) => (200, app),
        Fallback::NotFoundPage(page) => (404, page),
    };
    if is_respelled(compat, path) {
        return canonical(compat, decoded, request);
    }
    asset_reply(compat, status, &asset, request)
}

/// Redirects by a rule of the user. Pages sends the content type of a text, except with a 308.
pub(crate) fn sent<'t>(compat: Compat, status: u16, location: String) -> Reply<'t> {
    let mut headers = Headers::new();
    if compat == Compat::Pages && status != 308 {
        headers.add("Content-Type", "text/plain;charset=UTF-8");
    }
    headers.add("Location", location);
    Reply::new(status, headers, Body::EMPTY)
}

fn is_read(request: &Request<'_>) -> bool {
    matches!(request.method, Method::Get | Method::Head)
}

fn canonical<'t>(compat: Compat, to: &str, request: &Request<'_>) -> Reply<'t> {
    let mut headers = Headers::new();
    headers.add("Location", canonical_location(compat, to, request.query));
    Reply::new(canonical_status(compat), headers, Body::EMPTY)
}

fn empty<'t>(status: u16) -> Reply<'t> {
    Reply::new(status, Headers::new(), Body::EMPTY)
}

fn asset_reply<'t>(
    compat: Compat,
    status: u16,
    asset: &Asset<'t>,
    request: &Request<'_>,
) -> Reply<'t> {
    let tag = asset.identity().etag().to_string();
    // Pages sends no validator with 404 pages, and no header fields with a 304.
    let (is_bare, has_tag) = match compat {
        Compat::Workers => (false, true),
        Compat::Pages => (true, status == 200),
    };
    let is_known = has_tag
        && request
            .if_none_match
            .is_some_and(|field| field.strip_prefix("W/").unwrap_or(field) == tag);
    let mut headers = Headers::new();
    if is_known && is_bare {
        return Reply::new(304, headers, Body::EMPTY);
    }
    let chosen = choose_plain(asset, request.accept_encoding).unwrap_or_else(|| asset.identity());
    if !asset.content_type().is_empty() {
        headers.add("Content-Type", asset.content_type());
    }
    if !is_known {
        headers.add("Content-Length", chosen.body().len().to_string());
        if chosen.coding() != Coding::Identity {
            headers.add("Content-Encoding", chosen.coding().token());
        }
    }
    if has_tag {
        // Cloudflare leaves the policy out if a cache may not reuse the response as it is.
        if request.authorization == Authorization::Missing && request.range.is_none() {
            headers.add("Cache-Control", asset.cache_control());
        }
        headers.add("ETag", Cow::Owned(tag));
    }
    if is_known {
        return Reply::new(304, headers, Body::EMPTY);
    }
    if let Some(link) = asset.link().filter(|_| status == 200) {
        headers.add("Link", link);
    }
    add_policy(&mut headers, asset);
    Reply::new(status, headers, chosen.body())
}
