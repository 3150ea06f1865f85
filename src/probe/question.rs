//! The questions that are asked about a path.

use super::report::Asked;
use crate::asset::dictionary::available_dictionary;
use crate::asset::digest::ContentHash;

/// The user agent of all requests.
pub(crate) const USER_AGENT: &str = concat!("worker-pack/", env!("CARGO_PKG_VERSION"));

/// The hash of no dictionary.
pub(crate) const UNKNOWN_DICTIONARY: ContentHash = ContentHash::from_bytes([0; ContentHash::LEN]);

/// A question about a path: a request without what it takes from earlier answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Question {
    /// `GET`, accepting `br` and `gzip`, as browsers do.
    Usual,
    /// `GET`, accepting no content coding.
    Identity,
    /// `GET`, accepting `gzip` alone.
    Gzip,
    /// `GET`, naming the media types of pictures that browsers name.
    Pictures,
    /// `GET`, accepting `dcb` and naming a dictionary (RFC 9842 §2.2).
    WithDictionary {
        /// The hash of the dictionary.
        dictionary: ContentHash,
    },
    /// `HEAD`, accepting `br` and `gzip`.
    Head,
    /// `GET` with the entity tag of the first answer in `If-None-Match`.
    Unchanged,
    /// `GET` for some bytes, the last one of which has this position.
    Part {
        /// The position of the last byte.
        last: usize,
    },
    /// `GET` for bytes after the end of a body of this length.
    Beyond {
        /// The length of the body.
        len: usize,
    },
    /// `POST` without content. It is asked once in a run.
    Post,
}

impl Question {
    /// Returns the method.
    pub(crate) fn method(self) -> &'static str {
        match self {
            Self::Head => "HEAD",
            Self::Post => "POST",
            _ => "GET",
        }
    }

    /// Returns the value of `Accept-Encoding`.
    pub(crate) fn accept_encoding(self) -> &'static str {
        match self {
            Self::Usual | Self::Head | Self::Unchanged | Self::Post => "br, gzip",
            Self::Gzip => "gzip",
            Self::WithDictionary { .. } => "br, gzip, dcb",
            Self::Identity | Self::Pictures | Self::Part { .. } | Self::Beyond { .. } => "identity",
        }
    }

    /// Returns the value of `Accept`, if the question depends on it.
    pub(crate) fn accept(self) -> Option<&'static str> {
        (self == Self::Pictures).then_some("image/avif,image/webp,*/*;q=0.8")
    }

    /// Returns the value of `Available-Dictionary`.
    pub(crate) fn available_dictionary(self) -> Option<String> {
        match self {
            Self::WithDictionary { dictionary } => Some(available_dictionary(dictionary)),
            _ => None,
        }
    }

    /// Returns the value of `Range` (RFC 9110 §14.2).
    pub(crate) fn range(self) -> Option<String> {
        match self {
            Self::Part { last } => Some(format!("bytes=0-{last}")),
            Self::Beyond { len } => Some(format!("bytes={len}-")),
            _ => None,
        }
    }

    /// Returns whether the answer has no body, whatever its fields say (RFC 9112 §6.3).
    pub(crate) fn has_bodiless_answer(self) -> bool {
        matches!(self, Self::Head | Self::Unchanged)
    }

    /// Returns the name of the question in reports.
    pub(crate) fn asked(self) -> Asked {
        match self {
            Self::Usual => Asked::Usual,
            Self::Identity => Asked::Identity,
            Self::Gzip => Asked::Gzip,
            Self::Pictures => Asked::Pictures,
            Self::WithDictionary { dictionary } if dictionary == UNKNOWN_DICTIONARY => {
                Asked::UnknownDictionary
            }
            Self::WithDictionary { .. } => Asked::WithDictionary,
            Self::Head => Asked::Head,
            Self::Unchanged => Asked::Unchanged,
            Self::Part { .. } => Asked::Part,
            Self::Beyond { .. } => Asked::Beyond,
            Self::Post => Asked::Post,
        }
    }
}
