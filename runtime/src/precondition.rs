//! Preconditions on the selected representation (RFC 9110 §13).

use crate::etag::{Comparison, ETag, is_exactly, list_contains};
use crate::request::Request;

/// The result of the preconditions of a `GET` or `HEAD`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Precondition {
    /// All hold, or the request has none: the method is performed.
    Holds,
    /// `If-None-Match` contains the tag of the selected representation: 304 (§15.4.5).
    NotModified,
    /// `If-Match` does not contain it: 412 (§15.5.13).
    Failed,
}

impl Precondition {
    /// Evaluates the preconditions in the order of §13.2.2. Assets have no modification dates, so steps
    /// 2 and 4 never apply.
    pub(crate) fn evaluate(request: &Request<'_>, etag: ETag) -> Self {
        // 1. If-Match, by strong comparison.
        if let Some(field) = request.if_match
            && !list_contains(field, etag, Comparison::Strong)
        {
            return Self::Failed;
        }
        // 3. If-None-Match, by weak comparison.
        if let Some(field) = request.if_none_match
            && is_listed(field, etag)
        {
            return Self::NotModified;
        }
        Self::Holds
    }
}

/// Returns whether a value of `If-None-Match` contains a tag.
pub(crate) fn is_listed(if_none_match: &str, etag: ETag) -> bool {
    list_contains(if_none_match, etag, Comparison::Weak)
}

/// Returns whether `Range` applies: `If-Range` is missing, or equals the representation's strong tag.
/// A date never matches, since assets have none (§13.1.5).
pub(crate) fn range_applies(request: &Request<'_>, etag: ETag) -> bool {
    request.if_range.is_none_or(|field| is_exactly(field, etag))
}
