//! Answers requests from a table: who answers, and with which reply.

use std::borrow::Cow;

use crate::asset_reply::{add_cache_limit, add_content_headers, add_policy, asset_reply};
use crate::behaviour::{Behaviour, Compat, Fidelity};
use crate::body::Body;
use crate::canonical::{canonical_location, canonical_status, is_respelled};
use crate::error_replies::{bad_path, error, method_not_allowed, uri_too_long};
use crate::header_rules::HeaderChange;
use crate::negotiation;
use crate::path::{PathError, RequestPath};
use crate::redirects::{self, Redirected};
use crate::reply::{Headers, NO_STORE, Reply};
use crate::request::{Method, Request};
use crate::resolve::{self, Fallback, Resolution};
use crate::routing::{Answerer, FallbackFor};
use crate::rows::Asset;
use crate::strict;
use crate::table::Table;

/// The cache policy of redirects and 404 pages, which the next table may change.
const REVALIDATE: &str = "public, max-age=0, must-revalidate";

/// The answer of a table to a request, as [`Table::answer`] returns it.
#[derive(Clone, Debug)]
pub enum Answer<'t, 'r> {
    /// The reply to send.
    Reply(Reply<'t>),
    /// The Worker's own code answers.
    Server {
        /// The reason why the table does not.
        reason: ServerReason,
        /// The path as the table has read it, in the form that browsers send. A server that reads
        /// another spelling of it may decide otherwise than the table, so it should get this one.
        path: Cow<'r, str>,
    },
}

/// The reason why the Worker's own code answers a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerReason {
    /// The path belongs to the server, whether or not it has an asset.
    Routing,
    /// The path has no asset.
    NoAsset,
}

impl<'t> Table<'t> {
    /// Answers a request, or leaves it to the Worker's own code, as [`Table::respond`] does.
    pub fn answer<'r>(&self, request: &Request<'r>) -> Answer<'t, 'r> {
        if let Some(reply) = without_path(request) {
            return Answer::Reply(reply);
        }
        let path = RequestPath::new(request.path, self.behaviour());
        let answerer = self.answerer(&path);
        if answerer == Answerer::Server {
            return Answer::Server { reason: ServerReason::Routing, path: path.into_normal() };
        }
        let reply = match (self.asset_or_redirect(request, &path), answerer) {
            (Some(reply), _) => reply,
            (None, Answerer::Assets) => self.missing(request, &path),
            (None, Answerer::AssetsWithFallback(requests))
                if self.falls_back(request, &path, requests) =>
            {
                self.missing(request, &path)
            }
            (None, _) => {
                return Answer::Server { reason: ServerReason::NoAsset, path: path.into_normal() };
            }
        };
        Answer::Reply(self.finish(request, &path, reply))
    }

    /// Returns whether `not_found_handling` answers for a path without an asset, before the server.
    fn falls_back(
        &self,
        request: &Request<'_>,
        path: &RequestPath<'_>,
        requests: FallbackFor,
    ) -> bool {
        let is_meant = requests == FallbackFor::Everything || request.is_navigation();
        is_meant && !matches!(resolve::fallback(self, path.decoded_or_root()), Fallback::Nothing)
    }

    /// Answers a request, or returns none if the Worker's own code has to answer: for a path that
    /// belongs to the server (`run_worker_first`, `_routes.json`), and for one without an asset.
    pub fn respond(&self, request: &Request<'_>) -> Option<Reply<'t>> {
        match self.answer(request) {
            Answer::Reply(reply) => Some(reply),
            Answer::Server { .. } => None,
        }
    }

    /// Answers a request of the Worker's own code, like the binding `env.ASSETS`: with an asset even
    /// if its path belongs to the server, and as [`Table::not_found`] for a path without one.
    pub fn respond_to_server(&self, request: &Request<'_>) -> Reply<'t> {
        if let Some(reply) = without_path(request) {
            return reply;
        }
        let path = RequestPath::new(request.path, self.behaviour());
        let reply = self.asset_or_redirect(request, &path);
        self.finish(request, &path, reply.unwrap_or_else(|| self.missing(request, &path)))
    }

    /// Answers a request that neither the table nor the Worker's own code answers, by the table's
    /// [`NotFoundHandling`](crate::behaviour::NotFoundHandling) or with a line of text.
    ///
    /// A page with status 404 has no validator, since preconditions do not apply to it (RFC 9110
    /// §13.2.1).
    pub fn not_found(&self, request: &Request<'_>) -> Reply<'t> {
        if let Some(reply) = without_path(request) {
            return reply;
        }
        let path = RequestPath::new(request.path, self.behaviour());
        self.finish(request, &path, self.missing(request, &path))
    }

    /// Answers with the asset at a path, or with a redirect by a rule or to the canonical path.
    fn asset_or_redirect(
        &self,
        request: &Request<'_>,
        path: &RequestPath<'_>,
    ) -> Option<Reply<'t>> {
        let behaviour = self.behaviour();
        match path.decoded() {
            // No file has such a name, but a rule or the server may know the path.
            Ok(_) | Err(PathError::NotUtf8) => {}
            Err(error) => return Some(bad_path(error)),
        }
        match redirects::redirect(self, request, path) {
            Some(Redirected::Sent { status, location }) => Some(match behaviour.fidelity {
                Fidelity::Improved => sent(status, location),
                Fidelity::Strict => strict::sent(behaviour.compat, status, location),
            }),
            // A rewrite to a missing file is still answered, with the 404 of its destination.
            Some(Redirected::Rewritten(to)) => {
                let to = RequestPath::new(&to, behaviour);
                Some(self.existing(request, &to).unwrap_or_else(|| self.missing(request, &to)))
            }
            None => self.existing(request, path),
        }
    }

    /// Answers with the asset at a path, or with a redirect to its canonical path.
    fn existing(&self, request: &Request<'_>, path: &RequestPath<'_>) -> Option<Reply<'t>> {
        let Behaviour { compat, fidelity, .. } = self.behaviour();
        let decoded = path.decoded().ok()?;
        if fidelity == Fidelity::Strict {
            return strict::existing(self, request, path);
        }
        Some(match (resolve::resolve(self, decoded), request.method) {
            // Before the method is checked: other paths and their methods belong to the Worker's code.
            (Resolution::Nothing, _) => return None,
            (_, Method::Options) => options(),
            (_, Method::Other) => method_not_allowed(),
            (Resolution::Redirect(to), _) => canonical(compat, &to, request.query),
            (Resolution::Asset(_), _) if is_respelled(compat, path) => {
                canonical(compat, decoded, request.query)
            }
            (Resolution::Asset(asset), _) => asset_reply(&asset, request),
        })
    }

    /// Answers for a path without an asset.
    fn missing(&self, request: &Request<'_>, path: &RequestPath<'_>) -> Reply<'t> {
        let Behaviour { compat, fidelity, .. } = self.behaviour();
        if fidelity == Fidelity::Strict {
            return strict::missing(self, request, path);
        }
        let (page, chosen) = match resolve::fallback(self, path.decoded_or_root()) {
            Fallback::App(app) => return app_reply(&app, request),
            Fallback::NotFoundPage(page) => {
                match negotiation::choose(&page, request) {
                    Some(chosen) => (page, chosen),
                    // The status stays 404 if the client refuses every coding of the page.
                    None => return error(404, NOT_FOUND),
                }
            }
            Fallback::Nothing => return error(404, NOT_FOUND),
        };
        // Neither preconditions nor ranges apply to a 404 (RFC 9110 §13.2.1 and §14.2).
        let mut headers = Headers::new();
        add_content_headers(&mut headers, chosen);
        let policy = if compat == Compat::Pages { NO_STORE } else { REVALIDATE };
        headers.add("Cache-Control", policy);
        headers.add_vary(&page);
        add_cache_limit(&mut headers, chosen);
        add_policy(&mut headers, &page);
        Reply::new(404, headers, chosen.representation.body())
    }

    /// Adds the fields of Pages, applies the user's rules, and removes the body of a `HEAD`.
    fn finish(&self, request: &Request<'_>, path: &RequestPath<'_>, reply: Reply<'t>) -> Reply<'t> {
        let Behaviour { compat, fidelity, .. } = self.behaviour();
        let reply = match compat {
            Compat::Workers => reply,
            Compat::Pages => reply.with_fields_of_pages(),
        };
        let changes = self.header_changes_at(path, request.host, reply.status());
        let reply = reply.changed(changes);
        let reply = match (compat, fidelity, reply.status()) {
            // Pages sets this after the rules, so that a cache never stores a missing page.
            (Compat::Pages, Fidelity::Strict, 404) => {
                reply.changed([HeaderChange::Set("cache-control", NO_STORE.into())])
            }
            _ => reply,
        };
        without_body_for_head(request, reply)
    }
}

