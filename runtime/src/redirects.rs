//! The user's redirects and rewrites: `_redirects`.
//!
//! They precede the assets, for every method. The rules without wildcards that precede the first rule
//! with wildcards are static: they are looked up by path. All later rules are tried in order.

use std::borrow::Cow;

use crate::behaviour::{Compat, Fidelity};
use crate::path::{self, RequestPath};
use crate::pattern::{self, Captures};
use crate::request::Request;
use crate::table::Table;

/// The effect of a rule that matches a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Redirected {
    /// The asset at this path answers.
    Rewritten(String),
    /// The client is redirected.
    Sent { status: u16, location: String },
}

/// Applies the first rule that matches the path of a request.
pub(crate) fn redirect(
    table: &Table<'_>,
    request: &Request<'_>,
    path: &RequestPath<'_>,
) -> Option<Redirected> {
    let path = path.normal();
    if !table.has_redirects() {
        return None;
    }
    let host_path = pattern::host_and_path(request.host, path);
    let by_line = [table.static_redirect(path), table.static_redirect(&host_path)];
    let exact = by_line.into_iter().flatten().min_by_key(|rule| rule.line);
    let (status, to) = match exact {
        Some(rule) => (rule.status, destination(table, rule.to, &Captures::new())),
        None => table.dynamic_redirects().find_map(|rule| {
            let text = if rule.from.starts_with(pattern::SCHEME) { &host_path } else { path };
            let captures = pattern::matches(rule.from, text)?;
            Some((rule.status, destination(table, rule.to, &captures)))
        })?,
    };
    Some(if status == 200 {
        let path = parts(&to, request).path;
        Redirected::Rewritten(path::normalize(path).into_owned())
    } else {
        Redirected::Sent { status, location: location(&to, request) }
    })
}

/// Substitutes captures in a destination.
fn destination(table: &Table<'_>, to: &str, captures: &Captures<'_>) -> String {
    let substituted = pattern::substitute(to, captures);
    let behaviour = table.behaviour();
    match (behaviour.compat, behaviour.fidelity) {
        _ if !to.starts_with('/') => substituted.into_owned(),
        (Compat::Pages, Fidelity::Strict) => substituted.into_owned(),
        (compat, _) => within_site(&substituted, compat),
    }
}

/// Makes a destination a path of this site, whatever its captures contain.
///
/// A browser takes a path that begins with two slashes for a host. Captures can make such a path in many
/// ways: with slashes, with backslashes, and with dot segments that remove what precedes the slashes. So
/// the path is normalised first, and then gets a single slash at its start. Workers Static Assets collapse
/// all slashes; Pages has no defence, and [`Fidelity::Strict`] does the same as Pages.
fn within_site(destination: &str, compat: Compat) -> String {
    let end = destination.find(['?', '#']).unwrap_or(destination.len());
    let (path, rest) = destination.split_at(end);
    let path = path::normalize(path);
    match compat {
        Compat::Workers => path::collapse_slashes(&path) + rest,
        Compat::Pages => ["/", path.trim_start_matches('/'), rest].concat(),
    }
}

/// The parts of a destination.
struct Parts<'d> {
    /// The scheme and the host; empty for a destination within the site.
    origin: Cow<'d, str>,
    path: &'d str,
    /// The query with its `?`, or empty.
    query: &'d str,
    /// The fragment with its `#`, or empty.
    fragment: &'d str,
}

fn parts<'d>(to: &'d str, request: &Request<'_>) -> Parts<'d> {
    let (rest, fragment) = to.split_at(to.find('#').unwrap_or(to.len()));
    let (rest, query) = rest.split_at(rest.find('?').unwrap_or(rest.len()));
    // A question mark alone is not a query.
    let query = if query == "?" { "" } else { query };
    let own_scheme = request.origin.and_then(|origin| origin.split_once("//"));
    let (scheme, host_and_path) = if let Some(after) = rest.strip_prefix(pattern::SCHEME) {
        (pattern::SCHEME.to_owned(), after)
    } else if let Some(after) = rest.strip_prefix("//") {
        // A host without a scheme, which only the strict behaviour of Pages produces.
        let scheme = own_scheme.map_or("https:", |(scheme, _)| scheme);
        (format!("{scheme}//"), after.trim_start_matches('/'))
    } else {
        return Parts { origin: Cow::Borrowed(""), path: rest, query, fragment };
    };
    let (host, path) =
        host_and_path.split_at(host_and_path.find('/').unwrap_or(host_and_path.len()));
    let path = if path.is_empty() { "/" } else { path };
    let origin = [&*scheme, host].concat();
    // Cloudflare's servers shorten a redirect within the site to a path.
    let is_own = request.origin == Some(&*origin);
    let origin = if is_own { Cow::Borrowed("") } else { Cow::Owned(origin) };
    Parts { origin, path, query, fragment }
}

/// Returns the value of `Location`. The destination's own query overrides the request's.
fn location(to: &str, request: &Request<'_>) -> String {
    let Parts { origin, path, query, fragment } = parts(to, request);
    let path = path::normalize(path);
    let own_query = request.query.filter(|query| !query.is_empty());
    let query = match own_query {
        Some(own) if query.is_empty() => format!("?{}", path::encode_query(own)),
        _ => path::encode_query(query),
    };
    [&origin, &*path, &query, fragment].concat()
}
