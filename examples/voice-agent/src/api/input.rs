//! Bodies of requests, up to a limit.

use futures_util::TryStreamExt as _;
use worker::Request;

use crate::problem::{Answer, Kind, Problem};

/// Returns the media type of the body without its parameters (RFC 9110 §8.3.1), in lower case.
pub(super) fn media_type(request: &Request) -> String {
    let field = request.headers().get("Content-Type").ok().flatten().unwrap_or_default();
    field.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Fails if the body has another media type.
pub(super) fn expect_type(request: &Request, expected: &str) -> Answer<()> {
    match &*media_type(request) {
        found if found == expected => Ok(()),
        "" => Err(unsupported(expected, "it is missing")),
        found => Err(unsupported(expected, &format!("it is `{found}`"))),
    }
}

/// Fails if the body is compressed: no endpoint decodes it (RFC 9110 §15.5.16).
pub(super) fn expect_no_coding(request: &Request) -> Answer<()> {
    let field = request.headers().get("Content-Encoding").ok().flatten().unwrap_or_default();
    if field.is_empty() || field.eq_ignore_ascii_case("identity") {
        return Ok(());
    }
    let detail = format!("the body has the content coding `{field}`; send it without one");
    let problem = Problem::new(Kind::UnsupportedMediaType, detail);
    Err(problem.with("Accept-Encoding", "identity"))
}

fn unsupported(expected: &str, found: &str) -> Problem {
    let detail = format!("the field `Content-Type` has to be `{expected}`; {found}");
    Problem::new(Kind::UnsupportedMediaType, detail).with("Accept", expected)
}

/// Returns the length that the request announces, in bytes.
pub(super) fn announced_len(request: &Request) -> Option<u64> {
    request.headers().get("Content-Length").ok().flatten()?.trim().parse().ok()
}

/// Reads a body of UTF-8. One that is longer than the limit in bytes is not read to its end.
pub(super) async fn text(request: &mut Request, most: usize) -> Answer<String> {
    let too_large = || {
        let detail = format!("the body has more than {most} bytes");
        Problem::new(Kind::TooLarge, detail)
    };
    if announced_len(request).is_some_and(|len| len > most as u64) {
        return Err(too_large());
    }
    if request.inner().body().is_none() {
        return Ok(String::new());
    }
    let mut bytes = Vec::new();
    let mut stream = request.stream()?;
    while let Some(chunk) = stream.try_next().await? {
        if bytes.len() + chunk.len() > most {
            return Err(too_large());
        }
        bytes.extend(chunk);
    }
    String::from_utf8(bytes)
        .map_err(|_| Problem::new(Kind::BadRequest, "the body has to be UTF-8; it is not"))
}

/// Returns a parameter of the query, decoded.
pub(super) fn query(request: &Request, name: &str) -> Answer<Option<String>> {
    let url = request.url()?;
    let found = url.query_pairs().find(|(found, _)| found == name);
    Ok(found.map(|(_, value)| value.into_owned()))
}
