//! Adapter for hosts that speak the `http` crate's types.

use std::borrow::Cow;

use http::header::{
    ACCEPT_ENCODING, AUTHORIZATION, HOST, HeaderMap, HeaderName, HeaderValue, IF_MATCH,
    IF_NONE_MATCH, IF_RANGE, RANGE,
};
use http::{Response, StatusCode};

use crate::body::Body;
use crate::reply::Reply;
use crate::request::{Authorization, Method, Request, host_of};

/// The parts of an [`http::Request`] that a [`Request`] borrows.
#[derive(Debug)]
pub struct RequestParts<'h> {
    method: Method,
    path: &'h str,
    query: Option<&'h str>,
    host: Option<&'h str>,
    accept_encoding: Option<Cow<'h, str>>,
    if_match: Option<Cow<'h, str>>,
    if_none_match: Option<Cow<'h, str>>,
    if_range: Option<Cow<'h, str>>,
    range: Option<Cow<'h, str>>,
    authorization: Authorization,
}

impl<'h> RequestParts<'h> {
    /// Reads a request's head.
    pub fn from_request<B>(request: &'h http::Request<B>) -> Self {
        let field = |name| field(request.headers(), &name);
        Self {
            method: Method::from_token(request.method().as_str()),
            path: request.uri().path(),
            query: request.uri().query(),
            host: host(request),
            accept_encoding: field(ACCEPT_ENCODING),
            if_match: field(IF_MATCH),
            if_none_match: field(IF_NONE_MATCH),
            if_range: field(IF_RANGE),
            range: field(RANGE),
            authorization: if request.headers().contains_key(AUTHORIZATION) {
                Authorization::Given
            } else {
                Authorization::Missing
            },
        }
    }

    /// Returns the request to give to [`Table::respond`](crate::Table::respond).
    pub fn request(&self) -> Request<'_> {
        Request {
            method: self.method,
            path: self.path,
            query: self.query,
            host: self.host,
            origin: None,
            accept_encoding: self.accept_encoding.as_deref(),
            if_match: self.if_match.as_deref(),
            if_none_match: self.if_none_match.as_deref(),
            if_range: self.if_range.as_deref(),
            range: self.range.as_deref(),
            authorization: self.authorization,
        }
    }
}

/// Returns the host that a request is for: that of its target, else the field's (RFC 9112 §3.3).
fn host<B>(request: &http::Request<B>) -> Option<&str> {
    let field = || request.headers().get(HOST)?.to_str().ok().map(host_of);
    request.uri().host().or_else(field)
}

/// Returns a field's value, its lines joined (RFC 9110 §5.3). Bytes that are not UTF-8 are
/// replaced: they match nothing of ours, but the rest of the field still counts.
fn field<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<Cow<'h, str>> {
    let mut lines =
        headers.get_all(name).iter().map(|line| String::from_utf8_lossy(line.as_bytes()));
    let first = lines.next()?;
    Some(lines.fold(first, |joined, line| Cow::Owned(format!("{joined}, {line}"))))
}

/// Turns a reply into an [`http::Response`].
///
/// # Errors
/// If a header value of the table cannot be sent, such as one with a line break.
pub fn into_response(reply: Reply<'_>) -> Result<Response<Body<'_>>, http::Error> {
    let (status, headers, body) = reply.into_parts();
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status)?;
    for (name, value) in headers.iter() {
        let name = HeaderName::from_bytes(name.as_bytes())?;
        response.headers_mut().append(name, HeaderValue::from_str(value)?);
    }
    Ok(response)
}
