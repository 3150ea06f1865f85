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

use worker_pack_runtime::request::RequestField;
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
        let field = RequestField::ALL.into_iter().find(|field| line.starts_with(letter(*field)));
        if let Some(field) = field {
            request.set_field(field, &line[1..]);
        }
    }
    request
}

/// Returns the letter that stands for a field, which is one byte.
const fn letter(field: RequestField) -> char {
    match field {
        RequestField::AcceptEncoding => 'e',
        RequestField::IfMatch => 'm',
        RequestField::IfNoneMatch => 'n',
        RequestField::IfRange => 'i',
        RequestField::Range => 'r',
        RequestField::Authorization => 'a',
    }
}
