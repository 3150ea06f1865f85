//! A request as text.
//!
//! The first line is the method, the second the absolute URL. Each further line is a header field of
//! the request: a letter that stands for its name, then its value. None of them can contain a line
//! break.
//!
//! | letter | field |
//! | --- | --- |
//! | `e` | `Accept-Encoding`, as the client sent it |
//! | `t` | `Accept`, if it names a type of pictures |
//! | `d` | `Available-Dictionary` |
//! | `m` | `If-Match` |
//! | `n` | `If-None-Match` |
//! | `i` | `If-Range` |
//! | `r` | `Range` |
//! | `s` | `Sec-Fetch-Mode`, if it is `navigate` |
//! | `a` | `Authorization`, without its value |
//!
//! `host/engine.js` writes the texts, and has these letters a second time.

use crate::request::{Method, Request, RequestField};

/// Reads the text of a request. A line with an unknown letter is ignored.
///
/// ```
/// let request = worker_pack_runtime::exchange::request_text::parse("GET\nhttps://a.example/b?c\nebr, gzip");
/// assert_eq!((request.path, request.query), ("/b", Some("c")));
/// assert_eq!((request.accept_encoding, request.range), (Some("br, gzip"), None));
/// ```
pub fn parse(text: &str) -> Request<'_> {
    let mut lines = text.split('\n');
    let method = Method::from_token(lines.next().unwrap_or_default());
    let mut request = Request::from_url(method, lines.next().unwrap_or_default());
    for line in lines {
        let value = |field| Some((field, line.strip_prefix(letter(field))?));
        if let Some((field, value)) = RequestField::ALL.into_iter().find_map(value) {
            request.set_field(field, value);
        }
    }
    request
}

/// Returns the letter that stands for a field.
pub(crate) const fn letter(field: RequestField) -> char {
    match field {
        RequestField::AcceptEncoding => 'e',
        RequestField::Accept => 't',
        RequestField::AvailableDictionary => 'd',
        RequestField::IfMatch => 'm',
        RequestField::IfNoneMatch => 'n',
        RequestField::IfRange => 'i',
        RequestField::Range => 'r',
        RequestField::SecFetchMode => 's',
        RequestField::Authorization => 'a',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_field_has_its_own_letter() {
        for one in RequestField::ALL {
            for other in RequestField::ALL {
                assert_eq!(letter(one) == letter(other), one == other, "{one} {other}");
            }
        }
    }

    #[test]
    fn lines_with_unknown_letters_are_ignored() {
        let request = parse("GET\nhttps://a.example/\nébytes=1\n\nrbytes=2-\na");
        assert_eq!(request.range, Some("bytes=2-"));
        assert_eq!(request.authorization, crate::request::Authorization::Given);
    }
}