/// Answers a request whose path is not looked at: a URL that is too long, and `OPTIONS *`, which asks
/// about the server as a whole (RFC 9110 §9.3.7).
fn without_path<'t>(request: &Request<'_>) -> Option<Reply<'t>> {
    if request.is_too_long() {
        return Some(without_body_for_head(request, uri_too_long()));
    }
    (request.method == Method::Options && request.path == "*").then(options)
}

fn without_body_for_head<'t>(request: &Request<'_>, reply: Reply<'t>) -> Reply<'t> {
    match request.method {
        Method::Head => reply.without_body(),
        _ => reply,
    }
}

const NOT_FOUND: &str = "404 Not Found\n";

/// Answers with the page of a single-page application. It exists at every path, so it supports the
/// methods of assets.
fn app_reply<'t>(app: &Asset<'t>, request: &Request<'_>) -> Reply<'t> {
    match request.method {
        Method::Get | Method::Head => asset_reply(app, request),
        Method::Options => options(),
        Method::Other => method_not_allowed(),
    }
}

fn options<'t>() -> Reply<'t> {
    let mut headers = Headers::new();
    headers.add("Allow", Method::ALLOWED);
    Reply::new(204, headers, Body::EMPTY)
}

/// Redirects to the canonical path.
fn canonical<'t>(compat: Compat, to: &str, query: Option<&str>) -> Reply<'t> {
    let mut headers = Headers::new();
    headers.add("Location", canonical_location(compat, to, query));
    headers.add("Content-Length", "0");
    headers.add("Cache-Control", REVALIDATE);
    Reply::new(canonical_status(compat), headers, Body::EMPTY)
}

/// Redirects by a rule of the user. Only the user's header rules set its cache policy.
fn sent<'t>(status: u16, location: String) -> Reply<'t> {
    let mut headers = Headers::new();
    headers.add("Location", location);
    headers.add("Content-Length", "0");
    Reply::new(status, headers, Body::EMPTY)
}
