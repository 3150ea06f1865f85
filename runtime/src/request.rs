//! The parts of a request that matter to static assets.

/// What an adapter reads out of its host's request.
///
/// A field that came in several lines is given as one, joined by `, ` (RFC 9110 §5.3).
#[derive(Clone, Copy, Debug)]
pub struct Request<'r> {
    /// The method.
    pub method: Method,
    /// The path of the request target, percent-encoded as it came.
    pub path: &'r str,
    /// The query, without its `?`.
    pub query: Option<&'r str>,
    /// What the *client* accepts. On Workers that is `cf.clientAcceptEncoding`: the header there
    /// always reads `br, gzip`.
    pub accept_encoding: Option<&'r str>,
    /// `If-Match` (RFC 9110 §13.1.1).
    pub if_match: Option<&'r str>,
    /// `If-None-Match` (RFC 9110 §13.1.2).
    pub if_none_match: Option<&'r str>,
    /// `If-Range` (RFC 9110 §13.1.5).
    pub if_range: Option<&'r str>,
    /// `Range` (RFC 9110 §14.2).
    pub range: Option<&'r str>,
}

impl<'r> Request<'r> {
    /// Makes a request without query and header fields.
    pub const fn new(method: Method, path: &'r str) -> Self {
        Self {
            method,
            path,
            query: None,
            accept_encoding: None,
            if_match: None,
            if_none_match: None,
            if_range: None,
            range: None,
        }
    }
}

/// The methods an asset tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// `GET`
    Get,
    /// `HEAD`
    Head,
    /// `OPTIONS`
    Options,
    /// Any method that assets do not have.
    Other,
}

impl Method {
    /// The value of `Allow` (RFC 9110 §10.2.1).
    pub const ALLOWED: &'static str = "GET, HEAD, OPTIONS";

    /// Reads a method's token, which is case-sensitive (RFC 9110 §9.1).
    pub fn from_token(token: &str) -> Self {
        match token {
            "GET" => Self::Get,
            "HEAD" => Self::Head,
            "OPTIONS" => Self::Options,
            _ => Self::Other,
        }
    }
}
