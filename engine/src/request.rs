//! A request as text.
//!
//! The first line is the method, the second the absolute URL. Each further line is a header field
//! that the request has: a letter that stands for its name, then its value. None of them can hold a
//! line break.
//!
//! | letter | field |
//! | --- | --- |
//! | `e` | `Accept-Encoding`, as the client sent it |
//! | `m` | `If-Match` |
//! | `n` | `If-None-Match` |
//! | `i` | `If-Range` |
//! | `r` | `Range` |
//! | `a` | `Authorization`, without its value |

use worker_pack_runtime::request::Authorization;
use worker_pack_runtime::{Method, Request};

/// Reads the text of a request. A line with an unknown letter is ignored.
///
/// ```
/// let request = worker_pack_engine::request::parse("GET\nhttps://a.example/b?c\nebr, gzip");
/// assert_eq!((request.path, request.query), ("/b", Some("c")));
/// assert_eq!((request.accept_encoding, request.range), (Some("br, gzip"), None));
/// ```
pub fn parse(text: &str) -> Request<'_> {
    let mut lines = text.split('\n');
    let method = Method::from_token(lines.next().unwrap_or_default());
    let mut request = Request::from_url(method, lines.next().unwrap_or_default());
    for line in lines {
        let mut value = line.chars();
        let slot = match value.next() {
            Some('e') => &mut request.accept_encoding,
            Some('m') => &mut request.if_match,
            Some('n') => &mut request.if_none_match,
            Some('i') => &mut request.if_range,
            Some('r') => &mut request.range,
            Some('a') => {
                request.authorization = Authorization::Given;
                continue;
            }
            _ => continue,
        };
        *slot = Some(value.as_str());
    }
    request
}
