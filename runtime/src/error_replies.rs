//! Replies with an error, as a line of plain text.

use crate::body::Body;
use crate::negotiation::Chosen;
use crate::path::PathError;
use crate::reply::{Headers, NO_STORE, Reply};
use crate::request::Method;
use crate::rows::Asset;

/// Replies 412 (RFC 9110 §15.5.13).
pub(crate) fn precondition_failed<'t>(asset: &Asset<'_>) -> Reply<'t> {
    const TEXT: &str = "412 Precondition Failed\n";
    let mut headers = error_headers(TEXT);
    headers.add_vary(asset);
    Reply::new(412, headers, Body::memory(TEXT.as_bytes()))
}

/// Replies 416 (RFC 9110 §15.5.17).
pub(crate) fn unsatisfiable<'t>(asset: &Asset<'t>, chosen: Chosen<'t>) -> Reply<'t> {
    const TEXT: &str = "416 Range Not Satisfiable\n";
    let mut headers = error_headers(TEXT);
    headers.add("Content-Range", format!("bytes */{}", chosen.representation.body().len()));
    headers.add_vary(asset);
    Reply::new(416, headers, Body::memory(TEXT.as_bytes()))
}

/// Replies 405 (RFC 9110 §15.5.6).
pub(crate) fn method_not_allowed<'t>() -> Reply<'t> {
    const TEXT: &str = "405 Method Not Allowed\n";
    let mut headers = error_headers(TEXT);
    headers.add("Allow", Method::ALLOWED);
    Reply::new(405, headers, Body::memory(TEXT.as_bytes()))
}

/// Replies 414 (RFC 9110 §15.5.15).
pub(crate) fn uri_too_long<'t>() -> Reply<'t> {
    error(414, "414 URI Too Long: host, path and query have more than 16,384 bytes\n")
}

/// Replies 406 (RFC 9110 §15.5.7), which happens only if the client refuses identity and every other
/// coding of the asset.
pub(crate) fn not_acceptable<'t>() -> Reply<'t> {
    const TEXT: &str =
        "406 Not Acceptable: the client refuses every content coding of this resource\n";
    let mut headers = error_headers(TEXT);
    // Even for an asset without encoded representations, since this reply depends on the field.
    headers.add("Vary", "Accept-Encoding");
    Reply::new(406, headers, Body::memory(TEXT.as_bytes()))
}

/// Replies 400 to a path that cannot be decoded (RFC 9110 §15.5.1).
pub(crate) fn bad_path<'t>(reason: PathError) -> Reply<'t> {
    match reason {
        PathError::Nul => error(400, "400 Bad Request: the path contains a NUL\n"),
        PathError::NotAbsolute => error(400, "400 Bad Request: the path is not absolute\n"),
        PathError::MalformedEscape | PathError::NotUtf8 => {
            error(400, "400 Bad Request: malformed percent-encoding in the path\n")
        }
    }
}

/// Replies with a status and a line of text.
pub(crate) fn error<'t>(status: u16, text: &'static str) -> Reply<'t> {
    Reply::new(status, error_headers(text), Body::memory(text.as_bytes()))
}

fn error_headers<'t>(text: &'static str) -> Headers<'t> {
    let mut headers = Headers::new();
    headers.add("Content-Type", "text/plain; charset=utf-8");
    headers.add("Content-Length", text.len().to_string());
    headers.add("Cache-Control", NO_STORE);
    headers
}
