//! Dictionaries of browsers (RFC 9842): where they come from, and how a client names the one that it has.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::digest::ContentHash;
use crate::named::named;

named! {
    /// The build that a dictionary comes from.
    #[derive(Default)]
    pub enum DictionaryOrigin {
        /// It is a copy of a page of this build, and shares its bodies.
        #[default]
        ThisBuild = "this-build",
        /// It is kept of an earlier build, since browsers have it, and pages announce it.
        EarlierBuild = "earlier-build",
        /// It is kept of an earlier build for browsers that have it. Pages announce another one.
        Replaced = "replaced",
    }
}

/// Returns the value of `Available-Dictionary` of clients that have a dictionary: a byte sequence of Structured
/// Fields (RFC 9842 §2.2, RFC 9651 §4.1.8).
pub(crate) fn available_dictionary(dictionary: ContentHash) -> String {
    format!(":{}:", BASE64_STANDARD.encode(dictionary.as_bytes()))
}
