//! The parts of a request that matter to static assets.

use crate::named::named;

/// A request, as an adapter reads it from its host's request.
///
/// The lines of a field are joined by `, ` (RFC 9110 §5.3).
#[derive(Clone, Copy, Debug)]
pub struct Request<'r> {
    /// The method.
    pub method: Method,
    /// The path of the request target, percent-encoded as the client sent it.
    pub path: &'r str,
    /// The query, without its `?`.
    pub query: Option<&'r str>,
    /// The host, without a port.
    pub host: Option<&'r str>,
    /// The scheme, the host and the port, such as `http://localhost:8787`.
    pub origin: Option<&'r str>,
    /// `Accept-Encoding` (RFC 9110 §12.5.3) as the *client* sent it. On Workers that is
    /// `cf.clientAcceptEncoding`, since the header always reads `br, gzip`.
    pub accept_encoding: Option<&'r str>,
    /// `Accept` (RFC 9110 §12.5.1).
    pub accept: Option<&'r str>,
    /// `Available-Dictionary` (RFC 9842 §2.2).
    pub available_dictionary: Option<&'r str>,
    /// `If-Match` (RFC 9110 §13.1.1).
    pub if_match: Option<&'r str>,
    /// `If-None-Match` (RFC 9110 §13.1.2).
    pub if_none_match: Option<&'r str>,
    /// `If-Range` (RFC 9110 §13.1.5).
    pub if_range: Option<&'r str>,
    /// `Range` (RFC 9110 §14.2).
    pub range: Option<&'r str>,
    /// `Sec-Fetch-Mode` (Fetch Metadata §2.3), by which Workers know navigations.
    pub sec_fetch_mode: Option<&'r str>,
    /// The presence of `Authorization` (RFC 9110 §11.6.2), which Cloudflare's servers depend on.
    pub authorization: Authorization,
}

named! {
    /// A header field that replies depend on.
    pub enum RequestField {
        /// [`Request::accept_encoding`].
        AcceptEncoding = "accept-encoding",
        /// [`Request::accept`].
        Accept = "accept",
        /// [`Request::available_dictionary`].
        AvailableDictionary = "available-dictionary",
        /// [`Request::if_match`].
        IfMatch = "if-match",
        /// [`Request::if_none_match`].
        IfNoneMatch = "if-none-match",
        /// [`Request::if_range`].
        IfRange = "if-range",
        /// [`Request::range`].
        Range = "range",
        /// [`Request::sec_fetch_mode`].
        SecFetchMode = "sec-fetch-mode",
        /// [`Request::authorization`].
        Authorization = "authorization",
    }
}

/// The presence of credentials in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authorization {
    /// The request has the field, with any value.
    Given,
    /// The request does not have the field.
    Missing,
}

impl<'r> Request<'r> {
    /// Makes a request for an absolute URL, as in the Fetch standard. The fragment, which only clients
    /// use, is dropped.
    pub fn from_url(method: Method, url: &'r str) -> Self {
        let url = url.split_once('#').map_or(url, |(url, _fragment)| url);
        let after_scheme = url.split_once("://").map_or(url, |(_scheme, rest)| rest);
        let (before_query, query) = match after_scheme.split_once('?') {
            Some((before, query)) => (before, Some(query)),
            None => (after_scheme, None),
        };
        // A backslash ends the authority too (URL Standard, authority state).
        let (authority, path) = match before_query.find(['/', '\\']) {
            Some(path) => before_query.split_at(path),
            None => (before_query, "/"),
        };
        let host = Some(host_of(authority)).filter(|host| !host.is_empty());
        let before_authority = url.len() - after_scheme.len();
        let origin = host.map(|_| &url[..before_authority + authority.len()]);
        Self { query, host, origin, ..Self::new(method, path) }
    }

    /// Sets a header field to its value, or to nothing for `Authorization`, whose value has no effect.
    pub fn set_field(&mut self, field: RequestField, value: &'r str) {
        let slot = match field {
            RequestField::AcceptEncoding => &mut self.accept_encoding,
            RequestField::Accept => &mut self.accept,
            RequestField::AvailableDictionary => &mut self.available_dictionary,
            RequestField::IfMatch => &mut self.if_match,
            RequestField::IfNoneMatch => &mut self.if_none_match,
            RequestField::IfRange => &mut self.if_range,
            RequestField::Range => &mut self.range,
            RequestField::SecFetchMode => &mut self.sec_fetch_mode,
            RequestField::Authorization => {
                self.authorization = Authorization::Given;
                return;
            }
        };
        *slot = Some(value);
    }

    /// Returns whether a browser opens a page by the request.
    pub(crate) fn is_navigation(&self) -> bool {
        self.sec_fetch_mode == Some(NAVIGATION)
    }

    /// Returns whether host, path and query are longer than Cloudflare's limit for a URL.
    pub(crate) fn is_too_long(&self) -> bool {
        let len = |part: Option<&str>| part.map_or(0, str::len);
        len(self.host) + self.path.len() + len(self.query) > MAX_URL_LEN
    }

    /// Makes a request without query and header fields.
    pub const fn new(method: Method, path: &'r str) -> Self {
        Self {
            method,
            path,
            query: None,
            host: None,
            origin: None,
            accept_encoding: None,
            accept: None,
            available_dictionary: None,
            if_match: None,
            if_none_match: None,
            if_range: None,
            range: None,
            sec_fetch_mode: None,
            authorization: Authorization::Missing,
        }
    }
}

/// The value of `Sec-Fetch-Mode` in a navigation. Replies depend on no other.
pub const NAVIGATION: &str = "navigate";

/// The longest host, path and query that are answered, in bytes: Cloudflare's limit for a whole URL. It
/// bounds the time for matching patterns.
pub(crate) const MAX_URL_LEN: usize = 16 * 1024;

/// Returns the host of an authority, without user and port (RFC 3986 §3.2).
pub(crate) fn host_of(authority: &str) -> &str {
    let host = authority.rsplit_once('@').map_or(authority, |(_user, host)| host);
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

/// The methods that assets distinguish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// `GET`
    Get,
    /// `HEAD`
    Head,
    /// `OPTIONS`
    Options,
    /// Any method that assets do not support.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_split_into_host_path_and_query() {
        for (url, host, path, query) in [
            ("https://a.example/b/c?d=/e?f#g?h", Some("a.example"), "/b/c", Some("d=/e?f")),
            ("http://me:x@a.example:80/", Some("a.example"), "/", None),
            ("http://[::1]:80?x", Some("[::1]"), "/", Some("x")),
            ("http://[::1]/", Some("[::1]"), "/", None),
            ("http://a.example", Some("a.example"), "/", None),
            ("http://a.example/?", Some("a.example"), "/", Some("")),
            ("/only/a/path", None, "/only/a/path", None),
        ] {
            let request = Request::from_url(Method::Get, url);
            let parts = (request.host, request.path, request.query);
            assert_eq!(parts, (host, path, query), "{url}");
        }
    }
}
