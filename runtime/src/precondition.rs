//! Preconditions on the selected representation (RFC 9110 §13).

use crate::etag::{Comparison, ETag, is_exactly, list_names};
use crate::request::Request;

/// What the preconditions of a `GET` or `HEAD` come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Precondition {
    /// There is none, or all hold: the method is performed.
    Holds,
    /// `If-None-Match` names the selected representation: 304 (§15.4.5).
    NotModified,
    /// `If-Match` does not name it: 412 (§15.5.13).
    Failed,
}

impl Precondition {
    /// Evaluates the preconditions in the order of §13.2.2. There are no modification dates, so
    /// steps 2 and 4 never apply.
    pub(crate) fn evaluate(request: &Request<'_>, etag: ETag) -> Self {
        // 1. If-Match, by strong comparison.
        if let Some(field) = request.if_match
            && !list_names(field, etag, Comparison::Strong)
        {
            return Self::Failed;
        }
        // 3. If-None-Match, by weak comparison.
        if let Some(field) = request.if_none_match
            && list_names(field, etag, Comparison::Weak)
        {
            return Self::NotModified;
        }
        Self::Holds
    }
}

/// Returns whether a `Range` may be honoured: there is no `If-Range`, or it is the representation's
/// strong tag. A date never matches, as there is none to compare it with (§13.1.5).
pub(crate) fn range_applies(request: &Request<'_>, etag: ETag) -> bool {
    request.if_range.is_none_or(|field| is_exactly(field, etag))
}
