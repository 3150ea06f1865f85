//! `_redirects`, `_headers` and the compatibility rules.

mod behaviour;
mod early_hints;
mod headers;
mod hidden;
mod redirects;
mod repeated;
mod routing;
mod syntax;

use worker_pack::Options;
use worker_pack::options::Compat;
use worker_pack_runtime::{Method, Request, Table};

fn pages() -> Options {
    Options { compat: Some(Compat::Pages), ..Options::default() }
}

/// Requests a target. Returns the status and the location of the reply.
fn location(table: &Table<'_>, target: &str) -> (u16, Option<String>) {
    let (path, query) = match target.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (target, None),
    };
    let request = Request { query, ..Request::new(Method::Get, path) };
    let reply = table.respond(&request).unwrap_or_else(|| table.not_found(&request));
    (reply.status(), reply.headers().get("Location").map(str::to_owned))
}
