//! What is told about the name of each file that could have a fingerprint.

use serde::{Deserialize, Serialize};

use crate::feedback::diagnostic::Excerpt;
use crate::named::named;

/// A file that pages or style sheets load, with its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FingerprintReport {
    /// The route of the file.
    pub route: String,
    /// The second route of the file, with the hash of its bytes. `None` if it keeps its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprinted: Option<String>,
    /// The reason why it keeps its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<NameReason>,
    /// The place that is the reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<TextPlace>,
}

/// A place in a text of the build.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TextPlace {
    /// The text, relative to the packed folder.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// The column in characters, counted from 1.
    pub column: usize,
}

impl TextPlace {
    /// Returns the place of a byte of a text.
    pub(super) fn of(file: &str, bytes: &[u8], offset: usize) -> Self {
        // Bytes that are not UTF-8 before the place only change the column.
        let before = String::from_utf8_lossy(&bytes[..offset]);
        let Excerpt { line, column, .. } = Excerpt::at(&before, before.len());
        Self { file: file.to_owned(), line, column }
    }
}

named! {
    /// The reason why a file keeps its name.
    pub enum NameReason {
        /// Its name occurs outside of a reference, such as in a script.
        Mentioned = "mentioned",
        /// Programs ask for it by its name.
        WellKnown = "well-known",
        /// A page offers to save it under its name.
        Downloaded = "downloaded",
        /// A rule by path decides on its cache policy.
        ByRule = "by-rule",
        /// A redirect, a rule of `_headers` or the server would answer the new path otherwise.
        AnsweredOtherwise = "answered-otherwise",
        /// Another file has the new path, perhaps in other case.
        Taken = "taken",
        /// It is in a circle of style sheets that import each other.
        Circular = "circular",
    }
}

impl NameReason {
    /// Returns the reason in words.
    pub fn text(self) -> &'static str {
        match self {
            Self::Mentioned => "its name occurs outside of a reference",
            Self::WellKnown => "programs ask for it by its name",
            Self::Downloaded => "a page offers to save it",
            Self::ByRule => "a rule decides on its cache policy",
            Self::AnsweredOtherwise => "a rule of the site would answer the new path otherwise",
            Self::Taken => "another file has the new path",
            Self::Circular => "style sheets that import each other",
        }
    }
}
