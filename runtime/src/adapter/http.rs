//! Adapter for hosts that use the types of the `http` crate.

use std::borrow::Cow;

use http::header::{HOST, HeaderMap, HeaderName, HeaderValue};
use http::{Response, StatusCode};

use super::request_parts::RequestParts;
use crate::body::Body;
use crate::reply::Reply;
use crate::request::{Method, RequestField, host_of};

impl<'h> RequestParts<'h> {
    /// Reads the head of a request of the `http` crate.
    pub fn from_http<B>(request: &'h http::Request<B>) -> Self {
        Self {
            method: Method::from_token(request.method().as_str()),
            path: request.uri().path(),
            query: request.uri().query(),
            host: host(request),
            fields: RequestField::ALL.map(|field| value(request.headers(), field)),
        }
    }
}

/// Returns the host of a request: that of its target, else the field's (RFC 9112 §3.3).
fn host<B>(request: &http::Request<B>) -> Option<&str> {
    let field = || request.headers().get(HOST)?.to_str().ok().map(host_of);
    request.uri().host().or_else(field)
}

/// Returns a field's value, its lines joined (RFC 9110 §5.3).
fn value(headers: &HeaderMap, field: RequestField) -> Option<Cow<'_, str>> {
    // Bytes that are not UTF-8 are replaced. They match nothing in a table, but the rest of the
    // field still counts.
    let mut lines =
        headers.get_all(field.name()).iter().map(|line| String::from_utf8_lossy(line.as_bytes()));
    let first = lines.next()?;
    Some(lines.fold(first, |joined, line| Cow::Owned(format!("{joined}, {line}"))))
}

impl<'t> Reply<'t> {
    /// Converts the reply to a response of the `http` crate.
    ///
    /// # Errors
    /// If a header value of the table cannot be sent, such as one with a line break.
    pub fn into_http(self) -> Result<Response<Body<'t>>, http::Error> {
        let (status, headers, body) = self.into_parts();
        let mut response = Response::new(body);
        *response.status_mut() = StatusCode::from_u16(status)?;
        for (name, value) in headers.iter() {
            let name = HeaderName::from_bytes(name.as_bytes())?;
            response.headers_mut().append(name, HeaderValue::from_str(value)?);
        }
        Ok(response)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::Authorization;

    #[test]
    fn requests_of_the_http_crate_keep_their_fields_and_their_host() {
        let request = http::Request::get("/a%20b?c")
            .header("Host", "a.example:8787")
            .header("If-None-Match", "\"a\"")
            .header("If-None-Match", "\"b\"")
            .header("Authorization", "Basic eA==")
            .body(())
            .unwrap();
        let parts = RequestParts::from_http(&request);
        let request = parts.request();
        assert_eq!(
            (request.method, request.path, request.query),
            (Method::Get, "/a%20b", Some("c"))
        );
        assert_eq!((request.host, request.origin), (Some("a.example"), None));
        assert_eq!(request.if_none_match, Some("\"a\", \"b\""));
        assert_eq!((request.if_match, request.range), (None, None));
        assert_eq!(request.authorization, Authorization::Given);
    }

    #[test]
    fn the_host_of_an_absolute_target_overrides_the_field() {
        let request = http::Request::get("http://b.example/").header("Host", "a.example").body(());
        assert_eq!(RequestParts::from_http(&request.unwrap()).request().host, Some("b.example"));
    }
}
